package io.sworn.event;

/**
 * Names of the headers of a record in a route's topic. Values are UTF-8 text. They are no part of
 * the event.
 */
public final class RouteHeaders {

  /** Filters that kept the event: {@code name@version}, comma-separated, sorted by name. */
  public static final String FILTERS = "filters";

  /** Paths that were redacted, comma-separated; absent when nothing was. */
  public static final String REDACTED = "redacted";

  /** {@code true} when a filter could not decide and the event travels as kept. */
  public static final String UNDECIDABLE = "undecidable";

  /**
   * {@link ClientHeader}: what the connection told of itself in earlier messages; absent if it told
   * nothing or the event says it itself.
   */
  public static final String CLIENT = "client";

  private RouteHeaders() {}
}
