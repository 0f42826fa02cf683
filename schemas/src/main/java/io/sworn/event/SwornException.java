package io.sworn.event;

/** An error with a code. The message names place, value and remedy, and never holds a secret. */
public class SwornException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final ErrorCode code;

  /** An error without a cause of its own. */
  public SwornException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  /** An error that another one caused. */
  public SwornException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Whose fault it is. */
  public ErrorCode code() {
    return code;
  }
}
