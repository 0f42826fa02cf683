package io.sworn.database.storage;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which collections and indexes the file holds, and the server's own records. */
public final class Catalogue {

  private final EncryptedStore store;

  /** The catalogue inside {@code store}. */
  public Catalogue(EncryptedStore store) {
    this.store = store;
  }

  /** A collection as the file knows it. {@code options} is an encoded document. */
  @SuppressWarnings("ArrayRecordComponent")
  public record CollectionRow(
      long id, String db, String name, UUID uuid, byte[] options, long documents, long bytes) {}

  /** An index as the file knows it. {@code spec} is an encoded document. */
  @SuppressWarnings("ArrayRecordComponent")
  public record IndexRow(long id, String name, byte[] spec) {}

  /** All collections, in the order of their creation. */
  public List<CollectionRow> collections() {
    return store.query(
        r ->
            new CollectionRow(
                r.getLong(1),
                r.getString(2),
                r.getString(3),
                UUID.fromString(r.getString(4)),
                r.getBytes(5),
                r.getLong(6),
                r.getLong(7)),
        "select id, db, name, uuid, options, documents, bytes from collections order by id");
  }

  /** The indexes of a collection, in the order of their creation. */
  public List<IndexRow> indexes(long collection) {
    return store.query(
        r -> new IndexRow(r.getLong(1), r.getString(2), r.getBytes(3)),
        "select id, name, spec from indexes where collection = ? order by id",
        collection);
  }

  /** Adds a collection and its table; returns its id. */
  public long addCollection(String db, String name, UUID uuid, byte[] options) {
    store.update(
        "insert into collections(db, name, uuid, options, documents, bytes)"
            + " values(?, ?, ?, ?, 0, 0)",
        db,
        name,
        uuid.toString(),
        options);
    long id = store.lastKey();
    documents(id).create();
    return id;
  }

  /** Removes a collection, its table and its indexes. */
  public void removeCollection(long id) {
    for (IndexRow index : indexes(id)) {
      removeIndex(index.id());
    }
    documents(id).drop();
    store.update("delete from collections where id = ?", id);
  }

  /** Gives a collection another name, maybe in another database. */
  public void renameCollection(long id, String db, String name) {
    store.update("update collections set db = ?, name = ? where id = ?", db, name, id);
  }

  /** Keeps the size of a collection, so that opening need not count. */
  public void keepSize(long id, long documents, long bytes) {
    store.update(
        "update collections set documents = ?, bytes = ? where id = ?", documents, bytes, id);
  }

  /** Adds an index and its table; returns its id. */
  public long addIndex(long collection, String name, byte[] spec, boolean unique) {
    store.update(
        "insert into indexes(collection, name, spec) values(?, ?, ?)", collection, name, spec);
    long id = store.lastKey();
    keys(id, unique).create();
    return id;
  }

  /** Removes an index and its table. */
  public void removeIndex(long id) {
    keys(id, false).drop();
    store.update("delete from indexes where id = ?", id);
  }

  /** The documents of a collection. */
  public DocumentTable documents(long collection) {
    return new DocumentTable(store, collection);
  }

  /** The entries of an index. */
  public KeyTable keys(long index, boolean unique) {
    return new KeyTable(store, index, unique);
  }

  /** One record of the server's own. */
  public byte @Nullable [] record(String kind, String id) {
    return store.first(
        r -> r.getBytes(1), "select document from records where kind = ? and id = ?", kind, id);
  }

  /** All records of a kind in the order of their ids. */
  public List<byte[]> records(String kind) {
    return store.query(
        r -> r.getBytes(1), "select document from records where kind = ? order by id", kind);
  }

  /** Writes or replaces a record. */
  public void putRecord(String kind, String id, byte[] document) {
    store.update("insert or replace into records values(?, ?, ?)", kind, id, document);
  }

  /** Removes a record; false if there was none. */
  public boolean removeRecord(String kind, String id) {
    return store.update("delete from records where kind = ? and id = ?", kind, id) > 0;
  }
}
