package io.sworn.filter.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state of all rules: takes hits, gives alerts. Pure but for its journal: the same hits and
 * marks in the same order give the same alerts. Bounded: {@link AlertRule#groupsMax()} groups and
 * {@value RuleState#ENTRIES_MAX} events for each rule; what is given up is counted.
 *
 * <p>Not thread-safe. State that belongs to no rule any more, or to another definition of one, is
 * removed by {@link #restored}.
 */
public final class AlertBook {

  private final AlertJournal journal;
  private final Map<String, RuleState> rules = new LinkedHashMap<>();
  private final List<String> orphans = new ArrayList<>();
  private long unknown;

  /** A book without memories; call {@link #restore} for each entry of an old journal first. */
  public AlertBook(Iterable<AlertRule> rules, AlertJournal journal) {
    this.journal = journal;
    for (AlertRule rule : rules) {
      if (this.rules.put(rule.key(), new RuleState(rule, journal)) != null) {
        throw new InvalidRuleException("name", "'" + rule.name() + "' stands there twice");
      }
    }
  }

  /**
   * Takes back an entry of the journal, in any order.
   *
   * @throws io.sworn.event.SwornException if it cannot be read
   */
  public void restore(String key, byte[] value) {
    String[] parts = key.split("\n", 3);
    RuleState state = parts.length == 3 ? rules.get(parts[0]) : null;
    if (state == null) {
      orphans.add(key);
    } else {
      state.restore(parts[1], parts[2], value);
    }
  }

  /** All entries are back. */
  public void restored() {
    orphans.forEach(journal::delete);
    orphans.clear();
    rules.values().forEach(RuleState::restored);
  }

  /** The alerts that this hit completes, mostly none. */
  public List<Alert> accept(Hit hit) {
    RuleState state = rules.get(hit.rule());
    if (state == null) {
      unknown++; // of another instance whose rules are newer or older
      return List.of();
    }
    List<Alert> alerts = new ArrayList<>(1);
    state.accept(hit, alerts);
    return alerts;
  }

  /** The alerts that become due when nothing before {@code mark} can come any more. */
  public List<Alert> advance(Instant mark) {
    List<Alert> alerts = new ArrayList<>();
    long micros = AlertMatcher.micros(mark);
    rules.values().forEach(state -> state.advance(micros, alerts));
    return alerts;
  }

  /** What each rule could not count and nobody was told of yet; asking is telling. */
  public List<Notice> notices() {
    List<Notice> notices = new ArrayList<>();
    for (RuleState state : rules.values()) {
      if (state.untold() > 0) {
        RuleCounts counts = state.counts();
        notices.add(
            new Notice(
                state.rule().name(), state.rule().version(), counts.late(), counts.evicted()));
        state.told();
      }
    }
    return notices;
  }

  /** Counts by rule name. */
  public SortedMap<String, RuleCounts> counts() {
    SortedMap<String, RuleCounts> counts = new TreeMap<>();
    rules.values().forEach(state -> counts.put(state.rule().name(), state.counts()));
    return counts;
  }

  /** Groups that are remembered, over all rules. */
  public int groups() {
    return rules.values().stream().mapToInt(RuleState::groups).sum();
  }

  /** Hits of rules that this book does not have. */
  public long unknown() {
    return unknown;
  }
}
