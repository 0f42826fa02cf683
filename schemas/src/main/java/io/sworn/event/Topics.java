package io.sworn.event;

import java.util.regex.Pattern;

/**
 * Names of the topics, all below one prefix.
 *
 * @param prefix ends with a dot, {@code "audit."} unless configured otherwise
 */
public record Topics(String prefix) {

  /** The prefix that is used unless another one is configured. */
  public static final String DEFAULT_PREFIX = "audit.";

  /**
   * Longest batch that the topic of events takes, in bytes: the longest event that can be decoded,
   * its key and Kafka's own words.
   */
  public static final int EVENT_BYTES_MAX = AuditEventCodec.FRAME_BYTES_MAX + (64 << 10);

  /**
   * Longest batch that routes and dead letters take, and longest request of those who write them,
   * in bytes: a copy of an event carries headers that the event did not, so this is larger.
   */
  public static final int COPY_BYTES_MAX = AuditEventCodec.FRAME_BYTES_MAX + (4 << 20);

  /** Room that a copy needs at least for its headers, in bytes. */
  public static final int COPY_HEADER_BYTES = 16 << 10;

  private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*\\.");
  private static final Pattern ROUTE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /** Checks the prefix. */
  public Topics {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "topic prefix '" + prefix + "': letters, digits, '-', '_' and dots, ending with a dot");
    }
  }

  /** The topics below {@link #DEFAULT_PREFIX}. */
  public static Topics standard() {
    return new Topics(DEFAULT_PREFIX);
  }

  /** Whether {@code name} can name a route: lower-case letters, digits and '-', at most 63. */
  public static boolean isRouteName(String name) {
    return ROUTE.matcher(name).matches();
  }

  /** Every event, key = trail, value = {@link AuditEventCodec} bytes. */
  public String events() {
    return prefix + "events";
  }

  /** Filter definitions, key = filter name, compacted. */
  public String filters() {
    return prefix + "filters";
  }

  /** Events kept for one route, key = trail, value as in {@link #events()}. */
  public String route(String route) {
    if (!isRouteName(route)) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "route '" + route + "': lower-case letters, digits and '-', at most 63 characters");
    }
    return routePrefix() + route;
  }

  /** Beginning of the names of all routes' topics. */
  public String routePrefix() {
    return prefix + "route.";
  }

  /** Alerts alone, key = rule, value = the same bytes as in {@link #events()}. */
  public String alerts() {
    return prefix + "alerts";
  }

  /** What a destination refused for good, key = destination, headers of {@link DeadLetters}. */
  public String deadLetters() {
    return prefix + "dead-letters";
  }

  /** {@link TrailAccount}s in JSON, key = trail, the last one of a key counts. */
  public String accounts() {
    return prefix + "accounts";
  }

  /**
   * {@link DeliveryReceipt}s, {@link LostRange}s and {@link LossAcknowledgement}s in JSON, key =
   * destination.
   */
  public String deliveries() {
    return prefix + "deliveries";
  }

  /** Signed checkpoints, key = origin of the log, value = note text. */
  public String checkpoints() {
    return prefix + "checkpoints";
  }
}
