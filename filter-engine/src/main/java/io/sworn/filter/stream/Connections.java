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
 * Events that say it themselves need nothing, and only {@code clientMetadata} is decoded.
 */
final class Connections {

  private static final byte[] METADATA = "clientMetadata".getBytes(UTF_8);
  private static final byte[] AUTHENTICATE = "authenticate".getBytes(UTF_8);
  private static final byte[] LOGOUT = "logout".getBytes(UTF_8);

  private static final byte[] MECHANISM = "mechanism".getBytes(UTF_8);

  private final SessionBook book;
  private final ClientHeaders headers = new ClientHeaders();
  private @Nullable Judging event;
  private @Nullable Session found;
  private long at;

  Connections(SessionBook book) {
    this.book = book;
  }

  /** Takes up the event that {@code judging} has read. */
  void take(Judging judging, Record<byte[], byte[]> record) {
    event = null;
    found = null;
    if (!judging.hasUnknownClient()) {
      return;
    }
    event = judging;
    at = record.timestamp();
    if (judging.isOfType(METADATA)) {
      learn(record);
    } else if (judging.isOfType(AUTHENTICATE) && judging.result() == 0) {
      book.authenticated(
          judging.trail(),
          judging.sessionHigh(),
          judging.sessionLow(),
          judging.paramText(MECHANISM),
          at);
    }
  }

  /** The event is copied: what it ends ends now. */
  void done(Judging judging) {
    if (event != null && judging.isOfType(LOGOUT)) {
      book.authenticated(judging.trail(), judging.sessionHigh(), judging.sessionLow(), null, at);
    }
  }

  /** Value of the header of a copy of the event; null if nothing is known. */
  byte @Nullable [] header(Redaction rules) {
    Judging judging = event;
    if (judging == null) {
      return null;
    }
    Session session = found;
    if (session == null) {
      session = book.find(judging.trail(), judging.sessionHigh(), judging.sessionLow(), at);
      found = session;
    }
    return session == null ? null : headers.of(session.client, rules);
  }

  void forgetOld() {
    book.forgetOld();
  }

  private void learn(Record<byte[], byte[]> record) {
    try {
      book.named(AuditEventCodec.decode(record.value()), record.timestamp());
    } catch (UnreadableEventException e) {
      // It was read from end to end before; what only decoding refuses tells nothing here.
    }
  }
}
