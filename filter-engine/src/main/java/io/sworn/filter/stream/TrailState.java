package io.sworn.filter.stream;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.SwornJson;
import io.sworn.event.TrailAccount;
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

  private final String trail;
  private final List<long[]> gaps = new ArrayList<>();
  private final SortedMap<String, Long> routes = new TreeMap<>();
  private long highest;
  private long received;
  private long duplicates;
  private long missing;
  private long kept;
  private long notKept;
  private long undecidable;
  private long unreadable;

  TrailState(String trail) {
    this.trail = trail;
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
      routes.merge(route, 1L, Long::sum);
    }
    kept += some ? 1 : 0;
    notKept += some ? 0 : 1;
    undecidable += undecided ? 1 : 0;
  }

  TrailAccount account(long at) {
    return new TrailAccount(
        trail,
        received,
        duplicates,
        missing,
        kept,
        notKept,
        undecidable,
        unreadable,
        routes,
        highest,
        at);
  }

  byte[] toBytes() {
    return SwornJson.write(new Stored(account(0), gaps));
  }

  static TrailState fromBytes(byte[] bytes) {
    Stored stored = SwornJson.read(bytes, Stored.class);
    TrailAccount account = stored.account;
    TrailState state = new TrailState(account.trail());
    state.gaps.addAll(stored.gaps);
    state.routes.putAll(account.routes());
    state.highest = account.lastSequence();
    state.received = account.received();
    state.duplicates = account.duplicates();
    state.missing = account.gaps();
    state.kept = account.kept();
    state.notKept = account.notKept();
    state.undecidable = account.undecidable();
    state.unreadable = account.unreadable();
    return state;
  }

  private record Stored(
      @JsonProperty("account") TrailAccount account, @JsonProperty("gaps") List<long[]> gaps) {}
}
