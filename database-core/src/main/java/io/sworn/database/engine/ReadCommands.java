package io.sworn.database.engine;

import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.NoopOplog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** find, getMore, killCursors, count, distinct and aggregate. Runs under the engine's lock. */
final class ReadCommands {

  private static final long RESULT_BYTES_MAX = 100L << 20;

  private final Namespaces namespaces;
  private final Cursors cursors;

  ReadCommands(Namespaces namespaces, Cursors cursors) {
    this.namespaces = namespaces;
    this.cursors = cursors;
  }

  BsonDocument find(EngineCommand command, Document body) {
    String name = collectionName(body, "find");
    Document filter = Guards.filter(body.get("filter"));
    Document fields = Guards.projection(body.get("projection"));
    Document sort = sort(body.get("sort"));
    long skip = number(body, "skip", 0);
    long limit = Math.abs(number(body, "limit", 0));
    boolean single = number(body, "limit", 0) < 0 || Boolean.TRUE.equals(body.get("singleBatch"));
    StoredCollection collection = namespaces.find(command.db(), name);
    Guards.hint(body.get("hint"), collection);
    Stream<Document> found =
        collection == null ? Stream.empty() : collection.find(filter, sort, skip, limit, fields);
    // A natural-order scan goes on lazily at each getMore; a sort needs all of it at once.
    boolean lazy = collection != null && (sort == null || sort.containsKey("$natural"));
    return cursors.first(
        command.owner(),
        command.db() + "." + name,
        lazy ? raw(found) : materialised(found),
        lazy ? collection : null,
        number(body, "batchSize", Cursors.FIRST_BATCH),
        single);
  }

  BsonDocument getMore(EngineCommand command, Document body) {
    if (!(body.get("getMore") instanceof Number id)) {
      throw Refusal.typeMismatch("getMore needs a cursor id");
    }
    long batch = number(body, "batchSize", 0);
    return cursors.more(
        command.owner(),
        command.db() + "." + collectionName(body, "collection"),
        id.longValue(),
        batch == 0 ? Integer.MAX_VALUE : batch);
  }

  Document killCursors(EngineCommand command, Document body) {
    String namespace = command.db() + "." + collectionName(body, "killCursors");
    List<Object> killed = new ArrayList<>();
    List<Object> notFound = new ArrayList<>();
    if (body.get("cursors") instanceof Collection<?> ids) {
      for (Object id : ids) {
        boolean gone =
            id instanceof Number number
                && cursors.kill(command.owner(), namespace, number.longValue());
        (gone ? killed : notFound).add(id);
      }
    }
    return new Document("cursorsKilled", killed)
        .append("cursorsNotFound", notFound)
        .append("cursorsAlive", List.of())
        .append("cursorsUnknown", List.of())
        .append("ok", 1.0);
  }

  Document count(EngineCommand command, Document body) {
    StoredCollection collection = namespaces.find(command.db(), collectionName(body, "count"));
    Guards.hint(body.get("hint"), collection);
    Document filter = Guards.filter(body.get("query"));
    long skip = number(body, "skip", 0);
    long limit = Math.abs(number(body, "limit", 0));
    long n = 0;
    if (collection != null && filter.isEmpty()) {
      n = Math.max(0, collection.documents() - skip);
      n = limit > 0 ? Math.min(n, limit) : n;
    } else if (collection != null) {
      n = collection.find(filter, null, skip, limit, null).count();
    }
    return new Document("n", (int) Math.min(n, Integer.MAX_VALUE)).append("ok", 1.0);
  }

  Document distinct(EngineCommand command, Document body) {
    StoredCollection collection = namespaces.find(command.db(), collectionName(body, "distinct"));
    Guards.hint(body.get("hint"), collection);
    Document query = new Document("key", body.get("key"));
    query.put("query", Guards.filter(body.get("query")));
    if (!(body.get("key") instanceof String)) {
      throw Refusal.typeMismatch("distinct needs the name of a field in 'key'");
    }
    Document reply =
        collection == null
            ? new Document("values", List.of()).append("ok", 1.0)
            : collection.handleDistinct(query);
    if (BsonBridge.encode(reply).length > StoredCollection.DOCUMENT_BYTES_MAX) {
      throw new MongoServerError(17217, "distinct too big, 16mb cap");
    }
    return reply;
  }

  BsonDocument aggregate(EngineCommand command, Document body) {
    List<Document> pipeline = Pipelines.checked(body.get("pipeline"));
    if (!(body.get("aggregate") instanceof String name)) {
      throw Refusal.invalidNamespace("{aggregate: 1} is not valid here; a collection is required.");
    }
    if (!(body.get("cursor") instanceof Document options)) {
      throw Refusal.failedToParse("The 'cursor' option is required");
    }
    StoredCollection collection = namespaces.find(command.db(), name);
    Guards.hint(body.get("hint"), collection);
    Object out = null;
    if (!pipeline.isEmpty() && pipeline.get(pipeline.size() - 1).containsKey("$out")) {
      out = pipeline.remove(pipeline.size() - 1).get("$out");
    }
    for (int i = 0; i < pipeline.size(); i++) {
      boolean last = i == pipeline.size() - 1 && out == null;
      if (pipeline.get(i).containsKey("$out") || (!last && pipeline.get(i).containsKey("$merge"))) {
        throw new MongoServerError(40601, "$out and $merge can only be the final stage");
      }
    }
    Stream<Document> results = results(command.db(), collection, pipeline);
    if (out != null) {
      replace(command.db(), out, results.toList());
      results = Stream.empty();
    }
    return cursors.first(
        command.owner(),
        command.db() + "." + name,
        materialised(results),
        null,
        number(options, "batchSize", Cursors.FIRST_BATCH),
        false);
  }

  /** Runs a pipeline; stages that are ours cut it into parts for the library. */
  private Stream<Document> results(
      String db, @Nullable StoredCollection collection, List<Document> pipeline) {
    int end = nextOwn(pipeline, 0);
    List<Document> head = pipeline.subList(0, end);
    Document match = head.isEmpty() ? null : (Document) head.get(0).get("$match");
    Stream<Document> results =
        collection == null
            ? Stream.empty()
            : collection.find(match == null ? new Document() : match, null, 0, 0, null);
    results = staged(db, collection, head, results);
    while (end < pipeline.size()) {
      results = own(db, pipeline.get(end), results);
      int begin = end + 1;
      end = nextOwn(pipeline, begin);
      results = staged(db, collection, pipeline.subList(begin, end), results);
    }
    return results;
  }

  private Stream<Document> own(String db, Document stage, Stream<Document> documents) {
    if (stage.get("$graphLookup") instanceof Document spec) {
      GraphLookup lookup = GraphLookup.of(spec, name -> namespaces.find(db, name));
      return documents.map(lookup::apply);
    }
    Pipelines.Union union = Pipelines.Union.of(stage);
    return Stream.concat(
        documents, results(db, namespaces.find(db, union.collection()), union.pipeline()));
  }

  private static int nextOwn(List<Document> pipeline, int from) {
    int at = from;
    while (at < pipeline.size()
        && !pipeline.get(at).containsKey("$unionWith")
        && !pipeline.get(at).containsKey("$graphLookup")) {
      at++;
    }
    return at;
  }

  private Stream<Document> staged(
      String db,
      @Nullable StoredCollection collection,
      List<Document> stages,
      Stream<Document> documents) {
    return Aggregation.fromPipeline(
            stages, namespaces::database, namespaces.database(db), collection, NoopOplog.get())
        .runStagesAsStream(documents);
  }

  /** {@code $out}: the target keeps its indexes and gets other documents. */
  private void replace(String db, Object out, List<Document> documents) {
    String targetDb = db;
    Object target = out;
    if (out instanceof Document document) {
      targetDb = String.valueOf(document.get("db"));
      target = document.get("coll");
      if (!document.keySet().equals(Set.of("db", "coll"))) {
        throw Refusal.notSupported("$out with other options than db and coll");
      }
    }
    if (!(target instanceof String name)) {
      throw Refusal.typeMismatch("$out needs the name of a collection");
    }
    StoredCollection collection = namespaces.findOrCreate(targetDb, name);
    for (Document old : collection.find(new Document(), null, 0, 0, null).toList()) {
      collection.removeDocument(old);
    }
    documents.forEach(collection::addDocument);
  }

  static Iterator<RawBsonDocument> raw(Stream<Document> documents) {
    return documents.map(document -> new RawBsonDocument(BsonBridge.encode(document))).iterator();
  }

  static Iterator<RawBsonDocument> materialised(Stream<Document> documents) {
    List<RawBsonDocument> all = new ArrayList<>();
    long bytes = 0;
    for (Iterator<RawBsonDocument> i = raw(documents); i.hasNext(); ) {
      RawBsonDocument next = i.next();
      bytes += next.getByteBuffer().remaining();
      if (bytes > RESULT_BYTES_MAX) {
        throw new MongoServerError(
            292,
            "QueryExceededMemoryLimitNoDiskUseAllowed",
            "a sorted or aggregated result of more than " + RESULT_BYTES_MAX + " bytes");
      }
      all.add(next);
    }
    return Collections.unmodifiableList(all).iterator();
  }

  static @Nullable Document sort(@Nullable Object value) {
    if (!(value instanceof Document sort) || sort.isEmpty()) {
      return null;
    }
    for (Object direction : sort.values()) {
      if (!(direction instanceof Number number) || Math.abs(number.doubleValue()) != 1) {
        throw Refusal.badValue("a sort direction must be 1 or -1");
      }
    }
    return sort;
  }

  static long number(Document body, String field, long otherwise) {
    Object value = body.get(field);
    if (value == null) {
      return otherwise;
    }
    if (!(value instanceof Number number)) {
      throw Refusal.typeMismatch("field '" + field + "' must be a number");
    }
    if (number.longValue() < 0 && !field.equals("limit")) {
      throw new MongoServerError(51024, "field '" + field + "' must not be negative");
    }
    return number.longValue();
  }

  static String collectionName(Document body, String field) {
    if (!(body.get(field) instanceof String name) || name.isEmpty()) {
      throw Refusal.invalidNamespace("collection name of '" + field + "' must be a string");
    }
    return name;
  }
}
