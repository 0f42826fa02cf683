package io.sworn.database.engine;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.aggregation.Expression;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The stage {@code $graphLookup}: breadth first, each document once. The library has one too, but
 * it starts from another field than it is told and runs in circles where the data does.
 */
final class GraphLookup {

  private static final Set<String> MEMBERS =
      Set.of(
          "from",
          "startWith",
          "connectFromField",
          "connectToField",
          "as",
          "maxDepth",
          "depthField",
          "restrictSearchWithMatch");
  private static final int FOUND_MAX = 100_000;

  private final @Nullable StoredCollection from;
  private final Object startWith;
  private final String connectFrom;
  private final String connectTo;
  private final String as;
  private final long depthMax;
  private final @Nullable String depthField;
  private final Document restriction;

  private GraphLookup(@Nullable StoredCollection from, Document spec) {
    this.from = from;
    startWith = required(spec, "startWith");
    connectFrom = text(spec, "connectFromField");
    connectTo = text(spec, "connectToField");
    as = text(spec, "as");
    depthMax = ReadCommands.number(spec, "maxDepth", Long.MAX_VALUE);
    depthField = spec.containsKey("depthField") ? text(spec, "depthField") : null;
    restriction =
        spec.get("restrictSearchWithMatch") instanceof Document match ? match : new Document();
  }

  /** Refuses what is no such stage. */
  static Document checked(Object argument) {
    if (!(argument instanceof Document spec) || !MEMBERS.containsAll(spec.keySet())) {
      throw Refusal.failedToParse("$graphLookup takes a document with " + MEMBERS);
    }
    Guards.filter(spec.get("restrictSearchWithMatch"));
    new GraphLookup(null, spec);
    text(spec, "from");
    return spec;
  }

  static GraphLookup of(
      Document checked, java.util.function.Function<String, StoredCollection> find) {
    return new GraphLookup(find.apply(text(checked, "from")), checked);
  }

  private static Object required(Document spec, String member) {
    Object value = spec.get(member);
    if (value == null) {
      throw Refusal.failedToParse("$graphLookup needs '" + member + "'");
    }
    return value;
  }

  private static String text(Document spec, String member) {
    if (!(required(spec, member) instanceof String value)) {
      throw Refusal.failedToParse("$graphLookup needs a string '" + member + "'");
    }
    return value;
  }

  /** The document with everything that can be reached from it. */
  Document apply(Document document) {
    Document result = document.clone();
    result.put(as, reached(Expression.evaluateDocument(startWith, document)));
    return result;
  }

  private List<Document> reached(@Nullable Object start) {
    Map<ByteBuffer, Document> found = new LinkedHashMap<>();
    Set<ByteBuffer> asked = new HashSet<>();
    List<@Nullable Object> next = fresh(start, asked);
    for (long depth = 0; from != null && depth <= depthMax && !next.isEmpty(); depth++) {
      List<@Nullable Object> after = new ArrayList<>();
      Document linked = new Document(connectTo, new Document("$in", next));
      Document query =
          restriction.isEmpty() ? linked : new Document("$and", List.of(linked, restriction));
      for (Document match : from.find(query, null, 0, 0, null).toList()) {
        ByteBuffer id = ByteBuffer.wrap(IndexKeys.encode(match.get("_id")));
        if (found.containsKey(id)) {
          continue;
        }
        after.addAll(fresh(Utils.getSubdocumentValueCollectionAware(match, connectFrom), asked));
        if (depthField != null) {
          match.put(depthField, depth);
        }
        found.put(id, match);
        if (found.size() > FOUND_MAX) {
          throw new MongoServerError(
              40099, "$graphLookup found more than " + FOUND_MAX + " documents");
        }
      }
      next = after;
    }
    return new ArrayList<>(found.values());
  }

  /** The values, those of an array each by itself, that were not asked for before. */
  private static List<@Nullable Object> fresh(@Nullable Object value, Set<ByteBuffer> asked) {
    List<@Nullable Object> fresh = new ArrayList<>();
    if (value instanceof Collection<?> items) {
      items.forEach(item -> fresh.addAll(fresh(item, asked)));
    } else if (!(value instanceof Missing) && asked.add(ByteBuffer.wrap(IndexKeys.encode(value)))) {
      fresh.add(value);
    }
    return fresh;
  }
}
