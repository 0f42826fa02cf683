package io.sworn.filter.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventId;
import io.sworn.event.SwornException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a rule remembers of one group. Every change goes to the journal at once: a short header, one
 * entry for each event in the window, one for each value seen.
 */
final class Group {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A remembered event; {@code arrival} tells events of the same time apart. */
  record Entry(long time, long arrival, EventId id, int step, String value) {}

  private final String prefix;
  private final String key;
  private final AlertJournal journal;
  final List<Entry> entries = new ArrayList<>();
  final Map<String, Integer> perValue = new HashMap<>();
  final Map<String, Long> seen = new LinkedHashMap<>();

  /** Highest event time. */
  long newest = Long.MIN_VALUE;

  /** Event time of the first event, where learning begins. */
  long begin = Long.MIN_VALUE;

  /** Latest time of an alert. */
  long alerted = Long.MIN_VALUE;

  /** Time of the alert that was made last; earlier than {@link #alerted} if it came late. */
  long alertedLast = Long.MIN_VALUE;

  /** Held back since then. */
  long suppressed;

  /** Absence has been told and the group has not come back. */
  boolean absent;

  private long arrivals;
  private boolean headed;

  /** Id of the newest event; what an absence refers to. */
  @Nullable EventId last;

  Group(String rule, String key, AlertJournal journal) {
    this.key = key;
    this.prefix = prefix(rule, key);
    this.journal = journal;
  }

  /** JSON keeps line breaks out of keys, whatever the values of a group are. */
  static String key(List<@Nullable String> values) {
    return json(values);
  }

  private static String prefix(String rule, String key) {
    return rule + "\n" + key + "\n";
  }

  String key() {
    return key;
  }

  /** The values that make the group. */
  List<@Nullable String> values() {
    try {
      return Arrays.asList(JSON.readValue(key, String[].class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("key of a group: " + key, e);
    }
  }

  void touch(long time, EventId id) {
    if (time >= newest) {
      newest = time;
      last = id;
    }
    if (begin == Long.MIN_VALUE) {
      begin = time;
    }
  }

  void saveHeader() {
    headed = true;
    EventId id = last;
    journal.put(
        prefix + "g",
        (newest
                + ","
                + begin
                + ","
                + alerted
                + ","
                + suppressed
                + ","
                + absent
                + ","
                + (id == null ? "" : id)
                + ","
                + alertedLast)
            .getBytes(StandardCharsets.UTF_8));
  }

  /** Sorted by time, in order of arrival where times are equal; the place of the new one. */
  int add(Hit hit, String value) {
    Entry entry = new Entry(hit.time(), arrivals++, hit.id(), hit.step(), value);
    int at = entries.size();
    while (at > 0 && entries.get(at - 1).time > entry.time) {
      at--;
    }
    entries.add(at, entry);
    perValue.merge(value, 1, Integer::sum);
    journal.put(
        name(entry),
        (entry.arrival + "," + entry.step + "," + value).getBytes(StandardCharsets.UTF_8));
    return at;
  }

  void remove(int at) {
    Entry entry = entries.remove(at);
    forget(entry);
  }

  private void forget(Entry entry) {
    perValue.computeIfPresent(entry.value, (v, n) -> n == 1 ? null : n - 1);
    journal.delete(name(entry));
  }

  /** Gives up what is older than {@code time}. */
  void removeBefore(long time) {
    int end = 0;
    while (end < entries.size() && entries.get(end).time < time) {
      forget(entries.get(end));
      end++;
    }
    if (end > 0) {
      entries.subList(0, end).clear();
    }
  }

  /** Gives up what is newer than {@code time}. */
  void removeAfter(long time) {
    int begin = entries.size();
    while (begin > 0 && entries.get(begin - 1).time > time) {
      begin--;
      forget(entries.get(begin));
    }
    entries.subList(begin, entries.size()).clear();
  }

  /** An alert was made. */
  void alerted(long time) {
    alertedLast = time;
    alerted = Math.max(alerted, time);
    suppressed = 0;
  }

  /** One event may be remembered once for each step and value. */
  private String name(Entry entry) {
    return prefix
        + "h"
        + HexFormat.of().toHexDigits(entry.time)
        + entry.id
        + entry.step
        + (entry.value.isEmpty() ? "" : json(entry.value));
  }

  void see(String value, long time) {
    seen.put(value, time);
    journal.put(prefix + "s" + json(value), Long.toString(time).getBytes(StandardCharsets.UTF_8));
  }

  void unsee(String value) {
    seen.remove(value);
    journal.delete(prefix + "s" + json(value));
  }

  /** Removes every trace. */
  void delete() {
    removeAfter(Long.MIN_VALUE);
    new ArrayList<>(seen.keySet()).forEach(this::unsee);
    if (headed) {
      journal.delete(prefix + "g");
    }
  }

  /** Takes an entry of the journal back in; {@code suffix} is what follows the group's prefix. */
  void restore(String suffix, byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    try {
      switch (suffix.charAt(0)) {
        case 'g' -> restoreHeader(text.split(",", -1));
        case 'h' -> {
          long time = HexFormat.fromHexDigitsToLong(suffix, 1, 17);
          EventId id = EventId.parse(suffix.substring(17, 49));
          String[] parts = text.split(",", 3);
          long arrival = Long.parseLong(parts[0]);
          Entry entry = new Entry(time, arrival, id, Integer.parseInt(parts[1]), parts[2]);
          arrivals = Math.max(arrivals, arrival + 1);
          entries.add(entry);
          perValue.merge(entry.value, 1, Integer::sum);
          touch(time, id);
        }
        default -> seen.put(JSON.readValue(suffix.substring(1), String.class), Long.valueOf(text));
      }
    } catch (RuntimeException | JsonProcessingException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "state of alert rule " + prefix.trim() + " cannot be read: " + e, e);
    }
  }

  private void restoreHeader(String[] parts) {
    headed = true;
    newest = Math.max(newest, Long.parseLong(parts[0]));
    begin = Long.parseLong(parts[1]);
    alerted = Long.parseLong(parts[2]);
    suppressed = Long.parseLong(parts[3]);
    absent = Boolean.parseBoolean(parts[4]);
    if (last == null && !parts[5].isEmpty()) {
      last = EventId.parse(parts[5]);
    }
    alertedLast = parts.length > 6 ? Long.parseLong(parts[6]) : alerted;
  }

  /** After all entries have been restored, in whatever order. */
  void restored() {
    entries.sort(Comparator.comparingLong(Entry::time).thenComparingLong(Entry::arrival));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("text as JSON", e);
    }
  }
}
