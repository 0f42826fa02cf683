package io.sworn.filter.lint;

import io.sworn.filter.Decision;
import io.sworn.filter.language.Condition;
import io.sworn.filter.language.Evaluator;
import io.sworn.filter.language.FieldPath;
import io.sworn.filter.language.Predicate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Which decisions a filter can come to at all. Tries every case: each sample of the paths that have
 * one value, and both answers of every other condition, each as often as it stands in the filter.
 * What cannot happen together may be tried too, so a decision that is found may be impossible, but
 * one that is not found is. Bounded: gives up on a filter with too many cases.
 */
final class Outcomes {

  /** How many conditions may be looked at for one filter; some tens of milliseconds. */
  static final int STEPS_MAX = 500_000;

  private static final int DEPTH_MAX = 400;

  private static final int YES = 1;
  private static final int NO = 2;
  private static final int UNKNOWN = 4;

  /** Steps that are left, shared by all questions about one filter. */
  static final class Budget {
    private int steps = STEPS_MAX;
  }

  /**
   * A condition at its place.
   *
   * @param path set if samples are tried for it
   * @param key equal for equal conditions on one path
   * @param answers what it can say if it is not asked of a sample
   */
  private record Leaf(@Nullable FieldPath path, Condition condition, Object key, int answers) {}

  private final Predicate root;
  private final Budget budget;
  private final Map<Predicate.Field, Leaf> leaves = new IdentityHashMap<>();
  private final Map<FieldPath, List<Samples.Sample>> samples = new HashMap<>();

  private final Map<FieldPath, Samples.Sample> chosen = new HashMap<>();
  private final Map<Object, Integer> assumed = new HashMap<>();
  private @Nullable Leaf open;
  private int seen;

  private Outcomes(Predicate root, Shape.Schema schema, Budget budget) {
    this.root = root;
    this.budget = budget;
    Map<FieldPath, List<Condition>> conditions = new LinkedHashMap<>();
    List<Predicate.Field> fields = new ArrayList<>();
    collect(root, fields);
    for (Predicate.Field field : fields) {
      Shape shape = Shape.of(field.path(), schema);
      if (shape != null && shape.ordered()) {
        conditions.computeIfAbsent(field.path(), p -> new ArrayList<>()).add(field.condition());
      }
    }
    conditions.forEach(
        (path, all) -> {
          Shape shape = Shape.of(path, schema);
          List<Samples.Sample> of = shape == null ? null : Samples.of(shape, all);
          if (of != null) {
            samples.put(path, of);
          }
        });
    fields.forEach(field -> leaves.put(field, leaf(field, Shape.of(field.path(), schema))));
  }

  /**
   * The only decision that the filter can come to; empty if there are several, or too many cases.
   */
  static Optional<Decision> only(Predicate predicate, Shape.Schema schema, Budget budget) {
    if (budget.steps <= 0) {
      return Optional.empty();
    }
    Outcomes outcomes = new Outcomes(predicate, schema, budget);
    outcomes.explore(0);
    if (budget.steps <= 0) {
      return Optional.empty();
    }
    return switch (outcomes.seen) {
      case YES -> Optional.of(Decision.KEEP);
      case NO -> Optional.of(Decision.DROP);
      default -> Optional.empty();
    };
  }

  private static void collect(Predicate predicate, List<Predicate.Field> to) {
    if (predicate instanceof Predicate.All all) {
      all.parts().forEach(part -> collect(part, to));
    } else if (predicate instanceof Predicate.Any any) {
      any.parts().forEach(part -> collect(part, to));
    } else if (predicate instanceof Predicate.Not not) {
      collect(not.part(), to);
    } else if (predicate instanceof Predicate.Field field) {
      to.add(field);
    }
  }

  private Leaf leaf(Predicate.Field field, @Nullable Shape shape) {
    Condition condition = field.condition();
    boolean excluded = shape != null ? shape.excludes(condition) : never(condition);
    int answers = excluded ? NO : searches(condition) ? YES | NO | UNKNOWN : YES | NO;
    Object key = plain(condition) ? List.of(field.path(), condition) : new Object();
    return new Leaf(
        !excluded && samples.containsKey(field.path()) ? field.path() : null,
        condition,
        key,
        answers);
  }

  /** Whether nothing at all meets the condition. */
  private static boolean never(Condition condition) {
    return condition instanceof Condition.OneOf oneOf
            && oneOf.values().isEmpty()
            && oneOf.patterns().isEmpty()
        || condition instanceof Condition.Compare compare
            && compare.value().isNull()
            && (compare.relation() == Condition.Relation.LESS
                || compare.relation() == Condition.Relation.GREATER);
  }

  /** Whether it may run a search that gives up. */
  private static boolean searches(Condition condition) {
    if (condition instanceof Condition.OneOf oneOf) {
      return oneOf.patterns().stream().anyMatch(Outcomes::searches);
    }
    return condition instanceof Condition.Matches matches
            && matches.pattern().literalPrefix() == null
        || condition instanceof Condition.HasElement;
  }

  /** Whether conditions that are equal as objects mean the same: documents overlook their order. */
  private static boolean plain(Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      return scalar(compare.value());
    }
    if (condition instanceof Condition.OneOf oneOf) {
      return oneOf.values().stream().allMatch(Outcomes::scalar);
    }
    return !(condition instanceof Condition.HasElement);
  }

  private static boolean scalar(BsonValue value) {
    return value.isArray()
        ? value.asArray().stream().allMatch(Outcomes::scalar)
        : !value.isDocument() && !value.isJavaScriptWithScope();
  }

  private void explore(int depth) {
    open = null;
    int possible = evaluate(root);
    Leaf first = open;
    if (depth > DEPTH_MAX) {
      budget.steps = 0;
    }
    if (budget.steps <= 0 || Integer.bitCount(seen) > 1 || (possible & ~seen) == 0) {
      return;
    }
    if (first == null || Integer.bitCount(possible) == 1) {
      seen |= possible;
      return;
    }
    FieldPath path = first.path();
    if (path != null && !chosen.containsKey(path)) {
      for (Samples.Sample sample : samples.getOrDefault(path, List.of())) {
        chosen.put(path, sample);
        explore(depth + 1);
      }
      chosen.remove(path);
      return;
    }
    for (int answer = YES; answer <= UNKNOWN; answer <<= 1) {
      if ((first.answers() & answer) != 0) {
        assumed.put(first.key(), answer);
        explore(depth + 1);
      }
    }
    assumed.remove(first.key());
  }

  /** The decisions that are still possible, as bits; notes the first condition that is open. */
  private int evaluate(Predicate predicate) {
    budget.steps--;
    if (predicate instanceof Predicate.Not not) {
      int part = evaluate(not.part());
      return part & UNKNOWN | (part & YES) << 1 | (part & NO) >> 1;
    }
    if (predicate instanceof Predicate.All all) {
      return combine(all.parts(), YES, NO);
    }
    if (predicate instanceof Predicate.Any any) {
      return combine(any.parts(), NO, YES);
    }
    if (predicate instanceof Predicate.Field field) {
      return answers(java.util.Objects.requireNonNull(leaves.get(field)));
    }
    throw new AssertionError("unknown predicate " + predicate.getClass());
  }

  /** All: neutral is yes and no wins. Any: the other way round. */
  private int combine(List<Predicate> parts, int neutral, int winner) {
    int result = neutral;
    for (int i = 0; i < parts.size() && result != winner; i++) {
      int part = evaluate(parts.get(i));
      int both = result & part & neutral | (result | part) & winner;
      boolean unknown =
          (result & UNKNOWN) != 0 && (part & (UNKNOWN | neutral)) != 0
              || (part & UNKNOWN) != 0 && (result & (UNKNOWN | neutral)) != 0;
      result = unknown ? both | UNKNOWN : both;
    }
    return result;
  }

  private int answers(Leaf leaf) {
    if (leaf.path() != null) {
      Samples.Sample sample = chosen.get(leaf.path());
      if (sample == null) {
        return open(leaf);
      }
      BsonValue value = sample.value();
      if (sample.alone() || steady(leaf.condition(), value)) {
        return switch (Evaluator.test(leaf.condition(), value)) {
          case KEEP -> YES;
          case DROP -> NO;
          case UNDECIDABLE -> UNKNOWN;
        };
      }
    }
    Integer answer = assumed.get(leaf.key());
    return answer != null ? answer : Integer.bitCount(leaf.answers()) == 1 ? NO : open(leaf);
  }

  private int open(Leaf leaf) {
    if (open == null) {
      open = leaf;
    }
    return leaf.answers();
  }

  /** Whether the condition says the same of all values that a sample stands for. */
  private static boolean steady(Condition condition, @Nullable BsonValue value) {
    if (condition instanceof Condition.Modulo || condition instanceof Condition.Bits) {
      return value == null || !value.isNumber();
    }
    if (condition instanceof Condition.InNetwork) {
      return value == null || !value.isString();
    }
    return !searches(condition) || value == null || !value.isString();
  }
}
