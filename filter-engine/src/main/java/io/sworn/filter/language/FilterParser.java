package io.sworn.filter.language;

import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.filter.InvalidFilterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * Text to predicate. Strict: what MongoDB would refuse, and what would silently mean something
 * else, is an error that names its place.
 */
public final class FilterParser {

  /** Longest filter text. */
  public static final int TEXT_CHARS_MAX = 1024 * 1024;

  /** Deepest nesting of a filter. */
  public static final int DEPTH_MAX = 100;

  private FilterParser() {}

  /**
   * Parses strict JSON with extended JSON literals, legacy or version 2.
   *
   * @throws InvalidFilterException with place and reason
   */
  public static Predicate parse(String text) {
    return parse(document(text));
  }

  /** The filter as a document, {@code $regex} left as an operator. */
  public static BsonDocument document(String text) {
    if (text.length() > TEXT_CHARS_MAX) {
      throw new InvalidFilterException(
          "", "text of " + text.length() + " characters: at most " + TEXT_CHARS_MAX);
    }
    try {
      return ExtendedJson.parseFilter(text);
    } catch (UnreadableEventException e) {
      throw new InvalidFilterException("", String.valueOf(e.getMessage()));
    }
  }

  /** Parses a document. */
  public static Predicate parse(BsonDocument filter) {
    return tree(filter, "", 1);
  }

  static void checkDepth(int depth, String at) {
    if (depth > DEPTH_MAX) {
      throw new InvalidFilterException(
          at.length() > 80 ? at.substring(0, 80) + "..." : at,
          "nested more than " + DEPTH_MAX + " levels deep");
    }
  }

  static Predicate tree(BsonDocument filter, String at, int depth) {
    checkDepth(depth, at);
    List<Predicate> parts = new ArrayList<>();
    for (Map.Entry<String, BsonValue> member : filter.entrySet()) {
      String key = member.getKey();
      String place = at.isEmpty() ? key : at + "." + key;
      BsonValue value = member.getValue();
      if (!key.startsWith("$")) {
        parts.add(OperatorParser.field(FieldPath.of(key), value, place, depth + 1));
        continue;
      }
      switch (key) {
        case "$and" -> parts.add(Predicate.all(branches(value, place, depth)));
        case "$or" -> parts.add(new Predicate.Any(branches(value, place, depth)));
        case "$nor" ->
            parts.add(new Predicate.Not(new Predicate.Any(branches(value, place, depth))));
        case "$comment" -> {
          // says nothing about the event
        }
        case "$where", "$expr", "$jsonSchema", "$text" ->
            throw new InvalidFilterException(
                place, key + " is not available in audit filters; use field operators");
        default ->
            throw new InvalidFilterException(
                place, "unknown operator '" + key + "': $and, $or, $nor, $comment or a field name");
      }
    }
    return Predicate.all(parts);
  }

  private static List<Predicate> branches(BsonValue value, String at, int depth) {
    if (!value.isArray() || value.asArray().isEmpty()) {
      throw new InvalidFilterException(
          at, "a non-empty array of filters expected, got " + Text.of(value));
    }
    List<Predicate> branches = new ArrayList<>();
    for (int i = 0; i < value.asArray().size(); i++) {
      BsonValue branch = value.asArray().get(i);
      String place = at + "[" + i + "]";
      if (!branch.isDocument()) {
        throw new InvalidFilterException(
            place, "a filter document expected, got " + Text.of(branch));
      }
      branches.add(tree(branch.asDocument(), place, depth + 2));
    }
    return branches;
  }
}
