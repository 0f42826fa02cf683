package io.sworn.database.engine;

import io.sworn.database.storage.HeldRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.bson.BsonDocument;

/**
 * A document database in one directory. Safe for any thread; concurrent writes share one fsync, and
 * reads do not wait for it.
 *
 * <p>Order of safety for a command that changes anything: the caller appends its audit events
 * (beforehand, or in {@code onEffects}); change and events are committed together; the commit is
 * fsynced; only then {@link #run} returns. A read may see a change whose fsync is still under way.
 */
public interface Engine extends AutoCloseable {

  /**
   * Opens or creates the database.
   *
   * @param directory where its files lie; created with owner-only permissions if missing
   * @param key 32 random bytes; every page on disk is encrypted and authenticated with keys derived
   *     from it
   * @throws io.sworn.event.SwornException if the key is wrong or the file is damaged
   */
  static Engine open(Path directory, byte[] key) {
    return DocumentEngine.open(directory, key);
  }

  /** Records that earlier commits took along and whose owner has not released them, in order. */
  List<HeldRecord> heldRecords();

  /**
   * From now on each commit takes along these records. The owner has taken over what {@link
   * #heldRecords} returned; what of it is not releasable yet stays.
   */
  void commitWith(CommitRecords records);

  /**
   * Runs one authorised command and returns the reply. What it changed is durable then.
   *
   * <p>A failed command is a reply ({@code ok: 0, code, codeName, errmsg}), never an exception. A
   * reply of {@code ok: 1} may hold {@code writeErrors}: part of the command took effect.
   *
   * @param onEffects called at most once, before the commit and under the engine's lock, with what
   *     the command changes in the catalogue; not called when it changes nothing there. If it
   *     throws, the command is undone and fails with code 1. It must not call the engine
   */
  BsonDocument run(EngineCommand command, Consumer<List<DdlEffect>> onEffects);

  /** Whether the database has a collection. */
  boolean databaseExists(String db);

  /** Whether the collection exists. */
  boolean collectionExists(String db, String collection);

  /** Names of the collections of a database, sorted; empty if it does not exist. */
  List<String> collections(String db);

  /** Names of the databases, sorted. */
  List<String> databases();

  /** Forgets all cursors of an owner whose connection has closed. */
  void endSession(Object owner);

  /** The server's own records in the same store. */
  SystemStore systemStore();

  /** Waits for running commands and closes the files. Idempotent. */
  @Override
  void close();
}
