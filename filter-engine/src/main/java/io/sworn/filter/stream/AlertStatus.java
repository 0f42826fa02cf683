package io.sworn.filter.stream;

import io.sworn.filter.alert.RuleCounts;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the alert engine's tasks tell of themselves. Safe for any thread. */
final class AlertStatus {

  private record Task(long sequence, SortedMap<String, RuleCounts> counts) {}

  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final Map<String, Long> read = new ConcurrentHashMap<>();
  private final AtomicLong selected = new AtomicLong();
  private final AtomicLong judged = new AtomicLong();

  void tell(String trail, long sequence, SortedMap<String, RuleCounts> counts) {
    tasks.put(trail, new Task(sequence, counts));
  }

  /** The first half has looked at this trail up to {@code sequence}. */
  void read(String trail, long sequence) {
    read.merge(trail, sequence, Math::max);
  }

  /** The first half has found a hit. */
  void selected() {
    selected.incrementAndGet();
  }

  /** The second half has taken a hit. */
  void judged() {
    judged.incrementAndGet();
  }

  /** A task begins anew; what it repeats must not count as work to do for ever. */
  void begun() {
    selected.set(0);
    judged.set(0);
  }

  /** Whether all that this trail held up to {@code sequence} has made its alerts. */
  boolean caughtUp(String trail, long sequence) {
    return sequence == 0
        || (read.getOrDefault(trail, 0L) >= sequence && judged.get() >= selected.get());
  }

  /** Trails of alerts and their last sequence. */
  SortedMap<String, Long> trails() {
    SortedMap<String, Long> trails = new TreeMap<>();
    tasks.forEach((trail, task) -> trails.put(trail, task.sequence));
    return trails;
  }

  /** Counts by rule, over all tasks. */
  SortedMap<String, RuleCounts> counts() {
    SortedMap<String, RuleCounts> sums = new TreeMap<>();
    tasks
        .values()
        .forEach(
            task ->
                task.counts.forEach((rule, counts) -> sums.merge(rule, counts, AlertStatus::sum)));
    return sums;
  }

  private static RuleCounts sum(RuleCounts a, RuleCounts b) {
    return new RuleCounts(
        a.matched() + b.matched(),
        a.alerts() + b.alerts(),
        a.suppressed() + b.suppressed(),
        a.late() + b.late(),
        a.evicted() + b.evicted());
  }
}
