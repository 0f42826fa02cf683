package io.sworn.filter.alert;

import io.sworn.event.EventId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a window that makes an alert, after one event was added to a group. Pure. The windows
 * slide: any stretch of that length counts, not fixed slots, and an event that came late is put
 * where it belongs.
 */
final class Windows {

  private Windows() {}

  /** Events that make the alert, by time; null if there is no such window. */
  static @Nullable List<Group.Entry> find(
      AlertRule rule, List<Group.Entry> entries, int added, int values) {
    Detection detection = rule.detection();
    if (detection instanceof Detection.Threshold threshold) {
      return count(entries, added, threshold.count(), micros(threshold.within()));
    }
    if (detection instanceof Detection.Distinct distinct) {
      return values < distinct.count()
          ? null
          : distinct(entries, added, distinct.count(), micros(distinct.within()));
    }
    if (detection instanceof Detection.Sequence sequence) {
      return sequence.ordered()
          ? ordered(rule.steps(), entries, added, micros(sequence.within()))
          : unordered(rule.steps(), entries, micros(sequence.within()));
    }
    throw new AssertionError("no window: " + detection);
  }

  static long micros(java.time.Duration duration) {
    return duration.toNanos() / 1_000;
  }

  /** Only windows that hold the added event can be new. */
  private static @Nullable List<Group.Entry> count(
      List<Group.Entry> entries, int added, int count, long within) {
    int last = Math.min(added, entries.size() - count);
    for (int first = Math.max(0, added - count + 1); first <= last; first++) {
      long end = entries.get(first).time() + within;
      if (entries.get(first + count - 1).time() <= end) {
        return upTo(entries, first, end);
      }
    }
    return null;
  }

  private static List<Group.Entry> upTo(List<Group.Entry> entries, int first, long end) {
    int behind = first;
    while (behind < entries.size() && entries.get(behind).time() <= end) {
      behind++;
    }
    return new ArrayList<>(entries.subList(first, behind));
  }

  private static @Nullable List<Group.Entry> distinct(
      List<Group.Entry> entries, int added, int count, long within) {
    long time = entries.get(added).time();
    for (int first = added; first >= 0 && entries.get(first).time() >= time - within; first--) {
      List<Group.Entry> window = upTo(entries, first, entries.get(first).time() + within);
      Set<String> values = new HashSet<>();
      window.forEach(entry -> values.add(entry.value()));
      if (values.size() >= count) {
        return window;
      }
    }
    return null;
  }

  /** The end of a chain of events that has come so far; each event may stand in it once. */
  private record Chain(Group.Entry entry, @Nullable Chain before, long start, int length) {
    boolean holds(EventId id) {
      for (Chain link = this; link != null; link = link.before) {
        if (link.entry.id().equals(id)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * For each place in the sequence the chain with the latest start, which is never worse than an
   * earlier one. A step that wants n events is n places.
   */
  private static @Nullable List<Group.Entry> ordered(
      List<AlertRule.Step> steps, List<Group.Entry> entries, int added, long within) {
    if (added == entries.size() - 1 && entries.get(added).step() != steps.size() - 1) {
      return null; // only the last step completes a sequence, unless an event came late
    }
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      places.addAll(Collections.nCopies(steps.get(i).count(), i));
    }
    @Nullable Chain[] best = new Chain[places.size()];
    for (Group.Entry entry : lastStepFirst(entries)) {
      for (int place = places.size() - 1; place >= 0; place--) {
        if (places.get(place) != entry.step()) {
          continue;
        }
        if (place == 0) {
          best[0] = new Chain(entry, null, entry.time(), 1);
          continue;
        }
        Chain before = best[place - 1];
        if (before != null && entry.time() - before.start <= within && !before.holds(entry.id())) {
          best[place] = new Chain(entry, before, before.start, before.length + 1);
        }
      }
      Chain whole = best[best.length - 1];
      if (whole != null) {
        List<Group.Entry> found = new ArrayList<>();
        for (Chain link = whole; link != null; link = link.before) {
          found.add(link.entry);
        }
        Collections.reverse(found);
        return found;
      }
    }
    return null;
  }

  /** An event that could be several steps completes one before it begins another. */
  private static List<Group.Entry> lastStepFirst(List<Group.Entry> entries) {
    List<Group.Entry> sorted = new ArrayList<>(entries);
    for (int begin = 0; begin < sorted.size(); ) {
      int end = begin + 1;
      while (end < sorted.size() && sorted.get(end).id().equals(sorted.get(begin).id())) {
        end++;
      }
      if (end - begin > 1) {
        sorted.subList(begin, end).sort(Comparator.comparingInt(Group.Entry::step).reversed());
      }
      begin = end;
    }
    return sorted;
  }

  private static @Nullable List<Group.Entry> unordered(
      List<AlertRule.Step> steps, List<Group.Entry> entries, long within) {
    int[] counts = new int[steps.size()];
    int first = 0;
    for (int last = 0; last < entries.size(); last++) {
      counts[entries.get(last).step()]++;
      while (entries.get(last).time() - entries.get(first).time() > within) {
        counts[entries.get(first++).step()]--;
      }
      boolean all = true;
      for (int i = 0; i < counts.length; i++) {
        all &= counts[i] >= steps.get(i).count();
      }
      if (all) {
        return new ArrayList<>(entries.subList(first, last + 1));
      }
    }
    return null;
  }
}
