package io.sworn.database.auditing;

import java.time.Duration;
import java.util.Map;

/**
 * Sends a journal to Kafka: in order, as often as it takes, never skipping an event. Downstream may
 * see an event twice (after a restart), never a hole.
 */
public final class AuditShipper implements AutoCloseable {

  private AuditShipper() {}

  /**
   * Starts sending from the acknowledged position; returns at once, also when no broker answers.
   *
   * @param kafka client properties
   * @param topic takes one record per event: key = trail, value = the encoded event
   */
  public static AuditShipper start(AuditJournal journal, Map<String, Object> kafka, String topic) {
    throw new UnsupportedOperationException();
  }

  /** Waits until everything appended before the call is acknowledged; false if time ran out. */
  public boolean drain(Duration limit) {
    throw new UnsupportedOperationException();
  }

  /** Stops at once; what is not acknowledged stays in the journal. Idempotent. */
  @Override
  public void close() {}
}
