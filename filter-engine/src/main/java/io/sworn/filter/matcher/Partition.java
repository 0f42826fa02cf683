package io.sworn.filter.matcher;

import io.sworn.filter.matcher.Probe.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules, found by what the event holds: cost follows those that can match. Immutable. */
final class Partition {

  private final Rule[] always;
  private final PathIndex[] indexes;

  /**
   * @param always rules without a useful probe
   * @param indexed per path, what each probe leads to
   */
  Partition(List<Rule> always, Map<Path, Map<Probe, Partition>> indexed) {
    this.always = always.toArray(new Rule[0]);
    List<PathIndex> all = new ArrayList<>();
    indexed.forEach((path, targets) -> all.add(new PathIndex(path, targets)));
    this.indexes = all.toArray(new PathIndex[0]);
  }

  void visit(Judging judging) {
    for (Rule rule : always) {
      judging.fire(rule);
    }
    for (PathIndex index : indexes) {
      index.visit(judging);
    }
  }

  /** All probes of one path. */
  private static final class PathIndex {

    private final Path path;
    private final @Nullable ValueTable<Partition> equal;
    private final @Nullable PrefixIndex prefixes;
    private final @Nullable RangeIndex ranges;
    private final @Nullable Partition present;

    PathIndex(Path path, Map<Probe, Partition> targets) {
      this.path = path;
      ValueTable<Partition> table = new ValueTable<>();
      List<PrefixIndex.Entry> begins = new ArrayList<>();
      List<RangeIndex.Entry> bounds = new ArrayList<>();
      Partition exists = null;
      for (Map.Entry<Probe, Partition> entry : targets.entrySet()) {
        Probe probe = entry.getKey();
        Partition target = entry.getValue();
        Literal literal = probe.literal();
        PatternTest pattern = probe.pattern();
        if (probe.kind() == Kind.EXISTS) {
          exists = target;
        } else if (pattern != null) {
          begins.add(new PrefixIndex.Entry(PatternTest.bytes(pattern), pattern, target));
        } else if (literal != null && probe.relation() != null) {
          bounds.add(new RangeIndex.Entry(probe.relation(), literal, target));
        } else if (literal != null) {
          table.put(literal, target);
        }
      }
      equal = table.isEmpty() ? null : table;
      prefixes = begins.isEmpty() ? null : new PrefixIndex(begins);
      ranges = bounds.isEmpty() ? null : new RangeIndex(bounds);
      present = exists;
    }

    void visit(Judging judging) {
      Values values = judging.values();
      int begin = judging.locate(path);
      int end = judging.end(path);
      for (int i = begin; i < end; i++) {
        if (equal != null) {
          equal(judging, values, i, equal);
        }
        if (prefixes != null) {
          prefixes.visit(judging, values, i);
        }
        if (ranges != null) {
          ranges.visit(judging, values, i);
        }
        if (present != null && values.type(i) != EncodedBson.MISSING) {
          present.visit(judging);
        }
      }
    }

    private static void equal(Judging judging, Values values, int i, ValueTable<Partition> table) {
      for (int at = table.first(values, i); at >= 0; at = table.next(at, values, i)) {
        Partition target = table.at(at);
        if (target != null) {
          target.visit(judging);
        }
      }
    }
  }
}
