package io.sworn.database.engine;

import io.sworn.database.storage.EncryptedStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The open transaction of the store together with what is kept in memory about it, so that both go
 * back together. Not safe for several threads.
 */
final class Transaction {

  private final EncryptedStore store;
  private final List<Runnable> undo = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();

  Transaction(EncryptedStore store) {
    this.store = store;
  }

  /** Opens a transaction unless one is open. */
  void begin() {
    store.begin();
  }

  /** Marks a point to which {@link #undoToMark} returns; marks nest. */
  void mark() {
    store.begin();
    marks.push(undo.size());
    store.mark(marks.size());
  }

  /** Keeps what happened since the last mark. */
  void release() {
    store.release(marks.size());
    marks.pop();
  }

  /** Takes back what happened since the last mark, on disk and in memory. */
  void undoToMark() {
    store.undoTo(marks.size());
    undoTo(marks.pop());
  }

  /** Notes how to take back a change in memory. */
  void onUndo(Runnable step) {
    undo.add(step);
  }

  void commit() {
    store.commit();
    undo.clear();
  }

  void rollback() {
    marks.clear();
    undoTo(0);
    store.rollback();
  }

  private void undoTo(int size) {
    while (undo.size() > size) {
      undo.remove(undo.size() - 1).run();
    }
  }
}
