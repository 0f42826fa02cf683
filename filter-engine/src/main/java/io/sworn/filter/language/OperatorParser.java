package io.sworn.filter.language;

import io.sworn.filter.InvalidFilterException;
import io.sworn.filter.language.Condition.Relation;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonType;
import org.bson.BsonValue;

/** The right side of a field: a value, or a document of operators. */
final class OperatorParser {

  private OperatorParser() {}

  static Predicate field(FieldPath path, BsonValue value, String at, int depth) {
    FilterParser.checkDepth(depth, at);
    if (value.isRegularExpression()) {
      return new Predicate.Field(path, regexValue(value, at), at);
    }
    if (!value.isDocument() || !isOperators(value.asDocument(), at)) {
      return compare(path, Relation.EQUAL, value, at, depth);
    }
    return operators(path, value.asDocument(), at, depth);
  }

  /** Whether the document holds operators; a mix with plain names is an error. */
  private static boolean isOperators(BsonDocument document, String at) {
    if (document.containsKey("$ref") && document.containsKey("$id")) {
      return false; // a database reference is a value
    }
    long operators = document.keySet().stream().filter(k -> k.startsWith("$")).count();
    if (operators > 0 && operators < document.size()) {
      throw new InvalidFilterException(
          at, "operators and plain field names mixed in " + Text.of(document));
    }
    return operators > 0;
  }

  private static Predicate operators(FieldPath path, BsonDocument operators, String at, int depth) {
    List<Predicate> parts = new ArrayList<>();
    for (Map.Entry<String, BsonValue> member : operators.entrySet()) {
      String place = at + "." + member.getKey();
      if (member.getKey().equals("$options")) {
        if (!operators.containsKey("$regex")) {
          throw new InvalidFilterException(place, "$options needs a $regex beside it");
        }
        continue;
      }
      parts.add(operator(path, member.getKey(), member.getValue(), operators, place, depth + 1));
    }
    return Predicate.all(parts);
  }

  private static Predicate operator(
      FieldPath path, String name, BsonValue value, BsonDocument all, String at, int depth) {
    return switch (name) {
      case "$eq" -> compare(path, Relation.EQUAL, value, at, depth);
      case "$ne" -> {
        refuseRegex("$ne", value, at);
        yield new Predicate.Not(compare(path, Relation.EQUAL, value, at, depth));
      }
      case "$gt" -> ordered(path, name, Relation.GREATER, value, at, depth);
      case "$gte" -> ordered(path, name, Relation.GREATER_OR_EQUAL, value, at, depth);
      case "$lt" -> ordered(path, name, Relation.LESS, value, at, depth);
      case "$lte" -> ordered(path, name, Relation.LESS_OR_EQUAL, value, at, depth);
      case "$in" -> new Predicate.Field(path, oneOf(array(value, at), at, depth), at);
      case "$nin" ->
          new Predicate.Not(new Predicate.Field(path, oneOf(array(value, at), at, depth), at));
      case "$exists" -> {
        Predicate exists = new Predicate.Field(path, new Condition.Exists(), at);
        yield isTrue(value) ? exists : new Predicate.Not(exists);
      }
      case "$type" ->
          new Predicate.Field(path, new Condition.HasType(TypeNames.parse(value, at)), at);
      case "$size" -> new Predicate.Field(path, new Condition.Size(size(value, at)), at);
      case "$mod" -> new Predicate.Field(path, modulo(array(value, at), at), at);
      case "$regex" -> new Predicate.Field(path, regex(value, all.get("$options"), at), at);
      case "$cidr" -> new Predicate.Field(path, networks(value, at), at);
      case "$not" -> not(path, value, at, depth);
      case "$all" -> allOf(path, array(value, at), at, depth);
      case "$elemMatch" -> new Predicate.Field(path, hasElement(value, at, depth), at);
      case "$bitsAllSet" -> bits(path, Condition.BitTest.ALL_SET, value, at);
      case "$bitsAllClear" -> bits(path, Condition.BitTest.ALL_CLEAR, value, at);
      case "$bitsAnySet" -> bits(path, Condition.BitTest.ANY_SET, value, at);
      case "$bitsAnyClear" -> bits(path, Condition.BitTest.ANY_CLEAR, value, at);
      default -> throw new InvalidFilterException(at, unknown(name, value));
    };
  }

  private static String unknown(String name, BsonValue value) {
    return Literals.isTypedValue(name)
        ? Text.of(value) + " is no valid " + name
        : "unknown operator " + Text.quoted(name);
  }

  private static Predicate compare(
      FieldPath path, Relation relation, BsonValue value, String at, int depth) {
    Literals.check(value, at, depth);
    if (value.getBsonType() == BsonType.UNDEFINED) {
      throw new InvalidFilterException(at, "cannot compare with undefined; use null or $exists");
    }
    return new Predicate.Field(path, new Condition.Compare(relation, value), at);
  }

  private static Predicate ordered(
      FieldPath path, String name, Relation relation, BsonValue value, String at, int depth) {
    refuseRegex(name, value, at);
    return compare(path, relation, value, at, depth);
  }

  /** Such a document would be compared as a document, which nobody means. */
  private static void refuseRegex(String name, BsonValue value, String at) {
    if (value.isRegularExpression()
        || value.isDocument() && value.asDocument().containsKey("$regex")) {
      throw new InvalidFilterException(
          at,
          "can't have regex as arg to "
              + name
              + ": "
              + Text.of(value)
              + (name.equals("$ne")
                  ? "; write {\"$not\": {\"$regex\": ...}} for what does not match"
                  : "; a pattern has no order, compare with a value"));
    }
  }

  private static Condition.OneOf oneOf(BsonArray array, String at, int depth) {
    List<BsonValue> values = new ArrayList<>();
    List<Condition.Matches> patterns = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      BsonValue value = array.get(i);
      String place = at + "[" + i + "]";
      if (isRegex(value)) {
        patterns.add(regexValue(value, place));
        continue;
      }
      if (value.isDocument() && isOperators(value.asDocument(), place)) {
        throw new InvalidFilterException(place, nested("$in", value));
      }
      compare(FieldPath.SELF, Relation.EQUAL, value, place, depth);
      values.add(value);
    }
    return new Condition.OneOf(values, patterns);
  }

  private static Predicate not(FieldPath path, BsonValue value, String at, int depth) {
    if (value.isRegularExpression()) {
      return new Predicate.Not(new Predicate.Field(path, regexValue(value, at), at));
    }
    if (!value.isDocument()
        || value.asDocument().isEmpty()
        || !isOperators(value.asDocument(), at)) {
      throw new InvalidFilterException(
          at, "a regular expression or a document of operators expected, got " + Text.of(value));
    }
    FilterParser.checkDepth(depth, at);
    return new Predicate.Not(operators(path, value.asDocument(), at, depth));
  }

  private static Predicate allOf(FieldPath path, BsonArray array, String at, int depth) {
    if (array.isEmpty()) {
      return Predicate.NOTHING;
    }
    List<Predicate> parts = new ArrayList<>();
    int elements = 0;
    for (int i = 0; i < array.size(); i++) {
      BsonValue value = array.get(i);
      String place = at + "[" + i + "]";
      if (isRegex(value)) {
        parts.add(new Predicate.Field(path, regexValue(value, place), place));
      } else if (value.isDocument() && value.asDocument().containsKey("$elemMatch")) {
        if (value.asDocument().size() > 1) {
          throw new InvalidFilterException(place, "only $elemMatch may stand here");
        }
        elements++;
        BsonValue inner = value.asDocument().get("$elemMatch");
        parts.add(
            new Predicate.Field(path, hasElement(inner, place + ".$elemMatch", depth + 1), place));
      } else if (value.isDocument() && isOperators(value.asDocument(), place)) {
        throw new InvalidFilterException(place, nested("$all", value) + ", or $elemMatch");
      } else {
        parts.add(compare(path, Relation.EQUAL, value, place, depth));
      }
    }
    if (elements > 0 && elements < parts.size()) {
      throw new InvalidFilterException(at, "$elemMatch and values cannot be mixed in $all");
    }
    return Predicate.all(parts);
  }

  private static Condition.HasElement hasElement(BsonValue value, String at, int depth) {
    if (!value.isDocument()) {
      throw new InvalidFilterException(at, "a document expected, got " + Text.of(value));
    }
    FilterParser.checkDepth(depth, at);
    BsonDocument document = value.asDocument();
    String first = document.isEmpty() ? "" : document.getFirstKey();
    boolean tree =
        !first.startsWith("$")
            || first.equals("$and")
            || first.equals("$or")
            || first.equals("$nor")
            || first.equals("$comment");
    return tree
        ? new Condition.HasElement(FilterParser.tree(document, at, depth + 1), true)
        : new Condition.HasElement(field(FieldPath.SELF, document, at, depth + 1), false);
  }

  /** Operators where values stand. */
  private static String nested(String name, BsonValue value) {
    return "cannot nest $ under " + name + ": " + Text.of(value) + "; values expected";
  }

  /**
   * Extended JSON before version 2 writes a regular expression value as a document of these two.
   * The reader of {@code auditLog.filter} takes it without {@code $options}, too ({@code JParse} in
   * {@code src/mongo/bson/json.cpp}); a filter in BSON would call that an operator.
   */
  private static boolean isRegex(BsonValue value) {
    return value.isRegularExpression()
        || value.isDocument()
            && value.asDocument().containsKey("$regex")
            && value.asDocument().keySet().stream()
                .allMatch(k -> k.equals("$regex") || k.equals("$options"));
  }

  private static Condition.Matches regexValue(BsonValue value, String at) {
    return value.isDocument()
        ? regex(value.asDocument().get("$regex", value), value.asDocument().get("$options"), at)
        : regex(value, null, at);
  }

  private static Condition.Matches regex(
      BsonValue pattern, @org.jspecify.annotations.Nullable BsonValue options, String at) {
    if (options != null && !options.isString()) {
      throw new InvalidFilterException(at, "$options: a string expected, got " + Text.of(options));
    }
    String flags = options == null ? "" : options.asString().getValue();
    String source;
    if (pattern.isRegularExpression()) {
      source = pattern.asRegularExpression().getPattern();
      String own = pattern.asRegularExpression().getOptions();
      if (!own.isEmpty() && !flags.isEmpty()) {
        throw new InvalidFilterException(at, "options are set twice, in $regex and in $options");
      }
      flags = own.isEmpty() ? flags : own;
    } else if (pattern.isString()) {
      source = pattern.asString().getValue();
    } else {
      throw new InvalidFilterException(at, "a string expected, got " + Text.of(pattern));
    }
    try {
      return new Condition.Matches(BoundedPattern.of(source, flags));
    } catch (IllegalArgumentException e) {
      throw new InvalidFilterException(at, String.valueOf(e.getMessage()));
    }
  }

  private static Condition.InNetwork networks(BsonValue value, String at) {
    List<String> texts = new ArrayList<>();
    for (BsonValue item : value.isArray() ? value.asArray() : new BsonArray(List.of(value))) {
      if (!item.isString()) {
        throw new InvalidFilterException(
            at,
            "a network such as \"10.0.0.0/8\", or an array of them, expected, got "
                + Text.of(item));
      }
      texts.add(item.asString().getValue());
    }
    if (texts.isEmpty()) {
      throw new InvalidFilterException(at, "at least one network expected");
    }
    try {
      return new Condition.InNetwork(Networks.of(texts));
    } catch (IllegalArgumentException e) {
      throw new InvalidFilterException(at, String.valueOf(e.getMessage()));
    }
  }

  private static BsonArray array(BsonValue value, String at) {
    if (!value.isArray()) {
      throw new InvalidFilterException(at, "an array expected, got " + Text.of(value));
    }
    return value.asArray();
  }

  private static boolean isTrue(BsonValue value) {
    if (value.isNumber()) {
      return !BsonOrder.isFinite(value) || BsonOrder.exact(value).signum() != 0;
    }
    return value.isBoolean()
        ? value.asBoolean().getValue()
        : !value.isNull() && value.getBsonType() != BsonType.UNDEFINED;
  }

  private static long size(BsonValue value, String at) {
    BigDecimal size = whole(value, at, "a whole number from 0 expected, got ");
    if (size.signum() < 0) {
      throw new InvalidFilterException(at, "a whole number from 0 expected, got " + Text.of(value));
    }
    return size.longValue();
  }

  private static BigDecimal whole(BsonValue value, String at, String expected) {
    if (BsonOrder.isFinite(value)) {
      BigDecimal exact = BsonOrder.exact(value);
      boolean small = exact.precision() - exact.scale() <= 19;
      if (small && exact.stripTrailingZeros().scale() <= 0) {
        return exact;
      }
    }
    throw new InvalidFilterException(at, expected + Text.of(value));
  }

  private static Condition.Modulo modulo(BsonArray array, String at) {
    if (array.size() != 2) {
      throw new InvalidFilterException(at, "[divisor, remainder] expected");
    }
    long divisor = truncated(array.get(0), at + "[0]");
    if (divisor == 0) {
      throw new InvalidFilterException(at + "[0]", "the divisor cannot be 0");
    }
    return new Condition.Modulo(divisor, truncated(array.get(1), at + "[1]"));
  }

  private static long truncated(BsonValue value, String at) {
    if (BsonOrder.isFinite(value)) {
      BigDecimal exact = BsonOrder.exact(value);
      if (exact.precision() - exact.scale() <= 18) {
        return exact.setScale(0, RoundingMode.DOWN).longValue();
      }
      if (value.isInt64()) {
        return value.asInt64().getValue();
      }
    }
    throw new InvalidFilterException(at, "a number of 64 bits expected, got " + Text.of(value));
  }

  private static Predicate bits(
      FieldPath path, Condition.BitTest test, BsonValue value, String at) {
    List<Integer> positions = new ArrayList<>();
    if (value.isArray()) {
      for (BsonValue item : value.asArray()) {
        BigDecimal position = whole(item, at, "a bit position from 0 expected, got ");
        if (position.signum() < 0 || position.compareTo(BigDecimal.valueOf(1 << 27)) > 0) {
          throw new InvalidFilterException(
              at, "a bit position from 0 expected, got " + Text.of(item));
        }
        positions.add(position.intValue());
      }
    } else if (value.isBinary()) {
      byte[] mask = value.asBinary().getData();
      for (int i = 0; i < mask.length * 8; i++) {
        if ((mask[i / 8] >> (i % 8) & 1) == 1) {
          positions.add(i);
        }
      }
    } else {
      long mask = size(value, at);
      for (int i = 0; i < Long.SIZE; i++) {
        if ((mask >> i & 1) == 1) {
          positions.add(i);
        }
      }
    }
    return new Predicate.Field(path, new Condition.Bits(test, positions), at);
  }
}
