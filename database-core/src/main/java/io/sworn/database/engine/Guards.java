package io.sworn.database.engine;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Allow-lists of operators: what is not known to be done right is refused, never ignored. */
final class Guards {

  private static final Set<String> OPERATORS =
      Set.of(
          "$eq",
          "$ne",
          "$gt",
          "$gte",
          "$lt",
          "$lte",
          "$in",
          "$nin",
          "$not",
          "$exists",
          "$type",
          "$mod",
          "$size",
          "$all",
          "$elemMatch",
          "$regex",
          "$options",
          "$ref",
          "$id",
          "$db");
  private static final Set<String> LOGICAL = Set.of("$and", "$or", "$nor");

  private Guards() {}

  static void collation(@Nullable Object value) {
    if (value instanceof Document collation
        && !collation.isEmpty()
        && !"simple".equals(collation.get("locale"))) {
      throw Refusal.notSupported("collation");
    }
  }

  /** Walks a filter. */
  static Document filter(@Nullable Object value) {
    if (value == null) {
      return new Document();
    }
    if (!(value instanceof Document filter)) {
      throw Refusal.typeMismatch("a filter must be a document");
    }
    for (Map.Entry<String, Object> entry : filter.entrySet()) {
      String key = entry.getKey();
      if (LOGICAL.contains(key)) {
        if (entry.getValue() instanceof Collection<?> parts) {
          parts.forEach(Guards::filter);
        }
      } else if (key.equals("$expr")) {
        // The library takes for the outermost operator only those that are query operators, too.
        entry.setValue(new Document("$and", Arrays.asList(entry.getValue())));
      } else if (key.startsWith("$") && !key.equals("$comment")) {
        throw unknown(key, "unknown top level operator: " + key);
      } else if (entry.getValue() instanceof BsonRegularExpression regex) {
        entry.setValue(anyOf(regex));
      } else if (!key.startsWith("$")) {
        condition(entry.getValue());
      }
    }
    return filter;
  }

  /** The library matches a bare expression against the text of numbers and documents, too. */
  private static Document anyOf(BsonRegularExpression regex) {
    return new Document("$in", List.of(regex));
  }

  /** The library ignores every other operator beside {@code $regex}, but not beside {@code $in}. */
  private static void rewriteRegex(Document condition) {
    if (!condition.containsKey("$regex")) {
      return;
    }
    if (condition.containsKey("$in")) {
      throw Refusal.notSupported("$regex beside $in");
    }
    Object regex = condition.remove("$regex");
    Object options = condition.remove("$options");
    if (regex instanceof BsonRegularExpression given) {
      options = options == null ? given.getOptions() : options;
      regex = given.getPattern();
    }
    if (!(regex instanceof String pattern) || (options != null && !(options instanceof String))) {
      throw Refusal.badValue("$regex has to be a string, and so has $options");
    }
    condition.put("$in", List.of(new BoundedRegex(pattern, (String) options)));
  }

  private static void condition(@Nullable Object value) {
    if (!(value instanceof Document condition)
        || condition.isEmpty()
        || !condition.keySet().iterator().next().startsWith("$")) {
      return;
    }
    for (Map.Entry<String, Object> entry : condition.entrySet()) {
      String operator = entry.getKey();
      if (!OPERATORS.contains(operator)) {
        throw unknown(operator, "unknown operator: " + operator);
      }
      if (operator.equals("$not") && entry.getValue() instanceof BsonRegularExpression regex) {
        entry.setValue(anyOf(regex));
      } else if (operator.equals("$not")) {
        condition(entry.getValue());
      } else if (operator.equals("$elemMatch") && entry.getValue() instanceof Document inner) {
        boolean operators =
            !inner.isEmpty() && OPERATORS.contains(inner.keySet().iterator().next());
        if (operators) {
          condition(inner);
        } else {
          filter(inner);
        }
      }
    }
    rewriteRegex(condition);
  }

  private static MongoServerError unknown(String operator, String message) {
    return KnownElsewhere.operator(operator)
        ? Refusal.notSupported("operator " + operator)
        : Refusal.badValue(message);
  }

  /** Checks the projection of a find; the library would ignore what it does not know. */
  static @Nullable Document projection(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (!(value instanceof Document fields)) {
      throw Refusal.typeMismatch("a projection must be a document");
    }
    boolean slice = false;
    boolean included = false;
    for (Map.Entry<String, Object> entry : fields.entrySet()) {
      Object how = entry.getValue();
      if (entry.getKey().equals("$") || entry.getKey().endsWith(".$")) {
        throw Refusal.notSupported("the positional projection");
      }
      if (how instanceof Document operator) {
        slice |= operator.keySet().equals(Set.of("$slice"));
        if (!operator.keySet().equals(Set.of("$slice"))
            && !operator.keySet().equals(Set.of("$elemMatch"))) {
          throw Refusal.notSupported("an expression in the projection of find");
        }
        if (operator.get("$elemMatch") != null) {
          filter(operator.get("$elemMatch"));
        }
      } else if (how instanceof Boolean || how instanceof Number) {
        included |= de.bwaldvogel.mongo.backend.Utils.isTrue(how);
      } else {
        throw Refusal.notSupported("an expression in the projection of find");
      }
    }
    if (slice && !included) {
      throw Refusal.notSupported("$slice without an included field beside it");
    }
    return fields;
  }

  /** The hint must name an index that there is; a sparse one would change the result. */
  static void hint(@Nullable Object hint, @Nullable StoredCollection collection) {
    if (hint == null || collection == null || (hint instanceof Document d && d.isEmpty())) {
      return;
    }
    if (hint instanceof Document order && order.containsKey("$natural")) {
      return;
    }
    StoredIndex found = null;
    for (StoredIndex index : collection.indexes()) {
      if (index.getName().equals(hint) || sameKey(index.spec.get("key"), hint)) {
        found = index;
      }
    }
    if (found == null) {
      throw Refusal.badValue("hint provided does not correspond to an existing index");
    }
    if (found.sparse()) {
      throw Refusal.notSupported("a hint that names a sparse index");
    }
  }

  /** Whether two key patterns have the same fields in the same order and direction. */
  static boolean sameKey(@Nullable Object one, @Nullable Object other) {
    return one instanceof Document a
        && other instanceof Document b
        && List.copyOf(a.keySet()).equals(List.copyOf(b.keySet()))
        && a.keySet().stream()
            .allMatch(
                k ->
                    a.get(k) instanceof Number x
                        && b.get(k) instanceof Number y
                        && x.doubleValue() == y.doubleValue());
  }
}
