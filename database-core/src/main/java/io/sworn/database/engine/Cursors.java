package io.sworn.database.engine;

import de.bwaldvogel.mongo.exception.MongoServerError;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** Open cursors: random ids, bound to owner and namespace, bounded in number and idle time. */
final class Cursors {

  static final int FIRST_BATCH = 101;
  private static final int BATCH_BYTES_MAX = 16 * 1024 * 1024 - 64 * 1024;
  private static final int COUNT_MAX = 1_000;
  private static final long IDLE_NANOS_MAX = 600_000_000_000L;

  private final SecureRandom random = new SecureRandom();
  private final Map<Long, Cursor> open = new HashMap<>();

  /** Results still to come. */
  private static final class Cursor {
    private final Object owner;
    private final String namespace;
    private final Iterator<RawBsonDocument> results;
    private final @Nullable StoredCollection source;
    private @Nullable RawBsonDocument held;
    private long used = System.nanoTime();

    private Cursor(
        Object owner,
        String namespace,
        Iterator<RawBsonDocument> results,
        @Nullable StoredCollection source) {
      this.owner = owner;
      this.namespace = namespace;
      this.results = results;
      this.source = source;
    }

    private boolean hasNext() {
      return held != null || results.hasNext();
    }

    private BsonArray batch(long count) {
      BsonArray batch = new BsonArray();
      long bytes = 0;
      while (batch.size() < count && hasNext()) {
        RawBsonDocument next = held == null ? results.next() : held;
        held = null;
        bytes += next.getByteBuffer().remaining() + 16L;
        if (bytes > BATCH_BYTES_MAX && !batch.isEmpty()) {
          held = next;
          break;
        }
        batch.add(next);
      }
      return batch;
    }
  }

  /**
   * The reply with the first batch; what is left waits in a cursor.
   *
   * @param source whose end ends the cursor, null if the results are already complete
   */
  BsonDocument first(
      Object owner,
      String namespace,
      Iterator<RawBsonDocument> results,
      @Nullable StoredCollection source,
      long batchSize,
      boolean single) {
    Cursor cursor = new Cursor(owner, namespace, results, source);
    BsonArray batch = cursor.batch(batchSize);
    long id = 0;
    if (!single && cursor.hasNext()) {
      sweep();
      if (open.size() >= COUNT_MAX) {
        throw new MongoServerError(
            290, "ExceededMemoryLimit", "more than " + COUNT_MAX + " open cursors");
      }
      do {
        id = random.nextLong() & Long.MAX_VALUE;
      } while (id == 0 || open.containsKey(id));
      open.put(id, cursor);
    }
    return reply("firstBatch", batch, id, namespace);
  }

  BsonDocument more(Object owner, String namespace, long id, long batchSize) {
    sweep();
    Cursor cursor = open.get(id);
    if (cursor == null || !cursor.owner.equals(owner)) {
      throw new MongoServerError(43, "CursorNotFound", "cursor id " + id + " not found");
    }
    if (!cursor.namespace.equals(namespace)) {
      throw new MongoServerError(
          13,
          "Unauthorized",
          "Requested getMore on namespace '" + namespace + "', but cursor belongs to another");
    }
    if (cursor.source != null && cursor.source.gone()) {
      open.remove(id);
      throw new MongoServerError(175, "QueryPlanKilled", "collection dropped or renamed");
    }
    cursor.used = System.nanoTime();
    BsonArray batch = cursor.batch(batchSize);
    if (!cursor.hasNext()) {
      open.remove(id);
      id = 0;
    }
    return reply("nextBatch", batch, id, namespace);
  }

  boolean kill(Object owner, String namespace, long id) {
    Cursor cursor = open.get(id);
    return cursor != null
        && cursor.owner.equals(owner)
        && cursor.namespace.equals(namespace)
        && open.remove(id) != null;
  }

  void endSession(Object owner) {
    open.values().removeIf(cursor -> cursor.owner.equals(owner));
  }

  private void sweep() {
    long now = System.nanoTime();
    open.values().removeIf(cursor -> now - cursor.used > IDLE_NANOS_MAX);
  }

  private static BsonDocument reply(String name, BsonArray batch, long id, String namespace) {
    return new BsonDocument(
            "cursor",
            new BsonDocument(name, batch)
                .append("id", new BsonInt64(id))
                .append("ns", new BsonString(namespace)))
        .append("ok", new BsonDouble(1));
  }
}
