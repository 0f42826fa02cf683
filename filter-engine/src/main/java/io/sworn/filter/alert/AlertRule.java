package io.sworn.filter.alert;

import io.sworn.filter.AuditFilter;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One alert rule, checked and compiled.
 *
 * @param name lower-case letters, digits, '-', '_' and '.', at most 63
 * @param version from 1
 * @param title one line for people
 * @param description what it means and what to do
 * @param severity how grave
 * @param tags such as {@code attack.t1110}
 * @param detection what makes an alert
 * @param steps which events count; one, except for a sequence
 * @param suppress after an alert the group stays silent for so long; what comes then is counted
 * @param lateness an event may arrive so long after a later one of its group and still count
 * @param groupsMax groups that are remembered; beyond, the longest untouched is given up and
 *     counted
 * @param definition hash of the rule's text; state belongs to one definition
 * @param samples what must and must not make an alert
 * @param text the document that it was read from, as JSON
 */
public record AlertRule(
    String name,
    int version,
    String title,
    String description,
    Severity severity,
    List<String> tags,
    Detection detection,
    List<Step> steps,
    Duration suppress,
    Duration lateness,
    int groupsMax,
    String definition,
    Samples samples,
    String text) {

  /**
   * Events that count.
   *
   * @param name for people
   * @param select MongoDB's query language, as JSON
   * @param filter the same, compiled
   * @param count how many such events make the step
   * @param group events with the same values belong together; empty: all do
   */
  public record Step(
      String name, String select, AuditFilter filter, int count, List<EventPath> group) {
    /** Copies the paths. */
    public Step {
      group = List.copyOf(group);
    }
  }

  /** Copies the lists. */
  public AlertRule {
    tags = List.copyOf(tags);
    steps = List.copyOf(steps);
  }

  /** The same rule as another version; its state stays its own. */
  public AlertRule as(int newVersion) {
    return new AlertRule(
        name,
        newVersion,
        title,
        description,
        severity,
        tags,
        detection,
        steps,
        suppress,
        lateness,
        groupsMax,
        definition,
        samples,
        text);
  }

  /**
   * Where the values of the n-th member of an alert's group can come from: each step has a path of
   * its own for it.
   */
  SortedSet<String> groupSources(int n) {
    SortedSet<String> sources = new TreeSet<>();
    steps.forEach(step -> sources.addAll(step.group().get(n).sources()));
    return sources;
  }

  /** Where the values of an alert can come from; empty if it has none. */
  SortedSet<String> valueSources() {
    SortedSet<String> sources = new TreeSet<>();
    if (detection instanceof Detection.Distinct distinct) {
      sources.addAll(distinct.of().sources());
    } else if (detection instanceof Detection.FirstSeen first) {
      first.of().forEach(path -> sources.addAll(path.sources()));
    }
    return sources;
  }

  /** {@code name@version}. */
  public String label() {
    return name + "@" + version;
  }

  /** Under which its state is kept: {@code name#definition}. */
  public String key() {
    return name + "#" + definition;
  }
}
