package io.sworn.filter.matcher;

import io.sworn.filter.language.BsonOrder;
import io.sworn.filter.language.Condition;
import io.sworn.filter.language.Condition.Relation;
import io.sworn.filter.language.Evaluator;
import io.sworn.filter.language.Networks;
import java.util.List;

/** A condition on one value, ready for encoded values. Immutable. */
abstract class ValueTest {

  /** What the condition says of value {@code i}; the value may be missing. */
  abstract int of(Judging judging, Values values, int i);

  /** Whether only an array as a whole can meet it, and never its elements. */
  boolean wholeArrays() {
    return false;
  }

  /** Equal to one of a few literals, or matched by one of a few others. */
  static final class OneOf extends ValueTest {
    private final Literal[] literals;
    private final PatternTest[] patterns;

    OneOf(List<Literal> literals, List<PatternTest> patterns) {
      this.literals = literals.toArray(new Literal[0]);
      this.patterns = patterns.toArray(new PatternTest[0]);
    }

    @Override
    int of(Judging judging, Values values, int i) {
      for (Literal literal : literals) {
        if (literal.equalTo(values, i)) {
          return Truth.YES;
        }
      }
      int truth = Truth.NO;
      for (int k = 0; k < patterns.length && truth != Truth.YES; k++) {
        truth = Math.max(truth, patterns[k].of(judging, values, i));
      }
      return truth;
    }
  }

  /** Equal to one of many literals. */
  static final class OneOfMany extends ValueTest {
    private final ValueTable<Literal> table = new ValueTable<>();

    OneOfMany(List<Literal> literals) {
      literals.forEach(literal -> table.put(literal, literal));
    }

    @Override
    int of(Judging judging, Values values, int i) {
      return Truth.of(table.has(values, i));
    }
  }

  /** {@code $gt $gte $lt $lte}. */
  static final class Ordered extends ValueTest {
    private final Relation relation;
    private final Literal literal;

    Ordered(Relation relation, Literal literal) {
      this.relation = relation;
      this.literal = literal;
    }

    @Override
    int of(Judging judging, Values values, int i) {
      return Truth.of(holds(relation, literal, values, i));
    }

    static boolean holds(Relation relation, Literal literal, Values values, int i) {
      int type = values.type(i);
      boolean orEqual = relation == Relation.GREATER_OR_EQUAL || relation == Relation.LESS_OR_EQUAL;
      if (literal.type == EncodedBson.NULL) {
        return orEqual && literal.equalTo(values, i);
      }
      if (type == EncodedBson.MISSING || EncodedOrder.typeClass(type) != literal.typeClass) {
        boolean greater = relation == Relation.GREATER || relation == Relation.GREATER_OR_EQUAL;
        return literal.type == (greater ? EncodedBson.MIN_KEY : EncodedBson.MAX_KEY);
      }
      if (literal.isNaN || isNaN(values, i)) {
        return literal.isNaN && isNaN(values, i) && orEqual;
      }
      int order = literal.order(values, i);
      return switch (relation) {
        case EQUAL -> order == 0;
        case LESS -> order < 0;
        case LESS_OR_EQUAL -> order <= 0;
        case GREATER -> order > 0;
        case GREATER_OR_EQUAL -> order >= 0;
      };
    }

    static boolean isNaN(Values values, int i) {
      return switch (values.type(i)) {
        case EncodedBson.DOUBLE -> Double.isNaN(Double.longBitsToDouble(values.bits(i)));
        case EncodedBson.DECIMAL ->
            BsonOrder.isNaN(
                EncodedBson.decode(values.buffer(i), EncodedBson.DECIMAL, values.start(i)));
        default -> false;
      };
    }
  }

  /** {@code $exists}. */
  static final class Exists extends ValueTest {
    @Override
    int of(Judging judging, Values values, int i) {
      return Truth.of(values.type(i) != EncodedBson.MISSING);
    }
  }

  /** {@code $type}: bits of a set of types. */
  static final class HasType extends ValueTest {
    private final boolean[] types = new boolean[256];

    HasType(Condition.HasType condition) {
      condition.types().forEach(type -> types[type.getValue() & 0xFF] = true);
      types[EncodedBson.MISSING] = false;
    }

    @Override
    int of(Judging judging, Values values, int i) {
      return Truth.of(types[values.type(i)]);
    }
  }

  /** {@code $size}. */
  static final class Size extends ValueTest {
    private final long elements;

    Size(Condition.Size condition) {
      elements = condition.elements();
    }

    @Override
    boolean wholeArrays() {
      return true;
    }

    @Override
    int of(Judging judging, Values values, int i) {
      return Truth.of(
          values.type(i) == EncodedBson.ARRAY
              && EncodedBson.count(values.buffer(i), values.start(i)) == elements);
    }
  }

  /** {@code $elemMatch}. */
  static final class HasElement extends ValueTest {
    private final Node element;
    private final boolean documents;

    HasElement(Node element, boolean documents) {
      this.element = element;
      this.documents = documents;
    }

    @Override
    boolean wholeArrays() {
      return true;
    }

    @Override
    int of(Judging judging, Values values, int i) {
      if (values.type(i) != EncodedBson.ARRAY) {
        return Truth.NO;
      }
      int mark = values.size();
      judging.walker().elements(values.inScratch(i), values.start(i), false);
      int end = values.size();
      int truth = Truth.NO;
      for (int k = mark; k < end && truth != Truth.YES; k++) {
        int type = values.type(k);
        if (!documents || type == EncodedBson.DOCUMENT || type == EncodedBson.ARRAY) {
          truth = Math.max(truth, element.of(judging, k));
        }
      }
      values.truncate(mark);
      return truth;
    }
  }

  /** {@code $cidr}. */
  static final class InNetwork extends ValueTest {
    private final Networks networks;

    InNetwork(Networks networks) {
      this.networks = networks;
    }

    @Override
    int of(Judging judging, Values values, int i) {
      int type = values.type(i);
      return Truth.of(
          (type == EncodedBson.STRING || type == EncodedBson.SYMBOL)
              && networks.contain(
                  values.buffer(i), values.start(i), values.length(i), judging.address()));
    }
  }

  /** Conditions that are rare and not worth code of their own: the value becomes an object. */
  static final class Rare extends ValueTest {
    private final Condition condition;

    /** {@code $mod} and the tests of bits. */
    Rare(Condition condition) {
      this.condition = condition;
    }

    @Override
    int of(Judging judging, Values values, int i) {
      int type = values.type(i);
      if (type == EncodedBson.INT32
          || type == EncodedBson.INT64
          || type == EncodedBson.DOUBLE
          || type == EncodedBson.DECIMAL
          || type == EncodedBson.BINARY) {
        return Truth.of(Evaluator.test(condition, values.decode(i)));
      }
      return Truth.NO;
    }
  }

  /** {@code $mod} of an integer; other numbers take the long way. */
  static final class Modulo extends ValueTest {
    private final Condition.Modulo condition;
    private final Rare rare;

    Modulo(Condition.Modulo condition) {
      this.condition = condition;
      this.rare = new Rare(condition);
    }

    @Override
    int of(Judging judging, Values values, int i) {
      int type = values.type(i);
      return type == EncodedBson.INT32 || type == EncodedBson.INT64
          ? Truth.of(values.bits(i) % condition.divisor() == condition.remainder())
          : rare.of(judging, values, i);
    }
  }
}
