package io.sworn.filter.stream;

import io.sworn.event.MinuteAccount;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a trail counts in one minute of event time. */
final class MinuteCounts {

  /** Of all minutes that are no longer kept. */
  static final long BEFORE = -1;

  final long minute;
  long received;
  long duplicates;
  long gaps;
  long filled;
  long kept;
  long notKept;
  long undecidable;
  long deadLetters;
  private final SortedMap<String, RouteCount> routes = new TreeMap<>();

  /**
   * Nothing counted yet.
   *
   * @param minute since 1970, or {@link #BEFORE}
   */
  MinuteCounts(long minute) {
    this.minute = minute;
  }

  RouteCount route(String name) {
    RouteCount known = routes.get(name);
    if (known == null) {
      known = new RouteCount(name.getBytes(StandardCharsets.UTF_8));
      routes.put(name, known);
    }
    return known;
  }

  /** How the minute is called in its account. */
  static String name(long minute) {
    return minute == BEFORE ? MinuteAccount.BEFORE : Instant.ofEpochSecond(minute * 60).toString();
  }

  MinuteAccount account(String trail, long at) {
    SortedMap<String, Long> copies = new TreeMap<>();
    routes.forEach((route, count) -> copies.put(route, count.copies));
    return new MinuteAccount(
        trail,
        name(minute),
        received,
        duplicates,
        gaps,
        filled,
        kept,
        notKept,
        undecidable,
        deadLetters,
        copies,
        at);
  }

  /** Bytes of {@link #write}. */
  int size() {
    int size = 9 * Long.BYTES + Integer.BYTES;
    for (RouteCount route : routes.values()) {
      size += route.size();
    }
    return size;
  }

  void write(ByteBuffer out) {
    out.putLong(minute).putLong(received).putLong(duplicates).putLong(gaps).putLong(filled);
    out.putLong(kept).putLong(notKept).putLong(undecidable).putLong(deadLetters);
    out.putInt(routes.size());
    for (RouteCount route : routes.values()) {
      route.write(out);
    }
  }

  static MinuteCounts read(ByteBuffer in) {
    MinuteCounts counts = new MinuteCounts(in.getLong());
    counts.received = in.getLong();
    counts.duplicates = in.getLong();
    counts.gaps = in.getLong();
    counts.filled = in.getLong();
    counts.kept = in.getLong();
    counts.notKept = in.getLong();
    counts.undecidable = in.getLong();
    counts.deadLetters = in.getLong();
    for (int left = in.getInt(); left > 0; left--) {
      RouteCount route = RouteCount.read(in);
      counts.routes.put(route.text(), route);
    }
    return counts;
  }
}
