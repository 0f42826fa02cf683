package io.sworn.filter.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.UnreadableEventException;
import io.sworn.filter.matcher.Judging;
import io.sworn.filter.redact.Redaction;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Joins what a connection told of itself to each later event of it, as a header of its copies.
 * Events that say it themselves need nothing, and only those that tell something are decoded.
 */
final class Connections {

  private static final byte[] METADATA = "clientMetadata".getBytes(UTF_8);
  private static final byte[] AUTHENTICATE = "authenticate".getBytes(UTF_8);
  private static final byte[] LOGOUT = "logout".getBytes(UTF_8);

  private final SessionBook book;
  private @Nullable Session current;

  Connections(SessionBook book) {
    this.book = book;
  }

  /** Takes up the event that {@code judging} has read. */
  void take(Judging judging, Record<byte[], byte[]> record) {
    current = null;
    if (!judging.hasUnknownClient()) {
      return;
    }
    if (judging.isOfType(METADATA) || judging.isOfType(AUTHENTICATE)) {
      learn(record);
    }
    current =
        book.find(judging.trail(), judging.sessionHigh(), judging.sessionLow(), record.timestamp());
  }

  /** The event is copied: what it ends ends now. */
  void done(Judging judging, Record<byte[], byte[]> record) {
    if (judging.hasUnknownClient() && judging.isOfType(LOGOUT)) {
      learn(record);
    }
  }

  /** Value of the header of a copy of the event; null if nothing is known. */
  byte @Nullable [] header(Redaction rules) {
    Session session = current;
    return session == null ? null : session.header(rules);
  }

  void forgetOld() {
    book.forgetOld();
  }

  private void learn(Record<byte[], byte[]> record) {
    try {
      book.learn(AuditEventCodec.decode(record.value()), record.timestamp());
    } catch (UnreadableEventException e) {
      // It was read from end to end before; what only decoding refuses tells nothing here.
    }
  }
}
