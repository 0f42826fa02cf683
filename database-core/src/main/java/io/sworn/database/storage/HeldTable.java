package io.sworn.database.storage;

import java.util.List;

/** Records held until their owner has them durably elsewhere. */
public final class HeldTable {

  private final EncryptedStore store;
  private long forgotten;

  /** The held records of {@code store}. */
  public HeldTable(EncryptedStore store) {
    this.store = store;
  }

  /** All of them in their order. */
  public List<HeldRecord> all() {
    return store.query(
        r -> new HeldRecord(r.getLong(1), r.getBytes(2)),
        "select sequence, record from held order by sequence");
  }

  /** Adds one; a record whose number is taken replaces the one that was there. */
  public void add(HeldRecord held) {
    store.update("insert or replace into held values(?, ?)", held.sequence(), held.bytes());
  }

  /** Lets go of all up to a number. Takes effect with the transaction. */
  public void forget(long upTo) {
    if (upTo > forgotten) {
      store.update("delete from held where sequence <= ?", upTo);
      forgotten = upTo;
    }
  }
}
