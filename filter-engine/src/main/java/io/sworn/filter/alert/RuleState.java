package io.sworn.filter.alert;

import io.sworn.event.EventId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One rule and its groups, the longest untouched first. */
final class RuleState {

  /** Events that all groups of a rule may hold together. */
  static final int ENTRIES_MAX = 50_000;

  /** Times of one value that a distinct-count rule keeps: enough for events that come late. */
  private static final int TIMES_OF_VALUE_MAX = 8;

  private static final int SEQUENCE_ENTRIES_MAX = 256;

  private AlertRule rule;
  private final AlertJournal journal;
  private final LinkedHashMap<String, Group> groups = new LinkedHashMap<>(16, 0.75f, true);
  private final long within;
  private final long lateness;
  private final long suppress;
  private int held;
  private long newest = Long.MIN_VALUE;
  private long matched;
  private long alerts;
  private long suppressed;
  private long late;
  private long evicted;
  private long told;

  RuleState(AlertRule rule, AlertJournal journal) {
    this.rule = rule;
    this.journal = journal;
    this.lateness = Windows.micros(rule.lateness());
    this.suppress = Windows.micros(rule.suppress());
    Detection d = rule.detection();
    this.within =
        d instanceof Detection.Threshold t
            ? Windows.micros(t.within())
            : d instanceof Detection.Distinct n
                ? Windows.micros(n.within())
                : d instanceof Detection.Sequence s ? Windows.micros(s.within()) : 0;
  }

  AlertRule rule() {
    return rule;
  }

  /** The same decisions under another title, severity or version. */
  void rename(AlertRule renamed) {
    rule = renamed;
  }

  /** Removes every trace from the journal. */
  void delete() {
    groups.values().forEach(Group::delete);
    groups.clear();
    held = 0;
    journal.delete(rule.key() + "\n\n");
  }

  RuleCounts counts() {
    return new RuleCounts(matched, alerts, suppressed, late, evicted);
  }

  int groups() {
    return groups.size();
  }

  // ---- events ----

  void accept(Hit hit, List<Alert> out) {
    matched++;
    newest = Math.max(newest, hit.time());
    Group group = group(hit);
    Detection detection = rule.detection();
    if (detection instanceof Detection.FirstSeen first) {
      firstSeen(group, hit, first, out);
    } else if (detection instanceof Detection.Absence absence) {
      beat(group, hit, absence);
    } else if (detection instanceof Detection.Each || detection instanceof Detection.OffHours) {
      each(group, hit, out);
    } else {
      windowed(group, hit, out);
    }
    makeRoom();
  }

  private Group group(Hit hit) {
    String key = Group.key(hit.group());
    return groups.computeIfAbsent(key, k -> new Group(rule.key(), k, journal));
  }

  private void each(Group group, Hit hit, List<Alert> out) {
    if (holdBack(group, hit.time())) {
      return;
    }
    group.touch(hit.time(), hit.id());
    fire(group, List.of(entry(hit, "")), List.of(), out);
    if (suppress == 0) {
      groups.remove(group.key()); // there is nothing to remember, and nothing was written
    }
  }

  private void windowed(Group group, Hit hit, List<Alert> out) {
    if (holdBack(group, hit.time())) {
      return;
    }
    if (group.newest != Long.MIN_VALUE && hit.time() < group.newest - lateness) {
      late++;
      saveCounts();
      return;
    }
    group.touch(hit.time(), hit.id());
    int before = group.entries.size();
    group.removeBefore(group.newest - within - lateness);
    List<String> values = hit.values().isEmpty() ? List.of("") : hit.values();
    for (String value : values) {
      int at = group.add(hit, value);
      List<Group.Entry> found = Windows.find(rule, group.entries, at, group.perValue.size());
      if (found != null) {
        fire(group, found, values(found), out);
        break;
      }
      thin(group, value);
    }
    held += group.entries.size() - before;
  }

  /** Keeps a group small without changing what events in order would find. */
  private void thin(Group group, String value) {
    if (rule.detection() instanceof Detection.Distinct) {
      Integer times = group.perValue.get(value);
      if (times != null && times > TIMES_OF_VALUE_MAX) {
        for (int i = 0; i < group.entries.size(); i++) {
          if (group.entries.get(i).value().equals(value)) {
            group.remove(i);
            return;
          }
        }
      }
    } else if (rule.detection() instanceof Detection.Sequence) {
      thinRun(group);
      if (group.entries.size() > SEQUENCE_ENTRIES_MAX) {
        group.remove(0);
        evicted++;
        saveCounts();
      }
    }
  }

  /** Of a run of events of one step, the last ones are the best start for what follows. */
  private void thinRun(Group group) {
    List<Group.Entry> all = group.entries;
    int end = all.size() - 1;
    int step = all.get(end).step();
    int begin = end;
    while (begin > 0 && all.get(begin - 1).step() == step) {
      begin--;
    }
    if (end - begin + 1 > rule.steps().get(step).count() + TIMES_OF_VALUE_MAX) {
      group.remove(begin);
    }
  }

  private void firstSeen(Group group, Hit hit, Detection.FirstSeen detection, List<Alert> out) {
    boolean created = group.begin == Long.MIN_VALUE;
    group.touch(hit.time(), hit.id());
    if (created) {
      group.saveHeader();
    }
    String value = hit.values().get(0);
    Long known = group.seen.get(value);
    long remember = Windows.micros(detection.remember());
    boolean forgotten = known != null && known < hit.time() - remember;
    boolean learning = hit.time() - group.begin < Windows.micros(detection.learn());
    boolean news = known == null || forgotten;
    java.time.Duration silentFor = detection.silentFor();
    boolean tells =
        silentFor == null
            ? news && !learning
            : known != null && !forgotten && hit.time() - known >= Windows.micros(silentFor);
    if (known == null) {
      held++;
    }
    // A value that is seen all the time is written once in a while, not at every event.
    long seldom =
        silentFor == null
            ? remember / 1_000
            : Math.min(remember / 1_000, Windows.micros(silentFor) / 100);
    if (known == null || hit.time() - known > seldom) {
      group.see(value, Math.max(hit.time(), known == null ? Long.MIN_VALUE : known));
    } else if (hit.time() > known) {
      group.seen.put(value, hit.time());
    }
    if (tells && !holdBack(group, hit.time())) {
      fire(group, List.of(entry(hit, value)), List.of(value), out);
    }
    if (known == null) {
      forgetOld(group, remember);
    }
  }

  private void forgetOld(Group group, long remember) {
    List<String> old = new ArrayList<>();
    group.seen.forEach(
        (value, time) -> {
          if (time < group.newest - remember) {
            old.add(value);
          }
        });
    old.forEach(group::unsee);
    held -= old.size();
  }

  private void beat(Group group, Hit hit, Detection.Absence detection) {
    long before = group.newest;
    boolean came = group.absent;
    group.touch(hit.time(), hit.id());
    if (hit.time() > before) {
      group.absent = false;
    }
    if (came != group.absent
        || before == Long.MIN_VALUE
        || hit.time() - before > Windows.micros(detection.every()) / 100) {
      group.saveHeader();
    }
  }

  /** Within the silence around an alert: the latest one, or the last one if that came late. */
  private boolean holdBack(Group group, long time) {
    if (!isSilent(group.alerted, time) && !isSilent(group.alertedLast, time)) {
      return false;
    }
    group.suppressed++;
    suppressed++;
    group.saveHeader();
    saveCounts();
    return true;
  }

  private boolean isSilent(long alerted, long time) {
    return alerted != Long.MIN_VALUE && time < alerted + suppress && time > alerted - suppress;
  }

  private static Group.Entry entry(Hit hit, String value) {
    return new Group.Entry(hit.time(), 0, hit.id(), hit.step(), value);
  }

  // ---- time ----

  /** Nothing before {@code mark} is to come: tells absences, gives up groups that are over. */
  void advance(long mark, List<Alert> out) {
    if (rule.detection() instanceof Detection.Absence absence) {
      long every = Windows.micros(absence.every());
      for (Group group : groups.values()) {
        if (!group.absent && group.newest + every + lateness < mark) {
          group.absent = true;
          if (!holdBack(group, group.newest + every)) {
            absence(group, group.newest + every, out);
          }
        }
      }
      return;
    }
    long keep = Math.max(within, suppress) + lateness;
    if (rule.detection() instanceof Detection.FirstSeen first) {
      keep = Windows.micros(first.remember());
    }
    Iterator<Group> oldest = groups.values().iterator();
    while (oldest.hasNext()) {
      Group group = oldest.next();
      if (Math.max(group.newest, group.alerted) + keep >= mark) {
        return;
      }
      oldest.remove();
      discard(group);
    }
  }

  private void makeRoom() {
    Iterator<Group> oldest = groups.values().iterator();
    while ((groups.size() > rule.groupsMax() || held > ENTRIES_MAX) && oldest.hasNext()) {
      Group group = oldest.next();
      oldest.remove();
      discard(group);
      evicted++;
      saveCounts();
    }
  }

  private void discard(Group group) {
    held -= group.entries.size() + group.seen.size();
    group.delete();
  }

  // ---- alerts ----

  private void fire(Group group, List<Group.Entry> found, List<String> values, List<Alert> out) {
    Group.Entry last = found.get(found.size() - 1);
    Map<EventId, Group.Entry> events = new LinkedHashMap<>();
    found.forEach(entry -> events.putIfAbsent(entry.id(), entry));
    out.add(
        alert(
            group,
            found.get(0).time(),
            last.time(),
            events.size(),
            new ArrayList<>(events.keySet()),
            values));
    group.alerted(last.time());
    // What lies before the silence may still make an alert with an event that comes late.
    group.removeAfter(suppress == 0 ? Long.MIN_VALUE : last.time() - suppress);
    if (suppress > 0 || within > 0 || rule.detection() instanceof Detection.FirstSeen) {
      group.saveHeader();
    }
  }

  private void absence(Group group, long due, List<Alert> out) {
    EventId last = group.last;
    if (last == null) {
      throw new IllegalStateException("a group without an event");
    }
    out.add(alert(group, group.newest, due, 1, List.of(last), List.of()));
    group.alerted(due);
    group.saveHeader();
  }

  private Alert alert(
      Group group, long from, long to, int count, List<EventId> ids, List<String> values) {
    alerts++;
    saveCounts();
    TreeMap<String, @Nullable String> named = new TreeMap<>();
    List<EventPath> paths = rule.steps().get(0).group();
    TreeMap<String, Set<String>> sources = new TreeMap<>();
    List<@Nullable String> parts = group.values();
    for (int i = 0; i < paths.size(); i++) {
      named.put(paths.get(i).path(), parts.get(i));
      sources.put(paths.get(i).path(), rule.groupSources(i));
    }
    return new Alert(
        rule.name(),
        rule.version(),
        rule.severity(),
        rule.title(),
        rule.detection().type(),
        rule.tags(),
        named,
        AlertMatcher.instant(from),
        AlertMatcher.instant(to),
        count,
        ids.get(0),
        ids.get(ids.size() - 1),
        sampled(ids),
        values.size() > Alert.SAMPLES_MAX ? values.subList(0, Alert.SAMPLES_MAX) : values,
        new Alert.Sources(sources, rule.valueSources()),
        group.suppressed);
  }

  private static List<EventId> sampled(List<EventId> ids) {
    if (ids.size() <= Alert.SAMPLES_MAX) {
      return ids;
    }
    List<EventId> some = new ArrayList<>(ids.subList(0, Alert.SAMPLES_MAX - 1));
    some.add(ids.get(ids.size() - 1));
    return some;
  }

  private static List<String> values(List<Group.Entry> found) {
    return found.stream().map(Group.Entry::value).filter(v -> !v.isEmpty()).distinct().toList();
  }

  /** Late events and evictions since this was asked last; 0 if there is nothing to tell. */
  long untold() {
    return late + evicted - told;
  }

  void told() {
    told = late + evicted;
    saveCounts();
  }

  // ---- durable state ----

  private void saveCounts() {
    journal.put(
        rule.key() + "\n\n",
        (alerts + "," + suppressed + "," + late + "," + evicted + "," + told + "," + newest)
            .getBytes(StandardCharsets.UTF_8));
  }

  void restore(String groupKey, String suffix, byte[] value) {
    if (groupKey.isEmpty()) {
      String[] parts = new String(value, StandardCharsets.UTF_8).split(",", -1);
      alerts = Long.parseLong(parts[0]);
      suppressed = Long.parseLong(parts[1]);
      late = Long.parseLong(parts[2]);
      evicted = Long.parseLong(parts[3]);
      told = Long.parseLong(parts[4]);
      newest = Math.max(newest, Long.parseLong(parts[5]));
    } else {
      groups
          .computeIfAbsent(groupKey, k -> new Group(rule.key(), k, journal))
          .restore(suffix, value);
    }
  }

  /** After all entries have been restored: the order of use is the order of time. */
  void restored() {
    List<Group> all = new ArrayList<>(groups.values());
    all.sort(Comparator.comparingLong((Group g) -> Math.max(g.newest, g.alerted)));
    groups.clear();
    held = 0;
    // A heartbeat is written now and then; what the last record lacks must not look like absence.
    long slack =
        rule.detection() instanceof Detection.Absence a ? Windows.micros(a.every()) / 100 : 0;
    for (Group group : all) {
      group.restored();
      group.newest += group.newest == Long.MIN_VALUE ? 0 : slack;
      newest = Math.max(newest, group.newest);
      held += group.entries.size() + group.seen.size();
      groups.put(group.key(), group);
    }
  }
}
