package io.sworn.database.engine;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.exception.MongoServerException;
import io.sworn.database.storage.Catalogue;
import io.sworn.database.storage.EncryptedStore;
import io.sworn.database.storage.HeldRecord;
import io.sworn.database.storage.HeldTable;
import io.sworn.event.BsonBytes;
import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine over the encrypted store: one command at a time, one commit for all that wait.
 *
 * <p>A writing command runs inside a mark of the open transaction and then joins its batch. The
 * first of a batch to get the turn commits for all, lets go of the engine and fsyncs. Meanwhile
 * others read, and write into the next batch, whose turn comes after the fsync.
 */
final class DocumentEngine implements Engine {

  private static final Logger log = LoggerFactory.getLogger(DocumentEngine.class);
  private static final Set<String> WRITES =
      Set.of(
          "insert",
          "update",
          "delete",
          "findAndModify",
          "create",
          "drop",
          "dropDatabase",
          "renameCollection",
          "createIndexes",
          "dropIndexes");

  private final EncryptedStore store;
  private final Catalogue catalogue;
  private final Transaction transaction;
  private final Deadline deadline = new Deadline();
  private final Namespaces namespaces;
  private final Cursors cursors = new Cursors();
  private final ReadCommands reads;
  private final WriteCommands writes;
  private final CatalogueCommands catalogueCommands;
  private final HeldTable held;
  private final ReentrantLock lock = new ReentrantLock(true);
  private final ReentrantLock commitTurn = new ReentrantLock(true);
  private CommitRecords records = CommitRecords.NONE;
  private Batch batch = new Batch();
  private boolean closed;
  private volatile @Nullable RuntimeException broken;

  /** Commands that share a commit. Fields change under the engine's lock. */
  private static final class Batch {
    private boolean committed;
    private @Nullable RuntimeException failure;

    /** Only touched by whoever has the commit turn. */
    private boolean durable;
  }

  private DocumentEngine(EncryptedStore store) {
    this.store = store;
    held = new HeldTable(store);
    catalogue = new Catalogue(store);
    transaction = new Transaction(store);
    namespaces = new Namespaces(catalogue, transaction, deadline);
    reads = new ReadCommands(namespaces, cursors);
    writes = new WriteCommands(namespaces, transaction);
    catalogueCommands = new CatalogueCommands(namespaces, cursors);
  }

  static Engine open(Path directory, byte[] key) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          directory + ": cannot be created: " + LocalFiles.reason(e, directory),
          e);
    }
    EncryptedStore store = EncryptedStore.open(directory.resolve("database.db"), key);
    try {
      return new DocumentEngine(store);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public BsonDocument run(EngineCommand command, Consumer<List<DdlEffect>> onEffects) {
    try {
      Document body = BsonBridge.toLibrary(command.body());
      if (!writing(command.name(), body)) {
        return read(() -> execute(command, body));
      }
      return write(
          () -> {
            BsonDocument reply = execute(command, body);
            List<DdlEffect> effects = namespaces.takeEffects();
            if (!effects.isEmpty()) {
              onEffects.accept(effects);
            }
            return reply;
          });
    } catch (MongoServerError e) {
      MongoServerError named = KnownElsewhere.named(e);
      return error(named.getCode(), named.getCodeName(), named.getMessageWithoutErrorCode());
    } catch (MongoServerException e) {
      return error(8, "UnknownError", e.getMessageWithoutErrorCode());
    } catch (SwornException e) {
      log.error("command {} failed", command.name(), e);
      return error(1, "InternalError", String.valueOf(e.getMessage()));
    } catch (ClassCastException | IllegalArgumentException | UnsupportedOperationException e) {
      // The query library's way to say that a value has another type than it expects.
      return error(
          2, "BadValue", "an argument of " + command.name() + " has the wrong type or form");
    } catch (StackOverflowError e) {
      return error(2, "BadValue", "an argument of " + command.name() + " is nested too deep");
    } catch (RuntimeException e) {
      log.error("command {} failed: {}", command.name(), e.getClass().getName());
      return error(1, "InternalError", "command " + command.name() + " failed");
    }
  }

  private static boolean writing(String name, Document body) {
    return WRITES.contains(name)
        || (name.equals("aggregate")
            && body.get("pipeline") instanceof List<?> stages
            && stages.stream()
                .anyMatch(
                    s ->
                        s instanceof Document d
                            && (d.containsKey("$out") || d.containsKey("$merge"))));
  }

  private BsonDocument execute(EngineCommand command, Document body) {
    deadline.begin(body.get("maxTimeMS"));
    try {
      return executeTimed(command, body);
    } finally {
      deadline.end();
    }
  }

  private BsonDocument executeTimed(EngineCommand command, Document body) {
    switch (command.name()) {
      case "find":
        return reads.find(command, body);
      case "getMore":
        return reads.getMore(command, body);
      case "aggregate":
        return reads.aggregate(command, body);
      case "listCollections":
        return catalogueCommands.listCollections(command, body);
      case "listIndexes":
        return catalogueCommands.listIndexes(command, body);
      default:
        return BsonBridge.toBson(executePlain(command, body));
    }
  }

  private Document executePlain(EngineCommand command, Document body) {
    return switch (command.name()) {
      case "killCursors" -> reads.killCursors(command, body);
      case "count" -> reads.count(command, body);
      case "distinct" -> reads.distinct(command, body);
      case "insert" -> writes.insert(command, body);
      case "update" -> writes.update(command, body);
      case "delete" -> writes.delete(command, body);
      case "findAndModify" -> writes.findAndModify(command, body);
      case "create" -> catalogueCommands.create(command, body);
      case "drop" -> catalogueCommands.drop(command, body);
      case "dropDatabase" -> catalogueCommands.dropDatabase(command, body);
      case "renameCollection" -> catalogueCommands.rename(body);
      case "createIndexes" -> catalogueCommands.createIndexes(command, body);
      case "dropIndexes" -> catalogueCommands.dropIndexes(command, body);
      case "listDatabases" -> catalogueCommands.listDatabases(body);
      case "dbStats" -> catalogueCommands.dbStats(command, body);
      case "collStats" -> catalogueCommands.collStats(command, body);
      case "validate" -> catalogueCommands.validate(command, body);
      default ->
          throw new MongoServerError(
              59, "CommandNotFound", "no such command: '" + command.name() + "'");
    };
  }

  private <T> T read(Supplier<T> work) {
    lock.lock();
    try {
      checkOpen();
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private <T> T write(Supplier<T> work) {
    Batch mine;
    T result;
    lock.lock();
    try {
      checkOpen();
      namespaces.takeEffects();
      transaction.mark();
      try {
        result = work.get();
        transaction.release();
      } catch (RuntimeException | Error e) {
        namespaces.takeEffects();
        undo(e instanceof RuntimeException known ? known : new IllegalStateException(e));
        throw e;
      }
      mine = batch;
    } finally {
      lock.unlock();
    }
    settle(mine);
    return result;
  }

  /** Takes back the command, or all of the open batch. */
  private void undo(RuntimeException cause) {
    try {
      transaction.undoToMark();
    } catch (SwornException e) {
      // SQLite gave up the whole transaction (disk full, I/O error): so do all its commands.
      cause.addSuppressed(e);
      finish(cause);
    }
  }

  /** Returns when the batch is durable, or throws if it failed. */
  private void settle(Batch mine) {
    commitTurn.lock();
    try {
      if (!mine.durable) {
        long upTo = committed(mine);
        if (mine.failure == null) {
          sync(upTo);
          mine.durable = true;
        }
      }
    } finally {
      commitTurn.unlock();
    }
    RuntimeException failure = mine.failure;
    if (failure != null) {
      throw new SwornException(
          ErrorCode.STORAGE, "nothing was changed: " + failure.getMessage(), failure);
    }
  }

  /** Commits the batch unless it is; returns the number up to which records went along. */
  private long committed(Batch mine) {
    lock.lock();
    try {
      return mine.committed ? 0 : commit();
    } finally {
      lock.unlock();
    }
  }

  private long commit() {
    try {
      namespaces.keepSizes();
      List<HeldRecord> pending = records.pending();
      if (!pending.isEmpty()) {
        transaction.begin();
        held.forget(records.releasable());
        pending.forEach(held::add);
      }
      transaction.commit();
      finish(null);
      return pending.isEmpty() ? 0 : pending.get(pending.size() - 1).sequence();
    } catch (RuntimeException e) {
      finish(e);
      return 0;
    }
  }

  /**
   * What is committed is in memory and cannot be taken back: after a failed fsync nothing goes on,
   * and no second fsync is believed.
   */
  private void sync(long upTo) {
    requireSound();
    try {
      store.sync();
    } catch (RuntimeException e) {
      broken = e;
      requireSound();
    }
    records.durable(upTo);
  }

  private void requireSound() {
    RuntimeException reason = broken;
    if (reason != null) {
      throw new SwornException(
          ErrorCode.STORAGE, "the disk failed, restart the server: " + reason.getMessage(), reason);
    }
  }

  private void finish(@Nullable RuntimeException failure) {
    Batch finished = batch;
    batch = new Batch();
    finished.failure = failure;
    finished.committed = true;
    if (failure != null) {
      transaction.rollback();
    }
  }

  @Override
  public List<HeldRecord> heldRecords() {
    return read(held::all);
  }

  @Override
  public void commitWith(CommitRecords owner) {
    lock.lock();
    try {
      records = owner;
    } finally {
      lock.unlock();
    }
  }

  private void checkOpen() {
    requireSound();
    if (closed) {
      throw new MongoServerError(11600, "InterruptedAtShutdown", "the server is shutting down");
    }
  }

  private static BsonDocument error(int code, String name, String message) {
    return new BsonDocument("ok", new BsonDouble(0))
        .append("errmsg", new BsonString(message))
        .append("code", new BsonInt32(code))
        .append("codeName", new BsonString(name));
  }

  @Override
  public boolean databaseExists(String db) {
    return read(() -> !namespaces.collections(db).isEmpty());
  }

  @Override
  public boolean collectionExists(String db, String collection) {
    return read(() -> namespaces.find(db, collection) != null);
  }

  @Override
  public List<String> collections(String db) {
    return read(
        () ->
            namespaces.collections(db).stream().map(StoredCollection::getCollectionName).toList());
  }

  @Override
  public List<String> databases() {
    return read(namespaces::databases);
  }

  @Override
  public void endSession(Object owner) {
    lock.lock();
    try {
      cursors.endSession(owner);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SystemStore systemStore() {
    return new Records();
  }

  /** The server's own records. */
  private final class Records implements SystemStore {
    @Override
    public Optional<BsonDocument> get(String kind, String id) {
      return read(() -> Optional.ofNullable(catalogue.record(kind, id)).map(Records::decode));
    }

    @Override
    public void put(String kind, String id, BsonDocument document) {
      byte[] encoded = BsonBytes.of(document).array();
      write(
          () -> {
            catalogue.putRecord(kind, id, encoded);
            return true;
          });
    }

    @Override
    public boolean delete(String kind, String id) {
      return write(() -> catalogue.removeRecord(kind, id));
    }

    @Override
    public void deleteAll(String kind, List<String> ids) {
      write(
          () -> {
            ids.forEach(id -> catalogue.removeRecord(kind, id));
            return true;
          });
    }

    @Override
    public List<BsonDocument> list(String kind) {
      return read(() -> catalogue.records(kind).stream().map(Records::decode).toList());
    }

    private static BsonDocument decode(byte[] bson) {
      return BsonBytes.wrap(bson).toDocument();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        try {
          if (store.inTransaction() && broken == null) {
            sync(commit());
          }
        } finally {
          store.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
