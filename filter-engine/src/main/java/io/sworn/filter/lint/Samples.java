package io.sworn.filter.lint;

import io.sworn.filter.language.BsonOrder;
import io.sworn.filter.language.Condition;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bson.BsonDateTime;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Values that stand for all that a path can lead to: the literals that a filter compares it with,
 * and one value of each gap between them. No comparison of the filter tells two values of one gap
 * apart, so to try these is to try all.
 */
final class Samples {

  /**
   * A value of the path.
   *
   * @param value null: missing
   * @param alone it stands for nothing but itself, so any condition may be asked
   */
  record Sample(@Nullable BsonValue value, boolean alone) {}

  private Samples() {}

  /** Those of a path whose values are ordered; null if its literals cannot be used so. */
  static @Nullable List<Sample> of(Shape shape, List<Condition> conditions) {
    List<BsonValue> literals = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    for (Condition condition : conditions) {
      if (condition instanceof Condition.Compare compare) {
        literals.add(compare.value());
      } else if (condition instanceof Condition.OneOf oneOf) {
        literals.addAll(oneOf.values());
        oneOf.patterns().forEach(one -> prefix(one, prefixes));
      } else if (condition instanceof Condition.Matches matches) {
        prefix(matches, prefixes);
      }
    }
    literals.removeIf(literal -> !shape.comparable(literal));
    List<Sample> samples = new ArrayList<>();
    if (shape.types().contains(BsonType.STRING)) {
      if (!texts(literals, prefixes, samples)) {
        return null;
      }
    } else if (shape.types().contains(BsonType.INT32)) {
      numbers(literals, samples);
    } else if (shape.types().contains(BsonType.DATE_TIME)) {
      times(literals, samples);
    }
    if (!shape.always()) {
      samples.add(new Sample(null, true));
    }
    return samples;
  }

  private static void prefix(Condition.Matches matches, List<String> to) {
    String prefix = matches.pattern().literalPrefix();
    if (prefix != null) {
      to.add(prefix);
    }
  }

  /** The order is that of code points; a gap begins right behind a text with the least letter. */
  private static boolean texts(
      List<BsonValue> literals, List<String> prefixes, List<Sample> samples) {
    Set<String> alone = new LinkedHashSet<>();
    for (BsonValue literal : literals) {
      alone.add(
          literal.isSymbol() ? literal.asSymbol().getSymbol() : literal.asString().getValue());
    }
    Set<String> ends = new LinkedHashSet<>(alone);
    for (String prefix : prefixes) {
      ends.add(prefix);
      if (!prefix.isEmpty()) {
        char last = prefix.charAt(prefix.length() - 1);
        // The first text behind all that begin so. U+D7FF is followed by surrogates.
        ends.add(
            prefix.substring(0, prefix.length() - 1)
                + (last == '\uD7FF' ? "\uE000" : String.valueOf((char) (last + 1))));
        if (last == Character.MAX_VALUE) {
          return false;
        }
      }
    }
    if (ends.stream().flatMapToInt(String::chars).anyMatch(c -> Character.isSurrogate((char) c))) {
      return false;
    }
    Set<String> gaps = new LinkedHashSet<>();
    gaps.add("");
    for (String end : ends) {
      gaps.add(end);
      gaps.add(end + "\0");
    }
    gaps.removeAll(alone);
    alone.forEach(text -> samples.add(new Sample(new BsonString(text), true)));
    gaps.forEach(text -> samples.add(new Sample(new BsonString(text), false)));
    return true;
  }

  private static void numbers(List<BsonValue> literals, List<Sample> samples) {
    Set<Long> alone = new LinkedHashSet<>();
    Set<Long> gaps = new LinkedHashSet<>(Set.of(0L, (long) Integer.MIN_VALUE));
    gaps.add((long) Integer.MAX_VALUE);
    for (BsonValue literal : literals) {
      BigDecimal exact = BsonOrder.exact(literal);
      if (exact.abs().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
        continue; // every value but perhaps the least, which is tried, is on one side of it
      }
      BigDecimal floor = exact.setScale(0, RoundingMode.FLOOR);
      long below = floor.longValue();
      if (floor.compareTo(exact) == 0) {
        alone.add(below);
      }
      gaps.add(below - 1);
      gaps.add(below);
      gaps.add(below + 1);
    }
    gaps.removeAll(alone);
    gaps.removeIf(value -> value != value.intValue());
    alone.forEach(value -> samples.add(new Sample(new BsonInt32(value.intValue()), true)));
    gaps.forEach(value -> samples.add(new Sample(new BsonInt32(value.intValue()), false)));
  }

  private static void times(List<BsonValue> literals, List<Sample> samples) {
    Set<Long> alone = new LinkedHashSet<>();
    Set<Long> gaps = new LinkedHashSet<>(Set.of(0L, Long.MIN_VALUE, Long.MAX_VALUE));
    for (BsonValue literal : literals) {
      long value = literal.asDateTime().getValue();
      alone.add(value);
      gaps.add(value == Long.MIN_VALUE ? value : value - 1);
      gaps.add(value == Long.MAX_VALUE ? value : value + 1);
    }
    gaps.removeAll(alone);
    alone.forEach(value -> samples.add(new Sample(new BsonDateTime(value), true)));
    gaps.forEach(value -> samples.add(new Sample(new BsonDateTime(value), false)));
  }
}
