package io.sworn.database.auditing;

import java.nio.file.Path;

/**
 * Every audit event of this server in the order in which it was appended, on disk before anybody is
 * answered. Safe for any thread. A journal is a trail: {@code <server name>/<8 hexadecimal
 * digits>}, sequences from 1 without holes.
 */
public final class AuditJournal implements AutoCloseable {

  private AuditJournal() {}

  /**
   * Opens or creates a journal.
   *
   * @param directory of its segments; created with owner-only permissions if missing
   * @param serverName first part of the trail of a new journal
   * @param key 32 random bytes; frames on disk are encrypted with a key derived from it
   * @param bytesMax limit of what waits for Kafka on disk; beyond it {@link #append} refuses
   * @throws io.sworn.event.SwornException if a segment is damaged before its end, or the journal is
   *     in use
   */
  public static AuditJournal open(Path directory, String serverName, byte[] key, long bytesMax) {
    throw new UnsupportedOperationException();
  }

  /**
   * Assigns the next sequence to an event and buffers it. It is not durable until {@link #sync}.
   *
   * @return its sequence
   * @throws JournalFullException if the limit is reached: refuse the command
   * @throws io.sworn.event.SwornException if an earlier write failed: refuse every command
   */
  public long append(AuditDraft draft) {
    throw new UnsupportedOperationException();
  }

  /** Returns when everything up to {@code sequence} is on disk; concurrent callers share fsyncs. */
  public void sync(long sequence) {
    throw new UnsupportedOperationException();
  }

  /** Sequence of the event that was appended last, 0 before the first. */
  public long lastSequence() {
    throw new UnsupportedOperationException();
  }

  /** Everything up to here was acknowledged by Kafka. */
  public long shippedSequence() {
    throw new UnsupportedOperationException();
  }

  /** The trail of all events of this journal. */
  public String trail() {
    throw new UnsupportedOperationException();
  }

  /** Bytes on disk and in the buffer. */
  public long bytes() {
    throw new UnsupportedOperationException();
  }

  /** Syncs and closes. Idempotent. */
  @Override
  public void close() {}
}
