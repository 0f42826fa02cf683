package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.TrailAccount;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one trail: its counts, its highest sequence and the ranges below it that have
 * not arrived. At most {@value #GAPS_MAX} ranges are kept; beyond, the two oldest become one, so
 * that a late event is never taken for a duplicate, at worst copied twice with the same id.
 */
final class TrailState {

  static final int GAPS_MAX = 1024;
  private static final byte FORM = 2;

  /** Older form without offset and minute. */
  private static final byte FORM_1 = 1;

  /** Offset of a trail of which only older forms of this state have told. */
  private static final long UNKNOWN = -1;

  private final String trail;
  private final List<long[]> gaps = new ArrayList<>();
  private final SortedMap<String, RouteCount> routes = new TreeMap<>();
  private long highest;
  private long offset = UNKNOWN;
  private long received;
  private long duplicates;
  private long missing;
  private long kept;
  private long notKept;
  private long undecidable;
  private long unreadable;
  private @Nullable MinuteCounts minute;

  /** It has changed since it was written down. */
  boolean changed;

  /** It has changed since its account was told. */
  boolean untold;

  TrailState(String trail) {
    this.trail = trail;
  }

  String trail() {
    return trail;
  }

  /** Remembers where the last record of the trail lay in its partition. */
  void read(long at) {
    offset = at;
  }

  /** Offset of the last record of the trail, negative if it is not known. */
  long offset() {
    return offset;
  }

  /** The minute that is counted in now; null if minutes are not counted here. */
  @Nullable MinuteCounts minute() {
    return minute;
  }

  /** From now on, counts also in this minute. */
  void countIn(MinuteCounts counts) {
    minute = counts;
  }

  /** Counts the event at {@code sequence}; false if it was seen before. */
  boolean accept(long sequence, long previous) {
    long skipped = missing;
    boolean fresh = isFresh(sequence, previous);
    if (minute != null) {
      minute.received++;
      minute.gaps += Math.max(0, missing - skipped);
      minute.filled += Math.max(0, skipped - missing);
      minute.duplicates += fresh ? 0 : 1;
    }
    return fresh;
  }

  private boolean isFresh(long sequence, long previous) {
    received++;
    if (sequence > highest) {
      if (previous > highest) {
        gaps.add(new long[] {highest + 1, previous});
        missing += previous - highest;
        mergeOldest();
      }
      highest = sequence;
      return true;
    }
    if (fill(sequence)) {
      missing = Math.max(0, missing - 1);
      return true;
    }
    duplicates++;
    return false;
  }

  private void mergeOldest() {
    if (gaps.size() > GAPS_MAX) {
      long[] second = gaps.remove(1);
      gaps.get(0)[1] = second[1];
    }
  }

  private boolean fill(long sequence) {
    for (int i = 0; i < gaps.size(); i++) {
      long[] gap = gaps.get(i);
      if (sequence < gap[0] || sequence > gap[1]) {
        continue;
      }
      gaps.remove(i);
      if (sequence < gap[1]) {
        gaps.add(i, new long[] {sequence + 1, gap[1]});
      }
      if (gap[0] < sequence) {
        gaps.add(i, new long[] {gap[0], sequence - 1});
      }
      return true;
    }
    return false;
  }

  void unreadable() {
    received++;
    unreadable++;
    if (minute != null) {
      minute.received++;
    }
  }

  /** Counts a record or a copy that lies in the dead letters. */
  void buried() {
    if (minute != null) {
      minute.deadLetters++;
    }
  }

  void judged(Iterable<String> to, boolean undecided) {
    boolean some = false;
    for (String route : to) {
      some = true;
      count(route).copies++;
      if (minute != null) {
        minute.route(route).copies++;
      }
    }
    kept += some ? 1 : 0;
    notKept += some ? 0 : 1;
    undecidable += undecided ? 1 : 0;
    if (minute != null) {
      minute.kept += some ? 1 : 0;
      minute.notKept += some ? 0 : 1;
      minute.undecidable += undecided ? 1 : 0;
    }
  }

  private RouteCount count(String route) {
    RouteCount known = routes.get(route);
    if (known == null) {
      known = new RouteCount(route.getBytes(StandardCharsets.UTF_8));
      routes.put(route, known);
    }
    return known;
  }

  TrailAccount account(long at) {
    SortedMap<String, Long> copies = new TreeMap<>();
    routes.forEach((route, count) -> copies.put(route, count.copies));
    return new TrailAccount(
        trail,
        received,
        duplicates,
        missing,
        kept,
        notKept,
        undecidable,
        unreadable,
        copies,
        highest,
        at);
  }

  /**
   * Form in the store: version, nine numbers, routes, gaps, minute. It is written at every commit,
   * so it is flat and small; the trail is the key beside it.
   */
  byte[] toBytes() {
    int size = 2 + 9 * Long.BYTES + 2 * Integer.BYTES + gaps.size() * 2 * Long.BYTES;
    for (RouteCount route : routes.values()) {
      size += route.size();
    }
    MinuteCounts now = minute;
    size += now == null ? 0 : now.size();
    ByteBuffer out = ByteBuffer.allocate(size);
    out.put(FORM).putLong(highest).putLong(received).putLong(duplicates).putLong(missing);
    out.putLong(kept).putLong(notKept).putLong(undecidable).putLong(unreadable).putLong(offset);
    out.putInt(routes.size());
    for (RouteCount route : routes.values()) {
      route.write(out);
    }
    out.putInt(gaps.size());
    gaps.forEach(gap -> out.putLong(gap[0]).putLong(gap[1]));
    out.put((byte) (now == null ? 0 : 1));
    if (now != null) {
      now.write(out);
    }
    return out.array();
  }

  /**
   * The state of {@code trail}, read from the store.
   *
   * @throws SwornException if the bytes are of another form
   */
  static TrailState fromBytes(String trail, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    TrailState state = new TrailState(trail);
    try {
      byte form = StoredForm.read(in, "the state of trail '" + trail + "'", FORM, FORM_1);
      state.highest = in.getLong();
      state.received = in.getLong();
      state.duplicates = in.getLong();
      state.missing = in.getLong();
      state.kept = in.getLong();
      state.notKept = in.getLong();
      state.undecidable = in.getLong();
      state.unreadable = in.getLong();
      state.offset = form == FORM_1 ? UNKNOWN : in.getLong();
      for (int routes = in.getInt(); routes > 0; routes--) {
        RouteCount route = RouteCount.read(in);
        state.routes.put(route.text(), route);
      }
      for (int gaps = in.getInt(); gaps > 0; gaps--) {
        state.gaps.add(new long[] {in.getLong(), in.getLong()});
      }
      if (form != FORM_1 && in.get() != 0) {
        state.minute = MinuteCounts.read(in);
      }
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "the state of trail '" + trail + "' ends too early", e);
    }
    return state;
  }
}
