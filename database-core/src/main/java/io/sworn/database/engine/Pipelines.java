package io.sworn.database.engine;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The allow-list of stages: what is not known to be done right is refused, never ignored. */
final class Pipelines {

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

  private Pipelines() {}

  /** Checks a pipeline and rewrites the stages that have another name for the same thing. */
  static List<Document> checked(@Nullable Object value) {
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
        Guards.filter(argument);
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
          copy.put("whenMatched", checked(own));
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
    List<Document> pipeline = stages == null ? List.of() : checked(stages);
    refuseWrites(pipeline);
    return new Document("coll", given.get("coll")).append("pipeline", pipeline);
  }

  private static void refuseWrites(List<Document> pipeline) {
    if (pipeline.stream().anyMatch(s -> s.containsKey("$out") || s.containsKey("$merge"))) {
      throw new MongoServerError(51047, "$out and $merge are not allowed within another pipeline");
    }
  }

  private static List<Document> inner(Object stages) {
    List<Document> pipeline = checked(stages);
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
}
