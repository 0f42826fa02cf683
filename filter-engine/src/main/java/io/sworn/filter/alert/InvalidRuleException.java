package io.sworn.filter.alert;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;

/**
 * A text that is no alert rule. Names the place, what stands there, and what to write instead; what
 * is quoted of the text is cut to some hundred characters.
 */
public final class InvalidRuleException extends SwornException {

  private static final long serialVersionUID = 1;

  private static final int PATH_CHARS_MAX = 200;
  private static final int REASON_CHARS_MAX = 700;
  private static final int HEAD_CHARS = 100;

  private final String place;
  private final String path;
  private final String reason;

  /**
   * A rule is wrong at {@code path}.
   *
   * @param path place in the rule, for instance {@code steps[1].select}; empty = the whole
   * @param reason value and remedy
   */
  public InvalidRuleException(String path, String reason) {
    this("", path, reason);
  }

  /**
   * A rule is wrong at a place of the text that it was read from.
   *
   * @param place {@code :line:column} from 1, to be put behind a file's name; empty = unknown
   * @param path place in the rule; empty = the whole
   * @param reason value and remedy
   */
  InvalidRuleException(String place, String path, String reason) {
    super(
        ErrorCode.INPUT,
        lineAndColumn(place) + message(cut(path, PATH_CHARS_MAX), cut(reason, REASON_CHARS_MAX)));
    this.place = place;
    this.path = cut(path, PATH_CHARS_MAX);
    this.reason = cut(reason, REASON_CHARS_MAX);
  }

  private static String lineAndColumn(String place) {
    return place.isEmpty() ? "" : place.substring(1) + ": ";
  }

  private static String message(String path, String reason) {
    return "invalid rule" + (path.isEmpty() ? "" : " at " + path) + ": " + reason;
  }

  /** The value stands at the beginning, the remedy at the end: what lies between is left out. */
  private static String cut(String text, int most) {
    return text.length() <= most
        ? text
        : text.substring(0, HEAD_CHARS)
            + "... ("
            + text.length()
            + " characters) ..."
            + text.substring(text.length() - (most - 2 * HEAD_CHARS));
  }

  /** Where in its text it stands: {@code :line:column} from 1; empty = unknown. */
  public String place() {
    return place;
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
