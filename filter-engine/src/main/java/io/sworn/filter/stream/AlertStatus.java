package io.sworn.filter.stream;

import io.sworn.filter.alert.RuleCounts;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What the alert engine's tasks tell of themselves. Safe for any thread. */
final class AlertStatus {

  private record Task(long sequence, SortedMap<String, RuleCounts> counts) {}

  private final Map<String, Task> tasks = new ConcurrentHashMap<>();

  void tell(String trail, long sequence, SortedMap<String, RuleCounts> counts) {
    tasks.put(trail, new Task(sequence, counts));
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
