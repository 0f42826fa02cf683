package io.sworn.database.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.bson.BsonDocument;

/**
 * A document database in one directory. Safe for any thread; concurrent writes share one fsync.
 *
 * <p>Order of safety for a command that changes anything: the caller appends its audit events
 * (beforehand, or in {@code onEffects}); the write barrier makes them durable; only then the change
 * is committed and fsynced; only then {@link #run} returns.
 */
public interface Engine extends AutoCloseable {

  /**
   * Opens or creates the database.
   *
   * @param directory where its files lie; created with owner-only permissions if missing
   * @param key 32 random bytes; every page on disk is encrypted and authenticated with keys derived
   *     from it
   * @param writeBarrier called before every commit; returns when every audit event appended so far
   *     is on disk. If it throws, nothing is committed and the commands fail
   * @throws io.sworn.event.SwornException if the key is wrong or the file is damaged
   */
  static Engine open(Path directory, byte[] key, Runnable writeBarrier) {
    return DocumentEngine.open(directory, key, writeBarrier);
  }

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
