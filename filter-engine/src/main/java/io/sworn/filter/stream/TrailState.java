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

/**
 * What is known of one trail: its counts, its highest sequence and the ranges below it that have
 * not arrived. At most {@value #GAPS_MAX} ranges are kept; beyond, the two oldest become one, so
 * that a late event is never taken for a duplicate, at worst copied twice with the same id.
 */
final class TrailState {

  static final int GAPS_MAX = 1024;
  private static final byte FORM = 2;

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

  /** Copies in one route; its name as it is stored. */
  private static final class RouteCount {
    private final byte[] name;
    private long copies;

    RouteCount(byte[] name) {
      this.name = name;
    }
  }

  TrailState(String trail) {
    this.trail = trail;
  }

  /** Remembers where the last record of the trail lay in its partition. */
  void read(long at) {
    offset = at;
  }

  /** Offset of the last record of the trail, negative if it is not known. */
  long offset() {
    return offset;
  }

  /** Counts the event at {@code sequence}; false if it was seen before. */
  boolean accept(long sequence, long previous) {
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
  }

  void judged(Iterable<String> to, boolean undecided) {
    boolean some = false;
    for (String route : to) {
      some = true;
      count(route).copies++;
    }
    kept += some ? 1 : 0;
    notKept += some ? 0 : 1;
    undecidable += undecided ? 1 : 0;
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
   * Form in the store: version, nine numbers, routes, gaps. It is written for every event, so it is
   * flat and small; the trail is the key beside it.
   */
  byte[] toBytes() {
    int size = 1 + 9 * Long.BYTES + 2 * Integer.BYTES + gaps.size() * 2 * Long.BYTES;
    for (RouteCount route : routes.values()) {
      size += Integer.BYTES + route.name.length + Long.BYTES;
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    out.put(FORM).putLong(highest).putLong(received).putLong(duplicates).putLong(missing);
    out.putLong(kept).putLong(notKept).putLong(undecidable).putLong(unreadable).putLong(offset);
    out.putInt(routes.size());
    for (RouteCount route : routes.values()) {
      out.putInt(route.name.length).put(route.name).putLong(route.copies);
    }
    out.putInt(gaps.size());
    gaps.forEach(gap -> out.putLong(gap[0]).putLong(gap[1]));
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
      byte form = in.get();
      if (form != FORM && form != 1) { // form 1 had no offset
        throw new SwornException(
            ErrorCode.STORAGE,
            "the state of trail '" + trail + "' has form " + form + ", known is " + FORM);
      }
      state.highest = in.getLong();
      state.received = in.getLong();
      state.duplicates = in.getLong();
      state.missing = in.getLong();
      state.kept = in.getLong();
      state.notKept = in.getLong();
      state.undecidable = in.getLong();
      state.unreadable = in.getLong();
      state.offset = form == 1 ? UNKNOWN : in.getLong();
      for (int routes = in.getInt(); routes > 0; routes--) {
        byte[] name = new byte[in.getInt()];
        in.get(name);
        state.count(new String(name, StandardCharsets.UTF_8)).copies = in.getLong();
      }
      for (int gaps = in.getInt(); gaps > 0; gaps--) {
        state.gaps.add(new long[] {in.getLong(), in.getLong()});
      }
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "the state of trail '" + trail + "' ends too early", e);
    }
    return state;
  }
}
