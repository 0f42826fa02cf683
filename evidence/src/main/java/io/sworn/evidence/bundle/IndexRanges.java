package io.sworn.evidence.bundle;

import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.TreeMap;

/** A set of places in the log, kept as ranges: a day's events are few ranges, however many. */
final class IndexRanges {

  /** End (excluded) by begin; ranges neither overlap nor touch. */
  private final NavigableMap<Long, Long> ranges = new TreeMap<>();

  /** Adds {@code [from, to)}. */
  void add(long from, long to) {
    if (from >= to) {
      return;
    }
    long begin = from;
    long end = to;
    Map.Entry<Long, Long> before = ranges.floorEntry(begin);
    if (before != null && before.getValue() >= begin) {
      begin = before.getKey();
      end = Math.max(end, before.getValue());
    }
    Map.Entry<Long, Long> after = ranges.ceilingEntry(begin);
    while (after != null && after.getKey() <= end) {
      end = Math.max(end, after.getValue());
      ranges.remove(after.getKey());
      after = ranges.ceilingEntry(begin);
    }
    ranges.put(begin, end);
  }

  /** How many places. */
  long count() {
    return ranges.entrySet().stream().mapToLong(range -> range.getValue() - range.getKey()).sum();
  }

  /** The places in ascending order. */
  PrimitiveIterator.OfLong iterator() {
    var rest = ranges.entrySet().iterator();
    return new PrimitiveIterator.OfLong() {
      private long at;
      private long end;

      @Override
      public boolean hasNext() {
        return at < end || rest.hasNext();
      }

      @Override
      public long nextLong() {
        if (at == end) {
          if (!rest.hasNext()) {
            throw new NoSuchElementException();
          }
          Map.Entry<Long, Long> range = rest.next();
          at = range.getKey();
          end = range.getValue();
        }
        return at++;
      }
    };
  }
}
