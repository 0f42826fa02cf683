package io.sworn.database.auditing;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;

/** The journal has reached its limit because Kafka has not taken its events; nothing was added. */
public final class JournalFullException extends SwornException {

  private static final long serialVersionUID = 1;

  JournalFullException(String message) {
    super(ErrorCode.STORAGE, message);
  }
}
