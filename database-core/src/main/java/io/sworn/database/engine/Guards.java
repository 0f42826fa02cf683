package io.sworn.database.engine;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Allow-lists: what is not known to be done right is refused, never ignored. */
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
  private static final Set<String> STAGES =
      Set.of(
          "$match",
          "$skip",
          "$limit",
          "$sort",
          "$project",
          "$count",
          "$group",
          "$addFields",
          "$unwind",
          "$lookup",
          "$graphLookup",
          "$replaceRoot",
          "$sample",
          "$sortByCount",
          "$bucket",
          "$facet",
          "$unset",
          "$redact",
          "$out",
          "$merge");

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

  /** Checks a pipeline and rewrites the stages that have another name for the same thing. */
  static List<Document> pipeline(@Nullable Object value) {
    if (!(value instanceof Collection<?> given)) {
      throw Refusal.typeMismatch("'pipeline' option must be specified as an array");
    }
    List<Document> stages = new ArrayList<>();
    for (Object item : given) {
      if (!(item instanceof Document stage)) {
        throw Refusal.typeMismatch("Each element of the 'pipeline' array must be an object");
      }
      if (stage.size() != 1) {
        throw new MongoServerError(
            40323, "A pipeline stage specification object must contain exactly one field.");
      }
      Map.Entry<String, Object> entry = stage.entrySet().iterator().next();
      stages.add(stage(entry.getKey(), entry.getValue()));
    }
    return stages;
  }

  private static Document stage(String name, Object argument) {
    switch (name) {
      case "$set":
        return new Document("$addFields", argument);
      case "$replaceWith":
        return new Document("$replaceRoot", new Document("newRoot", argument));
      case "$match":
        filter(argument);
        return new Document(name, argument);
      case "$facet":
        Document facets = new Document();
        if (argument instanceof Document given) {
          given.forEach((facet, stages) -> facets.put(facet, inner(stages)));
        }
        return new Document(name, facets);
      case "$lookup":
        Document lookup = new Document((Document) argument);
        if (!(lookup.get("from") instanceof String)) {
          throw Refusal.failedToParse(
              "$lookup reads from a collection of the same database: 'from' must be a string");
        }
        if (lookup.containsKey("pipeline")) {
          lookup.put("pipeline", inner(lookup.get("pipeline")));
        }
        return new Document(name, lookup);
      case "$graphLookup":
        return new Document(name, GraphLookup.checked(argument));
      case "$unionWith":
        return new Document(
            name,
            argument instanceof String other
                ? new Document("coll", other).append("pipeline", List.of())
                : union(argument));
      case "$merge":
        if (argument instanceof Document merge && merge.get("whenMatched") instanceof List<?> own) {
          Document copy = new Document(merge);
          copy.put("whenMatched", pipeline(own));
          return new Document(name, copy);
        }
        return new Document(name, argument);
      default:
        if (!STAGES.contains(name)) {
          throw unknownStage(name);
        }
        return new Document(name, argument);
    }
  }

  /** A {@code $unionWith} whose pipeline is checked. */
  record Union(String collection, List<Document> pipeline) {
    static Union of(Document checkedStage) {
      if (!(checkedStage.get("$unionWith") instanceof Document checked)) {
        throw new AssertionError("not a checked $unionWith");
      }
      List<Document> stages = new ArrayList<>();
      if (checked.get("pipeline") instanceof Collection<?> given) {
        given.forEach(stage -> stages.add((Document) stage));
      }
      return new Union(String.valueOf(checked.get("coll")), stages);
    }
  }

  private static Document union(Object argument) {
    if (!(argument instanceof Document given)
        || !(given.get("coll") instanceof String)
        || !Set.of("coll", "pipeline").containsAll(given.keySet())) {
      throw Refusal.failedToParse("$unionWith needs 'coll' and may have 'pipeline'");
    }
    Object stages = given.get("pipeline");
    List<Document> pipeline = stages == null ? List.of() : pipeline(stages);
    refuseWrites(pipeline);
    return new Document("coll", given.get("coll")).append("pipeline", pipeline);
  }

  private static void refuseWrites(List<Document> pipeline) {
    if (pipeline.stream().anyMatch(s -> s.containsKey("$out") || s.containsKey("$merge"))) {
      throw new MongoServerError(51047, "$out and $merge are not allowed within another pipeline");
    }
  }

  private static List<Document> inner(Object stages) {
    List<Document> pipeline = pipeline(stages);
    refuseWrites(pipeline);
    if (pipeline.stream()
        .anyMatch(s -> s.containsKey("$unionWith") || s.containsKey("$graphLookup"))) {
      throw Refusal.notSupported("$unionWith or $graphLookup inside $lookup or $facet");
    }
    return pipeline;
  }

  private static MongoServerError unknownStage(String name) {
    if (name.equals("$changeStream")) {
      return new MongoServerError(
          40573, "Location40573", "The $changeStream stage is only supported on replica sets");
    }
    return KnownElsewhere.stage(name)
        ? Refusal.notSupported("stage " + name)
        : new MongoServerError(40324, "Unrecognized pipeline stage name: '" + name + "'");
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
