package io.sworn.filter.matcher;

import io.sworn.filter.FilterCost;
import io.sworn.filter.language.BoundedPattern;
import io.sworn.filter.language.Condition;
import io.sworn.filter.language.Condition.Relation;
import io.sworn.filter.language.FieldPath;
import io.sworn.filter.language.Predicate;
import io.sworn.filter.matcher.PartitionBuilder.Draft;
import io.sworn.filter.matcher.PartitionBuilder.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonValue;

/** From parsed filters to rules. Equal conditions become one node. */
final class MatcherCompiler {

  private static final int FEW_LITERALS = 4;

  private final Map<FieldPath, Path> paths = new HashMap<>();
  private final Map<Object, Node.Field> fields = new HashMap<>();
  private final Map<BoundedPattern, PatternTest> patterns = new HashMap<>();
  private final Map<BsonValue, Literal> literals = new IdentityHashMap<>();
  private final Map<String, Literal> texts = new HashMap<>();
  private final List<Draft> drafts = new ArrayList<>();

  /** Adds a filter; each of its alternatives is a rule. */
  void add(int filter, Predicate predicate) {
    if (predicate instanceof Predicate.Any any) {
      any.parts().forEach(part -> add(filter, part));
      return;
    }
    if (predicate instanceof Predicate.All all && all.parts().size() == 1) {
      add(filter, all.parts().get(0));
      return;
    }
    List<Part> parts = new ArrayList<>();
    conjunction(predicate, parts);
    parts.sort(Comparator.comparingInt(part -> cost(part.node())));
    drafts.add(new Draft(drafts.size(), filter, parts, 1));
  }

  Partition build() {
    return PartitionBuilder.build(drafts);
  }

  /** What {@link #build} decides at its top, and the patterns that are searched for. */
  FilterCost cost() {
    Map<Draft, Access> chosen = PartitionBuilder.choose(drafts);
    List<FilterCost.Way> ways = new ArrayList<>();
    for (Draft draft : drafts) {
      ways.add(new FilterCost.Way(Optional.ofNullable(chosen.get(draft)).map(Access::text)));
    }
    List<String> searches =
        patterns.values().stream()
            .filter(pattern -> !pattern.isPrefix())
            .sorted(Comparator.comparingInt(pattern -> pattern.id))
            .map(pattern -> pattern.pattern.toString())
            .toList();
    return new FilterCost(ways, searches, BoundedPattern.STEPS_MAX);
  }

  Judging.Sizes sizes(int filters) {
    return new Judging.Sizes(paths.size(), fields.size(), patterns.size(), drafts.size(), filters);
  }

  private void conjunction(Predicate predicate, List<Part> parts) {
    if (predicate instanceof Predicate.All all) {
      all.parts().forEach(part -> conjunction(part, parts));
    } else {
      parts.add(part(predicate));
    }
  }

  /** A part of a rule, with the ways to find the rule by it. */
  private Part part(Predicate predicate) {
    if (predicate instanceof Predicate.Field field) {
      return field(field);
    }
    if (predicate instanceof Predicate.All all) {
      List<Part> parts = all.parts().stream().map(this::part).toList();
      List<Access> accesses = new ArrayList<>();
      parts.forEach(
          part -> part.accesses().forEach(a -> accesses.add(new Access(a.probes(), null))));
      return new Part(new Node.All(parts.stream().map(Part::node).toList()), accesses);
    }
    if (predicate instanceof Predicate.Any any) {
      return alternatives(any.parts().stream().map(this::part).toList());
    }
    if (predicate instanceof Predicate.Not not) {
      return not.part() instanceof Predicate.Not twice
          ? part(twice.part())
          : new Part(new Node.Not(part(not.part()).node()), List.of());
    }
    throw new AssertionError("unknown predicate " + predicate.getClass());
  }

  /** One of these must hold, so one probe of one of them must answer yes. */
  private static Part alternatives(List<Part> parts) {
    Node node = new Node.Any(parts.stream().map(Part::node).toList());
    List<Probe> probes = new ArrayList<>();
    boolean exact = true;
    for (Part part : parts) {
      Access best =
          part.accesses().stream()
              .min(Comparator.comparingInt(Access::rank).thenComparingInt(a -> a.probes().size()))
              .orElse(null);
      if (best == null) {
        return new Part(node, List.of());
      }
      probes.addAll(best.probes());
      exact &= best.exact() == part.node();
    }
    return new Part(node, List.of(new Access(probes, exact ? node : null)));
  }

  private Part field(Predicate.Field field) {
    Path path = paths.computeIfAbsent(field.path(), p -> new Path(paths.size(), p));
    Condition condition = field.condition();
    Node.Field node =
        fields.computeIfAbsent(
            List.of(path.id, key(condition)),
            k -> new Node.Field(fields.size(), path, test(condition)));
    List<Probe> probes = probes(path, condition);
    if (!probes.isEmpty()) {
      return new Part(node, List.of(new Access(probes, node)));
    }
    return new Part(
        node,
        condition instanceof Condition.HasElement element
            ? ofElement(field.path(), element)
            : List.of());
  }

  /** What equal conditions share; a document's equality would overlook the order of its keys. */
  private Object key(Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      return List.of(compare.relation(), literal(compare.value()));
    }
    if (condition instanceof Condition.OneOf oneOf) {
      return List.of(oneOf.values().stream().map(this::literal).toList(), oneOf.patterns());
    }
    if (condition instanceof Condition.HasElement) {
      return new Object(); // not worth a comparison of trees
    }
    return condition;
  }

  private List<Probe> probes(Path path, Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      return compare(path, compare);
    }
    if (condition instanceof Condition.OneOf oneOf) {
      List<Probe> probes = new ArrayList<>();
      oneOf.values().forEach(value -> probes.add(Probe.equal(path, literal(value))));
      for (Condition.Matches matches : oneOf.patterns()) {
        PatternTest pattern = pattern(matches.pattern());
        if (!pattern.isPrefix()) {
          return List.of();
        }
        probes.add(Probe.prefix(path, pattern));
      }
      return probes;
    }
    if (condition instanceof Condition.Matches matches) {
      PatternTest pattern = pattern(matches.pattern());
      return pattern.isPrefix() ? List.of(Probe.prefix(path, pattern)) : List.of();
    }
    return condition instanceof Condition.Exists ? List.of(Probe.exists(path)) : List.of();
  }

  private List<Probe> compare(Path path, Condition.Compare compare) {
    Literal literal = literal(compare.value());
    if (compare.relation() == Relation.EQUAL) {
      return List.of(Probe.equal(path, literal));
    }
    // Bounds that values of another class or NaN can meet are not looked up.
    boolean unusual =
        literal.isNaN
            || literal.type == EncodedBson.NULL
            || literal.type == EncodedBson.MIN_KEY
            || literal.type == EncodedBson.MAX_KEY;
    return unusual ? List.of() : List.of(Probe.range(path, compare.relation(), literal));
  }

  /**
   * An element with a member equal to a value means that the path to that member leads to the
   * value. Not so for numeric names, which can mean the elements of an array in the array.
   */
  private List<Access> ofElement(FieldPath outer, Condition.HasElement element) {
    List<Access> accesses = new ArrayList<>();
    List<Predicate> parts =
        element.element() instanceof Predicate.All all ? all.parts() : List.of(element.element());
    for (Predicate part : parts) {
      if (element.documents()
          && part instanceof Predicate.Field inner
          && inner.path().arrayIndex(0) < 0) {
        FieldPath whole = FieldPath.of(outer + "." + inner.path());
        Path path = paths.computeIfAbsent(whole, p -> new Path(paths.size(), p));
        List<Probe> probes =
            equalities(inner.condition()) ? probes(path, inner.condition()) : List.of();
        if (!probes.isEmpty()) {
          accesses.add(new Access(probes, null));
        }
      }
    }
    return accesses;
  }

  private static boolean equalities(Condition condition) {
    List<BsonValue> values =
        condition instanceof Condition.Compare compare && compare.relation() == Relation.EQUAL
            ? List.of(compare.value())
            : condition instanceof Condition.OneOf oneOf ? oneOf.values() : List.of();
    return !values.isEmpty() && values.stream().noneMatch(BsonValue::isNull);
  }

  /** Each value of a filter is encoded once, the same text of all filters too. */
  private Literal literal(BsonValue value) {
    return value.isString()
        ? texts.computeIfAbsent(value.asString().getValue(), text -> new Literal(value))
        : literals.computeIfAbsent(value, Literal::new);
  }

  private PatternTest pattern(BoundedPattern pattern) {
    return patterns.computeIfAbsent(pattern, p -> new PatternTest(patterns.size(), p));
  }

  private ValueTest test(Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      Literal literal = literal(compare.value());
      return compare.relation() == Relation.EQUAL
          ? new ValueTest.OneOf(List.of(literal), List.of())
          : new ValueTest.Ordered(compare.relation(), literal);
    }
    if (condition instanceof Condition.OneOf oneOf) {
      List<Literal> literals = oneOf.values().stream().map(this::literal).toList();
      return oneOf.patterns().isEmpty() && literals.size() > FEW_LITERALS
          ? new ValueTest.OneOfMany(literals)
          : new ValueTest.OneOf(
              literals, oneOf.patterns().stream().map(m -> pattern(m.pattern())).toList());
    }
    if (condition instanceof Condition.Matches matches) {
      return pattern(matches.pattern());
    }
    if (condition instanceof Condition.Exists) {
      return new ValueTest.Exists();
    }
    if (condition instanceof Condition.HasType type) {
      return new ValueTest.HasType(type);
    }
    if (condition instanceof Condition.Size size) {
      return new ValueTest.Size(size);
    }
    if (condition instanceof Condition.HasElement element) {
      return new ValueTest.HasElement(inElement(element.element()), element.documents());
    }
    if (condition instanceof Condition.InNetwork in) {
      return new ValueTest.InNetwork(in.networks());
    }
    if (condition instanceof Condition.Modulo modulo) {
      return new ValueTest.Modulo(modulo);
    }
    return new ValueTest.Rare(condition);
  }

  private Node inElement(Predicate predicate) {
    if (predicate instanceof Predicate.All all) {
      return new Node.All(all.parts().stream().map(this::inElement).toList());
    }
    if (predicate instanceof Predicate.Any any) {
      return new Node.Any(any.parts().stream().map(this::inElement).toList());
    }
    if (predicate instanceof Predicate.Not not) {
      return new Node.Not(inElement(not.part()));
    }
    if (predicate instanceof Predicate.Field field) {
      return new Node.ElementField(new Path(-1, field.path()), test(field.condition()));
    }
    throw new AssertionError("unknown predicate " + predicate.getClass());
  }

  /** Roughly, so that cheap conditions come first. */
  private static int cost(Node node) {
    if (node instanceof Node.Field field) {
      ValueTest test = field.test;
      boolean dear =
          test instanceof PatternTest pattern && !pattern.isPrefix()
              || test instanceof ValueTest.HasElement
              || test instanceof ValueTest.Rare;
      return dear ? 10 : 1;
    }
    Node[] parts =
        node instanceof Node.All all
            ? all.parts
            : node instanceof Node.Any any
                ? any.parts
                : node instanceof Node.Not not ? new Node[] {not.part} : new Node[0];
    int sum = 0;
    for (Node part : parts) {
      sum += cost(part);
    }
    return sum;
  }
}
