package io.sworn.filter.alert;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;

/** A text that is no alert rule. Names the place, what stands there, and what to write instead. */
public final class InvalidRuleException extends SwornException {

  private static final long serialVersionUID = 1;

  private final String path;
  private final String reason;

  /**
   * A rule is wrong at {@code path}.
   *
   * @param path place in the rule, for instance {@code steps[1].select}; empty = the whole
   * @param reason value and remedy
   */
  public InvalidRuleException(String path, String reason) {
    super(ErrorCode.INPUT, "invalid rule" + (path.isEmpty() ? "" : " at " + path) + ": " + reason);
    this.path = path;
    this.reason = reason;
  }

  /** Place in the rule; empty = the whole. */
  public String path() {
    return path;
  }

  /** What is wrong and what to write instead. */
  public String reason() {
    return reason;
  }
}
