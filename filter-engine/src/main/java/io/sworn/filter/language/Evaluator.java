package io.sworn.filter.language;

import io.sworn.filter.Decision;
import io.sworn.filter.language.Condition.Relation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Judges a value by walking the tree: simple, total, and the measure for every faster matcher.
 * Stateless.
 */
public final class Evaluator {

  private Evaluator() {}

  /** What {@code predicate} says of the message behind {@code root}. */
  public static Decision judge(Predicate predicate, MessageView root) {
    if (predicate instanceof Predicate.All all) {
      Decision verdict = Decision.KEEP;
      for (Predicate part : all.parts()) {
        Decision one = judge(part, root);
        if (one == Decision.DROP) {
          return one;
        }
        verdict = one == Decision.UNDECIDABLE ? one : verdict;
      }
      return verdict;
    }
    if (predicate instanceof Predicate.Any any) {
      Decision verdict = Decision.DROP;
      for (Predicate part : any.parts()) {
        verdict = or(verdict, judge(part, root));
        if (verdict == Decision.KEEP) {
          return verdict;
        }
      }
      return verdict;
    }
    if (predicate instanceof Predicate.Not not) {
      return judge(not.part(), root).negated();
    }
    if (predicate instanceof Predicate.Field field) {
      FieldPath path = field.path();
      if (path.size() == 0) {
        return test(field.condition(), root.self());
      }
      BsonValue lifted = path.size() == 2 ? root.lifted(path) : null;
      return lifted != null
          ? test(field.condition(), lifted)
          : below(path, 1, root.get(path.segment(0)), field.condition());
    }
    throw new AssertionError("unknown predicate " + predicate.getClass());
  }

  /** The places of the conditions that cannot be decided on the message behind {@code root}. */
  public static List<String> undecided(Predicate predicate, MessageView root) {
    List<String> places = new ArrayList<>();
    undecided(predicate, root, places);
    return List.copyOf(places);
  }

  /**
   * As {@link #judge}, but asks every part; places of what is decided all the same are left out.
   */
  private static Decision undecided(Predicate predicate, MessageView root, List<String> places) {
    int before = places.size();
    Decision verdict;
    if (predicate instanceof Predicate.All all) {
      Decision none = Decision.DROP;
      for (Predicate part : all.parts()) {
        none = or(none, undecided(part, root, places).negated());
      }
      verdict = none.negated();
    } else if (predicate instanceof Predicate.Any any) {
      verdict = Decision.DROP;
      for (Predicate part : any.parts()) {
        verdict = or(verdict, undecided(part, root, places));
      }
    } else if (predicate instanceof Predicate.Not not) {
      verdict = undecided(not.part(), root, places).negated();
    } else {
      verdict = judge(predicate, root);
      if (predicate instanceof Predicate.Field field && verdict == Decision.UNDECIDABLE) {
        places.add(field.where());
      }
    }
    if (verdict != Decision.UNDECIDABLE) {
      places.subList(before, places.size()).clear();
    }
    return verdict;
  }

  private static Decision or(Decision a, Decision b) {
    if (a == Decision.KEEP || b == Decision.KEEP) {
      return Decision.KEEP;
    }
    return a == Decision.UNDECIDABLE ? a : b;
  }

  /** The path's segments from {@code position} on, below {@code value}; null = missing. */
  private static Decision below(
      FieldPath path, int position, @Nullable BsonValue value, Condition condition) {
    if (value != null && value.isArray()) {
      return position == path.size()
          ? leafArray(value.asArray(), condition)
          : inArray(path, position, value.asArray(), condition);
    }
    if (position == path.size()) {
      return test(condition, value);
    }
    BsonValue next =
        value != null && value.isDocument() ? value.asDocument().get(path.segment(position)) : null;
    return below(path, next == null ? path.size() : position + 1, next, condition);
  }

  private static Decision leafArray(BsonArray array, Condition condition) {
    Decision verdict = test(condition, array);
    if (condition.arrayOnly()) {
      return verdict;
    }
    for (BsonValue element : array) {
      if (verdict == Decision.KEEP) {
        return verdict;
      }
      verdict = or(verdict, test(condition, element));
    }
    return verdict;
  }

  /** Every document in the array, and the element that a number names. */
  private static Decision inArray(
      FieldPath path, int position, BsonArray array, Condition condition) {
    Decision verdict = Decision.DROP;
    int index = path.arrayIndex(position);
    for (int i = 0; i < array.size() && verdict != Decision.KEEP; i++) {
      BsonValue element = array.get(i);
      if (element.isDocument()) {
        verdict = or(verdict, below(path, position, element, condition));
      }
      if (i == index && verdict != Decision.KEEP) {
        verdict = or(verdict, atIndex(path, position + 1, element, condition));
      }
    }
    return verdict;
  }

  /** A number at the path's end means the element itself, even if that is an array. */
  private static Decision atIndex(
      FieldPath path, int position, BsonValue element, Condition condition) {
    if (position == path.size()) {
      return test(condition, element);
    }
    if (element.isArray()) {
      return inArray(path, position, element.asArray(), condition);
    }
    return element.isDocument() ? below(path, position, element, condition) : Decision.DROP;
  }

  /** What {@code condition} says of one value, an array taken as a whole; null = missing. */
  public static Decision test(Condition condition, @Nullable BsonValue value) {
    if (condition instanceof Condition.Compare compare) {
      return Decision.of(compare(compare, value));
    }
    if (condition instanceof Condition.OneOf oneOf) {
      return oneOf(oneOf, value);
    }
    if (condition instanceof Condition.Matches matches) {
      return matches(matches.pattern(), value);
    }
    if (condition instanceof Condition.Exists) {
      return Decision.of(value != null);
    }
    if (value == null) {
      return Decision.DROP;
    }
    if (condition instanceof Condition.HasType type) {
      return Decision.of(type.types().contains(value.getBsonType()));
    }
    if (condition instanceof Condition.Size size) {
      return Decision.of(value.isArray() && value.asArray().size() == size.elements());
    }
    if (condition instanceof Condition.HasElement element) {
      return hasElement(element, value);
    }
    if (condition instanceof Condition.InNetwork in) {
      boolean text = value.isString() || value.isSymbol();
      return Decision.of(text && in.networks().contain(BsonOrder.text(value)));
    }
    if (condition instanceof Condition.Modulo modulo) {
      return Decision.of(modulo(modulo, value));
    }
    if (condition instanceof Condition.Bits bits) {
      return Decision.of(bits(bits, value));
    }
    throw new AssertionError("unknown condition " + condition.getClass());
  }

  private static boolean compare(Condition.Compare compare, @Nullable BsonValue value) {
    BsonValue expected = compare.value();
    Relation relation = compare.relation();
    BsonType type = expected.getBsonType();
    if (type == BsonType.NULL) {
      boolean isNull = value == null || value.isNull();
      return isNull && relation != Relation.LESS && relation != Relation.GREATER;
    }
    if (value == null || BsonOrder.typeClass(value) != BsonOrder.typeClass(expected)) {
      return switch (relation) {
        case EQUAL -> false;
        case LESS, LESS_OR_EQUAL -> type == BsonType.MAX_KEY;
        case GREATER, GREATER_OR_EQUAL -> type == BsonType.MIN_KEY;
      };
    }
    if (BsonOrder.isNaN(value) || BsonOrder.isNaN(expected)) {
      return BsonOrder.isNaN(value)
          && BsonOrder.isNaN(expected)
          && relation != Relation.LESS
          && relation != Relation.GREATER;
    }
    int order = BsonOrder.compare(value, expected);
    return switch (relation) {
      case EQUAL -> order == 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
    };
  }

  private static Decision oneOf(Condition.OneOf oneOf, @Nullable BsonValue value) {
    for (BsonValue expected : oneOf.values()) {
      boolean equal =
          expected.isNull()
              ? value == null || value.isNull()
              : value != null && BsonOrder.compare(value, expected) == 0;
      if (equal) {
        return Decision.KEEP;
      }
    }
    Decision verdict = Decision.DROP;
    for (Condition.Matches pattern : oneOf.patterns()) {
      verdict = or(verdict, matches(pattern.pattern(), value));
    }
    return verdict;
  }

  /** Text that the pattern is found in, or the very same pattern stored as a value. */
  private static Decision matches(BoundedPattern pattern, @Nullable BsonValue value) {
    if (value == null) {
      return Decision.DROP;
    }
    if (value.isString() || value.isSymbol()) {
      return pattern.find(BsonOrder.text(value));
    }
    return Decision.of(
        value.isRegularExpression()
            && value.asRegularExpression().getPattern().equals(pattern.source())
            && value.asRegularExpression().getOptions().equals(pattern.options()));
  }

  private static Decision hasElement(Condition.HasElement condition, BsonValue value) {
    Decision verdict = Decision.DROP;
    if (value.isArray()) {
      for (BsonValue element : value.asArray()) {
        if (!condition.documents() || element.isDocument() || element.isArray()) {
          verdict = or(verdict, judge(condition.element(), MessageView.ofValue(element)));
        }
        if (verdict == Decision.KEEP) {
          return verdict;
        }
      }
    }
    return verdict;
  }

  private static boolean modulo(Condition.Modulo modulo, BsonValue value) {
    if (!BsonOrder.isFinite(value)) {
      return false;
    }
    if (value.isInt32() || value.isInt64()) {
      return value.asNumber().longValue() % modulo.divisor() == modulo.remainder();
    }
    BigDecimal exact = BsonOrder.exact(value);
    if (exact.precision() - exact.scale() > 19) {
      return false; // 64 bits cannot hold it, so it has no remainder (manual, $mod)
    }
    BigInteger whole = exact.setScale(0, RoundingMode.DOWN).toBigInteger();
    return whole.bitLength() < Long.SIZE
        && whole.longValue() % modulo.divisor() == modulo.remainder();
  }

  private static boolean bits(Condition.Bits bits, BsonValue value) {
    BigInteger number = null;
    byte[] bytes = null;
    if (value.isBinary()) {
      bytes = value.asBinary().getData();
    } else if (BsonOrder.isFinite(value)) {
      BigDecimal exact = BsonOrder.exact(value);
      if (exact.precision() - exact.scale() > 20 || exact.stripTrailingZeros().scale() > 0) {
        return false;
      }
      number = exact.toBigInteger();
    }
    if (bytes == null && (number == null || number.bitLength() > 63)) {
      return false;
    }
    List<Integer> positions = bits.positions();
    int set = 0;
    for (int position : positions) {
      boolean one =
          number != null
              ? number.testBit(position)
              : bytes != null
                  && position / 8 < bytes.length
                  && (bytes[position / 8] >> (position % 8) & 1) == 1;
      set += one ? 1 : 0;
    }
    return switch (bits.test()) {
      case ALL_SET -> set == positions.size();
      case ALL_CLEAR -> set == 0;
      case ANY_SET -> set > 0;
      case ANY_CLEAR -> set < positions.size();
    };
  }

  /** An array as the document that it is in BSON: keys 0, 1, ... */
  static BsonDocument indexed(BsonArray array) {
    BsonDocument document = new BsonDocument();
    for (int i = 0; i < array.size(); i++) {
      document.put(Integer.toString(i), array.get(i));
    }
    return document;
  }
}
