package io.sworn.event;

/** Whose fault an error is, so that errors can be counted by cause. */
public enum ErrorCode {
  /** The configuration asks for something impossible or unknown. */
  CONFIGURATION(false),
  /** What a user or a source handed in is not what it should be. */
  INPUT(false),
  /** A destination refused or did not answer. */
  DESTINATION(true),
  /** A disk or the log did not take or give bytes. */
  STORAGE(true),
  /** Evidence that does not verify. Never handled, always reported. */
  INTEGRITY(false),
  /** Our own mistake. */
  INTERNAL(false);

  private final boolean retryable;

  ErrorCode(boolean retryable) {
    this.retryable = retryable;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  public boolean retryable() {
    return retryable;
  }
}
