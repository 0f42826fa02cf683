package io.sworn.database.engine;

import io.sworn.database.storage.HeldRecord;
import java.util.List;

/**
 * Records (the audit events) that must become durable together with the changes that they tell of:
 * each commit takes along those that are not durable yet, so that one fsync serves both, and
 * neither is ever on disk without the other.
 */
public interface CommitRecords {

  /** Without any. */
  CommitRecords NONE =
      new CommitRecords() {
        @Override
        public List<HeldRecord> pending() {
          return List.of();
        }

        @Override
        public void durable(long upTo) {
          // There are none.
        }

        @Override
        public long releasable() {
          return 0;
        }
      };

  /**
   * Every record that is not durable yet, in order, numbered without holes. Called under the
   * engine's lock before each commit; may throw, then nothing is committed.
   */
  List<HeldRecord> pending();

  /** Everything up to this number is durable in the store. Not called under the engine's lock. */
  void durable(long upTo);

  /** Everything up to this number is durable elsewhere: the store need not hold it any longer. */
  long releasable();
}
