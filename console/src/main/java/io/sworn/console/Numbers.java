package io.sworn.console;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and times as people read them. */
final class Numbers {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Numbers() {}

  /** {@code 1234567} as {@code 1,234,567}. */
  static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 1 event}, {@code 2 events}. */
  static String events(long number) {
    return grouped(number) + (number == 1 ? " event" : " events");
  }

  /** A moment to the second, in UTC. */
  static String time(Instant at) {
    return TIME.format(at);
  }

  /** A part of a whole as a width in CSS percent, 0 to 100. */
  static String share(long part, long whole) {
    double share = whole <= 0 ? 0 : Math.min(100, Math.max(0, 100.0 * part / whole));
    return String.format(Locale.ROOT, "%.2f%%", share);
  }
}
