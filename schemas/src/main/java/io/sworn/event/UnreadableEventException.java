package io.sworn.event;

/** Bytes or text that should have been an audit event and are not. The message says why. */
public final class UnreadableEventException extends SwornException {

  private static final long serialVersionUID = 1;

  /** With a reason fit for a user: place, value, what was expected. */
  public UnreadableEventException(String reason) {
    super(ErrorCode.INPUT, reason);
  }

  /** With a reason and its cause. */
  public UnreadableEventException(String reason, Throwable cause) {
    super(ErrorCode.INPUT, reason, cause);
  }
}
