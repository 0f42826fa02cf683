package io.sworn.filter.matcher;

import io.sworn.filter.language.Condition.Relation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A question that an index answers: is some value of a path equal to a literal, does it begin so,
 * is it above or below, is there one at all?
 *
 * @param literal of {@code EQUAL} and {@code RANGE}
 * @param relation of {@code RANGE}
 * @param pattern of {@code PREFIX}
 */
record Probe(
    Path path,
    Kind kind,
    @Nullable Literal literal,
    @Nullable Relation relation,
    @Nullable PatternTest pattern) {

  enum Kind {
    EQUAL("equality"),
    PREFIX("prefix"),
    RANGE("range"),
    EXISTS("existence");

    final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  // By hand: groups of rules are found by probes, hundreds of thousands of times for many filters.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Probe that
        && path == that.path
        && kind == that.kind
        && relation == that.relation
        && pattern == that.pattern
        && Objects.equals(literal, that.literal);
  }

  @Override
  public int hashCode() {
    int what = literal != null ? literal.hashCode() : pattern != null ? pattern.id : 0;
    int order = relation == null ? 0 : relation.ordinal() + 1;
    return (31 * what + path.id) * 31 + 8 * kind.ordinal() + order;
  }

  static Probe equal(Path path, Literal literal) {
    return new Probe(path, Kind.EQUAL, literal, null, null);
  }

  static Probe range(Path path, Relation relation, Literal literal) {
    return new Probe(path, Kind.RANGE, literal, relation, null);
  }

  static Probe prefix(Path path, PatternTest pattern) {
    return new Probe(path, Kind.PREFIX, null, null, pattern);
  }

  static Probe exists(Path path) {
    return new Probe(path, Kind.EXISTS, null, null, null);
  }
}
