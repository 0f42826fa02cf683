package io.sworn.filter.matcher;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides by which probe each rule is found. Few paths, so that few are looked up for an event, and
 * probes that few rules share, so that few rules are looked at.
 */
final class PartitionBuilder {

  /** A list so short is walked rather than divided further. */
  private static final int FEW = 4;

  /** A probe shared by no more rules is as good as one of its own. */
  private static final int SHARED_MAX = 8;

  /** Added where much fits: to bounds once, to mere existence twice. */
  private static final int UNSELECTIVE = 1 << 20;

  private static final int DEPTH_MAX = 5;

  /**
   * A rule stands behind each of its probes, and on the next level behind each of the others again;
   * this bounds how often.
   */
  private static final int COPIES_MAX = 64;

  /** Rules that ask for no more types of events are told apart by the type first. */
  private static final int TYPES_MAX = 16;

  /**
   * A rule that is not built yet: its parts must all hold.
   *
   * @param copies in how many places it stands
   */
  record Draft(int id, int filter, List<Part> parts, int copies) {

    /** Copies the parts. */
    Draft {
      parts = List.copyOf(parts);
    }

    Draft without(Access access) {
      Node exact = access.exact();
      List<Part> rest = new ArrayList<>();
      for (Part part : parts) {
        if (part.node() != exact) {
          List<Access> others = new ArrayList<>(part.accesses());
          others.remove(access);
          rest.add(new Part(part.node(), others));
        }
      }
      return new Draft(id, filter, rest, copies * Math.max(1, access.probes().size()));
    }

    /** The ways to find the rule, but for those that would copy it too often. */
    List<Access> accesses() {
      List<Access> all = new ArrayList<>();
      for (Part part : parts) {
        for (Access access : part.accesses()) {
          int probes = access.probes().size();
          if (probes <= 1 || copies == 1 || (long) copies * probes <= COPIES_MAX) {
            all.add(access);
          }
        }
      }
      return all;
    }

    Rule rule() {
      List<Node> nodes = parts.stream().map(Part::node).toList();
      Node rest = nodes.isEmpty() ? null : nodes.size() == 1 ? nodes.get(0) : new Node.All(nodes);
      return new Rule(id, filter, rest);
    }
  }

  /** One condition of a rule and the ways to find the rule by it. */
  record Part(Node node, List<Access> accesses) {

    /** Copies the accesses. */
    Part {
      accesses = List.copyOf(accesses);
    }
  }

  private PartitionBuilder() {}

  static Partition build(List<Draft> drafts) {
    return build(drafts, 0);
  }

  /**
   * By what each rule is found at the top; rules that are looked at for every event are left out.
   */
  static Map<Draft, Access> choose(List<Draft> drafts) {
    return choose(drafts, 0);
  }

  private static Partition build(List<Draft> drafts, int depth) {
    if (depth >= DEPTH_MAX || depth > 0 && drafts.size() <= FEW) {
      return new Partition(drafts.stream().map(Draft::rule).toList(), Map.of());
    }
    Map<Draft, Access> chosen = choose(drafts, depth);
    List<Rule> always = new ArrayList<>();
    Map<Path, Map<Probe, List<Draft>>> groups = new LinkedHashMap<>();
    for (Draft draft : drafts) {
      Access access = chosen.get(draft);
      if (access == null) {
        always.add(draft.rule());
        continue;
      }
      Draft rest = draft.without(access);
      for (Probe probe : access.probes()) {
        List<Draft> group =
            groups
                .computeIfAbsent(probe.path(), path -> new LinkedHashMap<>())
                .computeIfAbsent(probe, p -> new ArrayList<>());
        if (group.isEmpty() || group.get(group.size() - 1) != rest) { // a value written twice
          group.add(rest);
        }
      }
    }
    Map<Path, Map<Probe, Partition>> indexed = new LinkedHashMap<>();
    groups.forEach(
        (path, probes) -> {
          Map<Probe, Partition> targets = new LinkedHashMap<>();
          probes.forEach((probe, group) -> targets.put(probe, build(group, depth + 1)));
          indexed.put(path, targets);
        });
    return new Partition(always, indexed);
  }

  /** The access of each draft; drafts without one are left out. */
  private static Map<Draft, Access> choose(List<Draft> drafts, int depth) {
    Map<Probe, Integer> sharers = new HashMap<>();
    Map<Draft, List<Access>> candidates = new IdentityHashMap<>();
    Map<Draft, Access> chosen = new IdentityHashMap<>();
    List<Draft> open = new ArrayList<>();
    for (Draft draft : drafts) {
      List<Access> all = draft.accesses();
      Access byType = depth == 0 ? byType(all) : null;
      if (byType != null) {
        chosen.put(draft, byType);
      } else {
        open.add(draft);
        candidates.put(draft, all);
        all.forEach(
            access -> access.probes().forEach(probe -> sharers.merge(probe, 1, Integer::sum)));
      }
    }
    for (Path path = widest(open, candidates, sharers);
        path != null;
        path = widest(open, candidates, sharers)) {
      Path best = path;
      open.removeIf(
          draft -> {
            Access access = selective(candidates.get(draft), best, sharers);
            if (access != null) {
              chosen.put(draft, access);
            }
            return access != null;
          });
    }
    for (Draft draft : open) {
      Access access = least(candidates.get(draft), sharers, null);
      if (access != null) {
        chosen.put(draft, access);
      }
    }
    askSharedFirst(chosen);
    return chosen;
  }

  /**
   * If all rules that a path tells apart need the same value of another path, that is asked first:
   * one look spares most events the other.
   */
  private static void askSharedFirst(Map<Draft, Access> chosen) {
    Map<Path, List<Draft>> byPath = new LinkedHashMap<>();
    chosen.forEach(
        (draft, access) -> {
          Path path = access.path();
          if (path != null && !path.isType()) {
            byPath.computeIfAbsent(path, p -> new ArrayList<>()).add(draft);
          }
        });
    byPath.forEach(
        (path, drafts) -> {
          if (drafts.size() > FEW) {
            Access shared = shared(path, drafts);
            if (shared != null) {
              drafts.forEach(draft -> chosen.put(draft, shared));
            }
          }
        });
  }

  private static @Nullable Access shared(Path path, List<Draft> drafts) {
    Set<Access> shared = null;
    for (Draft draft : drafts) {
      Set<Access> own = new LinkedHashSet<>();
      for (Access access : draft.accesses()) {
        if (access.probes().size() == 1
            && access.rank() == Probe.Kind.EQUAL.ordinal()
            && access.path() != path) {
          own.add(access);
        }
      }
      if (shared == null) {
        shared = own;
      } else {
        shared.retainAll(own);
      }
      if (shared.isEmpty()) {
        return null;
      }
    }
    return shared == null ? null : shared.iterator().next();
  }

  /** The type of an event is found first of all, and tells most rules apart. */
  private static @Nullable Access byType(List<Access> all) {
    for (Access access : all) {
      Path path = access.path();
      if (path != null
          && path.isType()
          && access.probes().size() <= TYPES_MAX
          && access.rank() == Probe.Kind.EQUAL.ordinal()) {
        return access;
      }
    }
    return null;
  }

  /** The path by which most open drafts can be told from nearly all others; null if none can. */
  private static @Nullable Path widest(
      List<Draft> open, Map<Draft, List<Access>> candidates, Map<Probe, Integer> sharers) {
    Map<Path, Integer> covered = new LinkedHashMap<>();
    for (Draft draft : open) {
      List<Path> paths = new ArrayList<>(2);
      for (Access access : candidates.getOrDefault(draft, List.of())) {
        Path path = access.path();
        if (path != null && !paths.contains(path) && weight(access, sharers) <= SHARED_MAX) {
          paths.add(path);
          covered.merge(path, 1, Integer::sum);
        }
      }
    }
    return covered.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(null);
  }

  private static @Nullable Access selective(
      @Nullable List<Access> all, Path path, Map<Probe, Integer> sharers) {
    Access best = least(all, sharers, path);
    return best != null && weight(best, sharers) <= SHARED_MAX ? best : null;
  }

  private static @Nullable Access least(
      @Nullable List<Access> all, Map<Probe, Integer> sharers, @Nullable Path only) {
    Access best = null;
    int least = Integer.MAX_VALUE;
    for (Access access : all == null ? List.<Access>of() : all) {
      int weight = weight(access, sharers);
      if ((only == null || only.equals(access.path())) && weight < least) {
        best = access;
        least = weight;
      }
    }
    return best;
  }

  /** How many rules share the busiest probe; a bound lets half of everything through. */
  private static int weight(Access access, Map<Probe, Integer> sharers) {
    int weight = 0;
    for (Probe probe : access.probes()) {
      int shared = sharers.getOrDefault(probe, 0);
      weight =
          Math.max(
              weight,
              switch (probe.kind()) {
                case EQUAL, PREFIX -> shared;
                case RANGE -> UNSELECTIVE + shared;
                case EXISTS -> 2 * UNSELECTIVE + shared;
              });
    }
    return weight;
  }
}
