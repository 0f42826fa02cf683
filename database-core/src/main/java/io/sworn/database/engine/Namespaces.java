package io.sworn.database.engine;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.sworn.database.storage.Catalogue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The databases, collections and indexes there are, in memory and in the store alike. */
final class Namespaces {

  private static final int NAMESPACE_BYTES_MAX = 255;
  private static final int INDEXES_MAX = 64;

  private final Catalogue catalogue;
  private final Transaction transaction;
  private final Deadline deadline;
  private final TreeMap<String, TreeMap<String, StoredCollection>> databases = new TreeMap<>();
  private final List<DdlEffect> effects = new ArrayList<>();

  Namespaces(Catalogue catalogue, Transaction transaction, Deadline deadline) {
    this.deadline = deadline;
    this.catalogue = catalogue;
    this.transaction = transaction;
    for (Catalogue.CollectionRow row : catalogue.collections()) {
      StoredCollection collection =
          new StoredCollection(
              database(row.db()),
              row.name(),
              row.id(),
              row.uuid(),
              BsonBridge.decode(row.options()),
              transaction,
              deadline,
              catalogue.documents(row.id()),
              row.documents(),
              row.bytes());
      for (Catalogue.IndexRow index : catalogue.indexes(row.id())) {
        Document spec = BsonBridge.decode(index.spec());
        collection.getIndexes().add(open(index.id(), spec));
      }
      databases.computeIfAbsent(row.db(), db -> new TreeMap<>()).put(row.name(), collection);
    }
  }

  private StoredIndex open(long id, Document spec) {
    return new StoredIndex(id, spec, catalogue.keys(id, unique(spec)));
  }

  private static boolean unique(Document spec) {
    return "_id_".equals(spec.get("name")) || Boolean.TRUE.equals(spec.get("unique"));
  }

  StoredDatabase database(String db) {
    return new StoredDatabase(this, db);
  }

  /** What the running command has changed so far, and forgets it. */
  List<DdlEffect> takeEffects() {
    List<DdlEffect> taken = List.copyOf(effects);
    effects.clear();
    return taken;
  }

  List<String> databases() {
    return List.copyOf(databases.keySet());
  }

  List<StoredCollection> collections(String db) {
    TreeMap<String, StoredCollection> found = databases.get(db);
    return found == null ? List.of() : List.copyOf(found.values());
  }

  @Nullable StoredCollection find(String db, String name) {
    TreeMap<String, StoredCollection> found = databases.get(db);
    return found == null ? null : found.get(name);
  }

  StoredCollection findOrCreate(String db, String name) {
    StoredCollection found = find(db, name);
    return found == null ? create(db, name, new Document()) : found;
  }

  static void checkName(String db, String name) {
    boolean badDb =
        db.isEmpty()
            || db.length() > 63
            || db.chars().anyMatch(c -> "/\\. \"$*<>:|?\0".indexOf(c) >= 0);
    if (badDb) {
      throw Refusal.invalidNamespace("Invalid database name: '" + db + "'");
    }
    int length = (db + "." + name).getBytes(StandardCharsets.UTF_8).length;
    if (name.isEmpty()
        || name.startsWith(".")
        || name.startsWith("system.")
        || name.indexOf('$') >= 0
        || name.indexOf('\0') >= 0
        || length > NAMESPACE_BYTES_MAX) {
      throw Refusal.invalidNamespace("Invalid namespace specified '" + db + "." + name + "'");
    }
  }

  StoredCollection create(String db, String name, Document options) {
    checkName(db, name);
    if (find(db, name) != null) {
      throw Refusal.namespaceExists("Collection " + db + "." + name + " already exists.");
    }
    if (!databases.containsKey(db)) {
      effects.add(new DdlEffect.CreateDatabase(db));
    }
    UUID uuid = UUID.randomUUID();
    long id = catalogue.addCollection(db, name, uuid, BsonBridge.encode(options));
    StoredCollection collection =
        new StoredCollection(
            database(db),
            name,
            id,
            uuid,
            options,
            transaction,
            deadline,
            catalogue.documents(id),
            0,
            0);
    Document spec =
        new Document("v", 2).append("key", new Document("_id", 1)).append("name", "_id_");
    collection
        .getIndexes()
        .add(open(catalogue.addIndex(id, "_id_", BsonBridge.encode(spec), true), spec));
    register(db, name, collection);
    effects.add(new DdlEffect.CreateCollection(db + "." + name, BsonBridge.toBson(options)));
    return collection;
  }

  private void register(String db, String name, StoredCollection collection) {
    databases.computeIfAbsent(db, d -> new TreeMap<>()).put(name, collection);
    collection.gone(false);
    transaction.onUndo(() -> remove(db, name, collection));
  }

  private void unregister(String db, String name, StoredCollection collection) {
    remove(db, name, collection);
    transaction.onUndo(
        () -> {
          databases.computeIfAbsent(db, d -> new TreeMap<>()).put(name, collection);
          collection.gone(false);
        });
  }

  private void remove(String db, String name, StoredCollection collection) {
    TreeMap<String, StoredCollection> found = databases.get(db);
    if (found != null) {
      found.remove(name);
      if (found.isEmpty()) {
        databases.remove(db);
      }
    }
    collection.gone(true);
  }

  void drop(String db, String name, StoredCollection collection) {
    catalogue.removeCollection(collection.id);
    unregister(db, name, collection);
    effects.add(new DdlEffect.DropCollection(db + "." + name));
  }

  void dropDatabase(String db) {
    for (StoredCollection collection : collections(db)) {
      drop(db, collection.getCollectionName(), collection);
    }
    effects.add(new DdlEffect.DropDatabase(db));
  }

  void rename(StoredCollection source, String toDb, String toName) {
    checkName(toDb, toName);
    String fromDb = source.getDatabaseName();
    String fromName = source.getCollectionName();
    if (!databases.containsKey(toDb)) {
      effects.add(new DdlEffect.CreateDatabase(toDb));
    }
    catalogue.renameCollection(source.id, toDb, toName);
    unregister(fromDb, fromName, source);
    source.renameTo(database(toDb), toName);
    transaction.onUndo(() -> source.renameTo(database(fromDb), fromName));
    register(toDb, toName, source);
    effects.add(new DdlEffect.RenameCollection(fromDb + "." + fromName, toDb + "." + toName));
  }

  void createIndex(StoredCollection collection, Document spec) {
    if (collection.getIndexes().size() >= INDEXES_MAX) {
      throw Refusal.cannotCreateIndex("more than " + INDEXES_MAX + " indexes");
    }
    String name = String.valueOf(spec.get("name"));
    long id = catalogue.addIndex(collection.id, name, BsonBridge.encode(spec), unique(spec));
    StoredIndex index = open(id, spec);
    collection
        .streamAllDocumentsWithPosition()
        .forEach(
            row -> {
              index.checkAdd(row.getDocument(), collection);
              index.add(row.getDocument(), row.getPosition(), collection);
            });
    collection.getIndexes().add(index);
    transaction.onUndo(() -> collection.getIndexes().remove(index));
    effects.add(new DdlEffect.CreateIndex(collection.getFullName(), name, BsonBridge.toBson(spec)));
  }

  void dropIndex(StoredCollection collection, StoredIndex index) {
    int at = collection.getIndexes().indexOf(index);
    if (at <= 0) {
      throw new MongoServerError(72, "InvalidOptions", "cannot drop _id index");
    }
    catalogue.removeIndex(index.id);
    collection.getIndexes().remove(at);
    transaction.onUndo(() -> collection.getIndexes().add(at, index));
    effects.add(new DdlEffect.DropIndex(collection.getFullName(), index.getName()));
  }

  /** Writes the sizes that changed into the catalogue, before the commit. */
  void keepSizes() {
    for (TreeMap<String, StoredCollection> db : databases.values()) {
      for (StoredCollection collection : db.values()) {
        if (collection.takeDirty()) {
          catalogue.keepSize(collection.id, collection.documents(), collection.bytes());
        }
      }
    }
  }
}
