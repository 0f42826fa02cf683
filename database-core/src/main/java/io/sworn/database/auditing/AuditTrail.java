package io.sworn.database.auditing;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Writes audit messages and remembers whether that still works: when it does not, commands are
 * refused before they begin. Safe for any thread.
 */
public final class AuditTrail {

  private final AuditJournal journal;
  private final long bytesMax;
  private volatile boolean authorizationSuccess;
  private volatile @Nullable SwornException broken;

  /**
   * A trail over {@code journal}.
   *
   * @param bytesMax limit with which the journal was opened
   * @param authorizationSuccess whether {@code authCheck} is also written for what was allowed
   */
  public AuditTrail(AuditJournal journal, long bytesMax, boolean authorizationSuccess) {
    this.journal = journal;
    this.bytesMax = bytesMax;
    this.authorizationSuccess = authorizationSuccess;
  }

  /** MongoDB's parameter {@code auditAuthorizationSuccess}. */
  public boolean authorizationSuccess() {
    return authorizationSuccess;
  }

  /** Changes the parameter; takes effect with the next command. */
  public void authorizationSuccess(boolean value) {
    authorizationSuccess = value;
  }

  /**
   * Buffers one message.
   *
   * @param result server error code, 0 = OK
   * @return its sequence, for {@link #sync}
   * @throws SwornException if the journal takes no more: refuse the command
   */
  public long append(AuditSubject subject, String type, BsonDocument param, int result) {
    try {
      return journal.append(
          new AuditDraft(
              type,
              Instant.now().truncatedTo(ChronoUnit.MICROS),
              subject.session(),
              subject.local(),
              subject.remote(),
              subject.users(),
              subject.roles(),
              param,
              result,
              subject.client()));
    } catch (JournalFullException full) {
      throw full; // passes as soon as Kafka takes events again
    } catch (SwornException e) {
      if (e.code() != ErrorCode.INPUT) { // that one is of this command alone
        broken = e;
      }
      throw e;
    }
  }

  /** Returns when everything up to {@code sequence} is on disk. */
  public void sync(long sequence) {
    try {
      journal.sync(sequence);
    } catch (SwornException e) {
      broken = e;
      throw e;
    }
  }

  /**
   * Checks that a message could be written, before anything is done that would need one.
   *
   * @throws SwornException if not
   */
  public void requireWritable() {
    SwornException known = broken;
    if (known != null) {
      throw known;
    }
    // The last tenth is for messages that cannot be refused: logout, shutdown.
    if (journal.bytes() >= bytesMax / 10 * 9) {
      throw new JournalFullException(
          "the audit journal holds " + journal.bytes() + " bytes that Kafka has not taken");
    }
  }
}
