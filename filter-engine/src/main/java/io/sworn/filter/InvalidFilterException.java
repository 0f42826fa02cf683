package io.sworn.filter;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;

/** A text that is no filter. Names the place, what stands there, and what to write instead. */
public final class InvalidFilterException extends SwornException {

  private static final long serialVersionUID = 1;

  private final String path;
  private final String reason;

  /**
   * A filter is wrong at {@code path}.
   *
   * @param path place in the filter, for instance {@code $or[1].param.ns.$regex}; empty = the whole
   * @param reason value and remedy
   */
  public InvalidFilterException(String path, String reason) {
    super(
        ErrorCode.INPUT, "invalid filter" + (path.isEmpty() ? "" : " at " + path) + ": " + reason);
    this.path = path;
    this.reason = reason;
  }

  /** Place in the filter; empty = the whole. */
  public String path() {
    return path;
  }

  /** What is wrong and what to write instead. */
  public String reason() {
    return reason;
  }
}
