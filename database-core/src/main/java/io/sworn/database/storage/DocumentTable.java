package io.sworn.database.storage;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The documents of one collection: encoded bytes by position, positions in order of insertion. */
public final class DocumentTable {

  private static final int PAGE_ROWS_MAX = 256;
  private static final long PAGE_BYTES_MAX = 1 << 20;

  private final EncryptedStore store;
  private final String insert;
  private final String select;
  private final String replace;
  private final String delete;
  private final String pageUp;
  private final String pageDown;
  private final String table;

  DocumentTable(EncryptedStore store, long id) {
    this.store = store;
    table = "c" + id;
    insert = "insert into " + table + "(document) values(?)";
    select = "select document from " + table + " where position = ?";
    replace = "update " + table + " set document = ? where position = ?";
    delete = "delete from " + table + " where position = ?";
    pageUp = "select position, document from " + table + " where position > ? order by position";
    pageDown =
        "select position, document from " + table + " where position < ? order by position desc";
  }

  void create() {
    store.execute(
        "create table "
            + table
            + "(position integer primary key autoincrement, document blob not null)");
  }

  void drop() {
    store.execute("drop table " + table);
  }

  /** A document and where it stands. The bytes are not copied. */
  public static final class Row {
    private final long position;
    private final byte[] document;

    Row(long position, byte[] document) {
      this.position = position;
      this.document = document;
    }

    /** Where it stands. */
    public long position() {
      return position;
    }

    /** Its bytes. */
    public byte[] document() {
      return document;
    }
  }

  /** Adds a document; returns its position. */
  public long add(byte[] document) {
    store.update(insert, (Object) document);
    return store.lastKey();
  }

  /** The document at a position. */
  public byte @Nullable [] get(long position) {
    return store.first(r -> r.getBytes(1), select, position);
  }

  /** Replaces the document at a position. */
  public void replace(long position, byte[] document) {
    store.update(replace, document, position);
  }

  /** Removes the document at a position. */
  public void remove(long position) {
    store.update(delete, position);
  }

  /**
   * A bounded page of documents after (or, descending, before) a position; empty at the end. Holds
   * no resource: documents may change between two pages.
   */
  public List<Row> page(long from, boolean descending) {
    List<Row> page = new ArrayList<>();
    long[] bytes = {0};
    store.visit(
        row -> {
          byte[] document = row.getBytes(2);
          page.add(new Row(row.getLong(1), document));
          bytes[0] += document.length;
          return page.size() < PAGE_ROWS_MAX && bytes[0] < PAGE_BYTES_MAX;
        },
        descending ? pageDown : pageUp,
        from);
    return page;
  }
}
