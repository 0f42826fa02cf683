package io.sworn.filter;

import java.util.List;

/**
 * Something in a valid filter that is probably not what its author meant.
 *
 * @param kind how sure and how bad it is
 * @param path place in the filter, for instance {@code $or[1].param.ns}; empty for the whole
 * @param message what is suspicious and what to write instead
 */
public record FilterWarning(Kind kind, String path, String message) {

  /** How sure and how bad a warning is. */
  public enum Kind {
    /** Proved: no audit message as MongoDB documents it meets the filter. */
    NEVER_MATCHES,
    /** Proved: every audit message of MongoDB's own schema meets the filter. */
    MATCHES_ALL,
    /** Probably a slip. */
    SUSPICIOUS,
    /** Right in Sworn, but MongoDB or its Atlas service refuses it. */
    NOT_PORTABLE
  }

  /** Whether a filter with these warnings, as a whole, is proved to match nothing. */
  public static boolean neverMatches(List<FilterWarning> warnings) {
    return warnings.stream()
        .anyMatch(warning -> warning.kind == Kind.NEVER_MATCHES && warning.path.isEmpty());
  }

  /** The place in words. */
  public String place() {
    return path.isEmpty() ? "at the top" : "at " + path;
  }

  @Override
  public String toString() {
    return place() + ": " + message;
  }
}
