package io.sworn.filter;

/** What a filter says about an event, and at the same time the truth value of each predicate. */
public enum Decision {
  /** The filter matches. */
  KEEP,
  /** The filter does not match. */
  DROP,
  /** A pattern hit its step limit: the event travels on as kept, and is counted. */
  UNDECIDABLE;

  /** Whether the event travels on. */
  public boolean travels() {
    return this != DROP;
  }

  /** The complement; what cannot be decided stays so. */
  public Decision negated() {
    return switch (this) {
      case KEEP -> DROP;
      case DROP -> KEEP;
      case UNDECIDABLE -> UNDECIDABLE;
    };
  }

  /** {@link #KEEP} for true. */
  public static Decision of(boolean matches) {
    return matches ? KEEP : DROP;
  }
}
