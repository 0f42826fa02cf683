package io.sworn.database.storage;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The entries of one index: encoded keys, ordered byte by byte, each with a position. */
public final class KeyTable {

  private static final int PAGE_ROWS_MAX = 1024;

  private final EncryptedStore store;
  private final boolean unique;
  private final String table;
  private final String insert;
  private final String delete;
  private final String find;
  private final String page;

  KeyTable(EncryptedStore store, long id, boolean unique) {
    this.store = store;
    this.unique = unique;
    table = "i" + id;
    insert = "insert or ignore into " + table + " values(?, ?)";
    delete = "delete from " + table + " where key = ? and position = ?";
    find = "select position from " + table + " where key = ?";
    page =
        "select key, position from "
            + table
            + " where (key, position) > (?, ?) and key < ? order by key, position";
  }

  void create() {
    store.execute(
        "create table "
            + table
            + (unique
                ? "(key blob primary key, position integer not null) without rowid"
                : "(key blob, position integer, primary key(key, position)) without rowid"));
  }

  void drop() {
    store.execute("drop table " + table);
  }

  /** Adds an entry; in a unique index an existing key keeps its position. */
  public void add(byte[] key, long position) {
    store.update(insert, key, position);
  }

  /** Removes an entry. */
  public void remove(byte[] key, long position) {
    store.update(delete, key, position);
  }

  /** A position that holds the key, if any. */
  public @Nullable Long position(byte[] key) {
    return store.first(r -> r.getLong(1), find, (Object) key);
  }

  /** Number of entries. */
  public long count() {
    Long count = store.first(r -> r.getLong(1), "select count(*) from " + table);
    return count == null ? 0 : count;
  }

  /** One entry. */
  public static final class Entry {
    private final byte[] key;
    private final long position;

    Entry(byte[] key, long position) {
      this.key = key;
      this.position = position;
    }

    /** Its key, not copied. */
    public byte[] key() {
      return key;
    }

    /** Its position. */
    public long position() {
      return position;
    }
  }

  /** A bounded page of entries after an entry and with keys below {@code end}; empty at the end. */
  public List<Entry> page(byte[] key, long position, byte[] end) {
    List<Entry> entries = new ArrayList<>();
    store.visit(
        row -> {
          entries.add(new Entry(row.getBytes(1), row.getLong(2)));
          return entries.size() < PAGE_ROWS_MAX;
        },
        page,
        key,
        position,
        end);
    return entries;
  }
}
