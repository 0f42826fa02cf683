package io.sworn.filter.language;

import java.util.List;

/** A parsed filter: a tree that ends in conditions on fields. Immutable. */
public sealed interface Predicate {

  /** Matches everything. */
  Predicate EVERYTHING = new All(List.of());

  /** Matches nothing. */
  Predicate NOTHING = new Any(List.of());

  /** True if every part is; true without parts. */
  record All(List<Predicate> parts) implements Predicate {
    /** Copies the parts. */
    public All {
      parts = List.copyOf(parts);
    }
  }

  /** True if some part is; false without parts. */
  record Any(List<Predicate> parts) implements Predicate {
    /** Copies the parts. */
    public Any {
      parts = List.copyOf(parts);
    }
  }

  /** The complement. */
  record Not(Predicate part) implements Predicate {}

  /**
   * True if some value that the path leads to meets the condition.
   *
   * @param where place in the filter's text, for messages
   */
  record Field(FieldPath path, Condition condition, String where) implements Predicate {}

  /** One predicate for several that must all hold. */
  static Predicate all(List<Predicate> parts) {
    return parts.size() == 1 ? parts.get(0) : new All(parts);
  }
}
