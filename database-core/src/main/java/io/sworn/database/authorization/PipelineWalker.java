package io.sworn.database.authorization;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * Finds every namespace that an aggregation pipeline touches, at any depth. Stages that are not
 * known here are refused: one that is not understood could reach anywhere.
 */
final class PipelineWalker {

  private static final int STAGES_MAX = 1000;
  private static final int NESTING_MAX = 20;

  /** Stages that touch nothing but the documents that flow through them. */
  private static final Set<String> LOCAL =
      Set.of(
          "$match",
          "$project",
          "$addFields",
          "$set",
          "$unset",
          "$limit",
          "$skip",
          "$sort",
          "$group",
          "$unwind",
          "$count",
          "$sample",
          "$sortByCount",
          "$bucket",
          "$bucketAuto",
          "$replaceRoot",
          "$replaceWith",
          "$redact",
          "$setWindowFields",
          "$densify",
          "$fill");

  /** Stages of MongoDB that reach beyond documents and are not here. */
  private static final Set<String> NOT_HERE =
      Set.of(
          "$changeStreamSplitLargeEvent",
          "$currentOp",
          "$documents",
          "$geoNear",
          "$listLocalSessions",
          "$listSampledQueries",
          "$listSearchIndexes",
          "$listSessions",
          "$planCacheStats",
          "$queryStats",
          "$querySettings",
          "$rankFusion",
          "$scoreFusion",
          "$score",
          "$search",
          "$searchMeta",
          "$shardedDataDistribution",
          "$vectorSearch");

  private static final Set<String> MERGE_STAGES =
      new TreeSet<>(
          Set.of("$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"));

  private final String db;
  private final List<Need> needs = new ArrayList<>();
  private int stages;

  private PipelineWalker(String db) {
    this.db = db;
  }

  /**
   * What a pipeline over {@code db.collection} needs.
   *
   * @throws CommandException if a stage is not known or not well-formed
   */
  static List<Need> needs(String db, String collection, BsonValue pipeline) {
    PipelineWalker walker = new PipelineWalker(db);
    walker.add(Action.FIND, db, collection);
    walker.walk(collection, pipeline, 0);
    return walker.needs;
  }

  private void walk(String collection, BsonValue pipeline, int depth) {
    if (depth > NESTING_MAX) {
      throw CommandException.badValue("pipelines are nested deeper than " + NESTING_MAX);
    }
    for (BsonValue stage : array(pipeline)) {
      if (!stage.isDocument() || stage.asDocument().size() != 1) {
        throw new CommandException(
            40323, "Location40323", "A pipeline stage must be an object with exactly one field");
      }
      if (++stages > STAGES_MAX) {
        throw CommandException.badValue("more than " + STAGES_MAX + " pipeline stages");
      }
      stage.asDocument().forEach((name, spec) -> stage(collection, name, spec, depth));
    }
  }

  private void stage(String collection, String name, BsonValue spec, int depth) {
    if (LOCAL.contains(name)) {
      return;
    }
    switch (name) {
      case "$lookup" -> {
        BsonDocument lookup = document(spec, name);
        walkInner(source(lookup, "from", name), lookup, depth);
      }
      case "$graphLookup" -> source(document(spec, name), "from", name);
      case "$unionWith" -> unionWith(spec, depth);
      case "$facet" ->
          document(spec, name).values().forEach(inner -> walk(collection, inner, depth + 1));
      case "$out" -> target(spec, name, Action.REMOVE);
      case "$merge" -> {
        boolean full = spec.isDocument();
        target(full ? document(spec, name).getOrDefault("into", spec) : spec, name, Action.UPDATE);
        BsonValue whenMatched = full ? document(spec, name).get("whenMatched") : null;
        if (whenMatched != null && whenMatched.isArray()) {
          onlyLocal(whenMatched.asArray());
        }
      }
      case "$changeStream" -> {} // reads the collection of the pipeline; the engine has none
      case "$indexStats" -> add(Action.INDEX_STATS, db, collection);
      case "$collStats" -> add(Action.COLL_STATS, db, collection);
      default ->
          throw NOT_HERE.contains(name)
              ? CommandException.notSupported("stage " + name + " is not supported by this server")
              : new CommandException(
                  40324, "Location40324", "Unrecognized pipeline stage name: '" + name + "'");
    }
  }

  /** The pipeline of a {@code $merge} may change the document that it found, and no more. */
  private static void onlyLocal(BsonArray pipeline) {
    for (BsonValue stage : pipeline) {
      if (!stage.isDocument() || !MERGE_STAGES.containsAll(stage.asDocument().keySet())) {
        throw new CommandException(
            51047, "Location51047", "whenMatched of $merge takes only " + MERGE_STAGES);
      }
    }
  }

  private void unionWith(BsonValue spec, int depth) {
    if (spec.isString()) {
      add(Action.FIND, db, spec.asString().getValue());
      return;
    }
    BsonDocument union = document(spec, "$unionWith");
    walkInner(source(union, "coll", "$unionWith"), union, depth);
  }

  /**
   * What a stage reads: a collection of the same database, or one with its database. The engine
   * reads no other database, but says so only to those who may.
   */
  private String source(BsonDocument spec, String member, String stage) {
    boolean full = spec.isDocument(member);
    BsonDocument named = full ? spec.getDocument(member) : spec;
    String collection = text(named, full ? "coll" : member, stage);
    add(Action.FIND, named.isString("db") ? text(named, "db", stage) : db, collection);
    return collection;
  }

  private void walkInner(String from, BsonDocument spec, int depth) {
    BsonValue pipeline = spec.get("pipeline");
    if (pipeline != null) {
      walk(from, pipeline, depth + 1);
    }
  }

  private void target(BsonValue into, String stage, Action second) {
    String targetDb = db;
    String target;
    if (into.isString()) {
      target = into.asString().getValue();
    } else {
      targetDb = text(document(into, stage), "db", stage);
      target = text(document(into, stage), "coll", stage);
    }
    add(Action.INSERT, targetDb, target);
    add(second, targetDb, target);
  }

  private void add(Action action, String onDb, String collection) {
    needs.add(new Need(action, Resource.collection(onDb, collection)));
  }

  private static BsonArray array(BsonValue value) {
    if (!value.isArray()) {
      throw CommandException.typeMismatch("'pipeline' must be an array");
    }
    return value.asArray();
  }

  private static BsonDocument document(BsonValue value, String stage) {
    if (!value.isDocument()) {
      throw new CommandException(9, "FailedToParse", stage + " needs a document");
    }
    return value.asDocument();
  }

  private static String text(BsonDocument spec, String member, String stage) {
    if (!spec.isString(member)) {
      throw new CommandException(9, "FailedToParse", stage + " needs a string '" + member + "'");
    }
    return spec.getString(member).getValue();
  }
}
