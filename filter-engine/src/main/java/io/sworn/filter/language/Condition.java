package io.sworn.filter.language;

import java.util.List;
import java.util.Set;
import org.bson.BsonType;
import org.bson.BsonValue;

/** What a single value must be like. Immutable. */
public sealed interface Condition {

  /** How a value must stand to another one. */
  enum Relation {
    /** Equal: numbers by value, documents with the order of their keys. */
    EQUAL,
    /** Below, in the same class of types. */
    LESS,
    /** Below or equal. */
    LESS_OR_EQUAL,
    /** Above. */
    GREATER,
    /** Above or equal. */
    GREATER_OR_EQUAL
  }

  /** Which bits of a number or of bytes must be set or clear. */
  enum BitTest {
    /** Every listed bit is 1. */
    ALL_SET,
    /** Every listed bit is 0. */
    ALL_CLEAR,
    /** Some listed bit is 1. */
    ANY_SET,
    /** Some listed bit is 0. */
    ANY_CLEAR
  }

  /** {@code $eq $gt $gte $lt $lte}. */
  record Compare(Relation relation, BsonValue value) implements Condition {}

  /** {@code $in}: equal to a value, or matched by a pattern. */
  record OneOf(List<BsonValue> values, List<Matches> patterns) implements Condition {
    /** Copies the lists. */
    public OneOf {
      values = List.copyOf(values);
      patterns = List.copyOf(patterns);
    }
  }

  /** {@code $regex}. */
  record Matches(BoundedPattern pattern) implements Condition {}

  /** {@code $exists: true}. */
  record Exists() implements Condition {}

  /** {@code $type}. */
  record HasType(Set<BsonType> types) implements Condition {
    /** Copies the types. */
    public HasType {
      types = Set.copyOf(types);
    }
  }

  /** {@code $size}: an array of so many elements. */
  record Size(long elements) implements Condition {}

  /**
   * {@code $elemMatch}: an array with an element that meets all of {@code element}.
   *
   * @param documents true: {@code element} asks for fields of the element; false: for itself
   */
  record HasElement(Predicate element, boolean documents) implements Condition {}

  /** {@code $mod}: the integer part leaves that remainder. */
  record Modulo(long divisor, long remainder) implements Condition {}

  /** {@code $bitsAllSet} and its kin, on positions from 0, the lowest bit. */
  record Bits(BitTest test, List<Integer> positions) implements Condition {
    /** Copies the positions. */
    public Bits {
      positions = List.copyOf(positions);
    }
  }

  /** {@code $cidr}, which MongoDB does not have: text that is an address in one of the networks. */
  record InNetwork(Networks networks) implements Condition {}

  /** Whether the condition looks at an array as a whole and never at its elements. */
  default boolean arrayOnly() {
    return this instanceof Size || this instanceof HasElement;
  }
}
