package io.sworn.database.engine;

import java.util.List;
import java.util.Optional;
import org.bson.BsonDocument;

/**
 * Typed records of the server's own (users and the like), kept in the same encrypted file as the
 * data but out of reach of any command. Safe for any thread.
 *
 * <p>A change is durable when its method returns, together with every audit event that was appended
 * before it.
 */
public interface SystemStore {

  /** The record {@code id} of {@code kind}, a copy. */
  Optional<BsonDocument> get(String kind, String id);

  /** Writes or replaces a record. */
  void put(String kind, String id, BsonDocument document);

  /** Removes a record; false if there was none. */
  boolean delete(String kind, String id);

  /** Removes several records in one commit: after a crash all of them are there, or none. */
  void deleteAll(String kind, List<String> ids);

  /** All records of {@code kind} in the order of their ids, copies. */
  List<BsonDocument> list(String kind);
}
