package io.sworn.evidence.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * Which sequences of one trail are in the archive: the highest one, and the open gaps below it. A
 * gap is a range {@code [from, to]} that a later event's {@code previous} has skipped.
 */
final class TrailLedger {

  /** Ranges that are remembered; of older ones only the size is known. */
  static final int GAPS_MAX = 10_000;

  private final List<long[]> gaps = new ArrayList<>();
  private long first = Long.MAX_VALUE;
  private long last;
  private long count;
  private long missing;

  /** Whether an event of this sequence was admitted, as far as the remembered gaps tell. */
  boolean seen(long sequence) {
    if (sequence > last) {
      return false;
    }
    int at = find(sequence);
    return at < 0;
  }

  /** Counts a new event. */
  void admit(long sequence, long previous) {
    count++;
    first = Math.min(first, sequence);
    if (sequence > last) {
      if (previous > last) {
        open(last + 1, previous);
      }
      last = sequence;
      return;
    }
    int at = find(sequence);
    if (at < 0) {
      missing = Math.max(0, missing - 1); // it belongs to a gap that is no longer remembered
      return;
    }
    long[] gap = gaps.remove(at);
    missing -= gap[1] - gap[0] + 1;
    if (sequence < gap[1]) {
      gaps.add(at, new long[] {sequence + 1, gap[1]});
      missing += gap[1] - sequence;
    }
    if (previous >= gap[0]) {
      long to = Math.min(previous, sequence - 1);
      gaps.add(at, new long[] {gap[0], to});
      missing += to - gap[0] + 1;
    }
  }

  long missing() {
    return missing;
  }

  ArchiveStatus.TrailStatus status() {
    return new ArchiveStatus.TrailStatus(count == 0 ? 0 : first, last, count, missing);
  }

  private void open(long from, long to) {
    if (gaps.size() == GAPS_MAX) {
      gaps.remove(0); // still counted in missing
    }
    gaps.add(new long[] {from, to});
    missing += to - from + 1;
  }

  private int find(long sequence) {
    int low = 0;
    int high = gaps.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long[] gap = gaps.get(middle);
      if (sequence < gap[0]) {
        high = middle - 1;
      } else if (sequence > gap[1]) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  Saved save() {
    return new Saved(first, last, count, missing, gaps.stream().map(long[]::clone).toList());
  }

  static TrailLedger restore(Saved saved) {
    TrailLedger ledger = new TrailLedger();
    ledger.first = saved.first();
    ledger.last = saved.last();
    ledger.count = saved.count();
    ledger.missing = saved.missing();
    saved.gaps().forEach(gap -> ledger.gaps.add(gap.clone()));
    return ledger;
  }

  /** The ledger as it stands in a state frame. */
  record Saved(
      @JsonProperty("first") long first,
      @JsonProperty("last") long last,
      @JsonProperty("count") long count,
      @JsonProperty("missing") long missing,
      @JsonProperty("gaps") List<long[]> gaps) {}
}
