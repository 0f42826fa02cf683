package io.sworn.filter.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
  private final Function<String, @Nullable AlertRule> former;
  private final Map<String, RuleState> rules = new LinkedHashMap<>();

  /** Rules that are replaced but may still get hits, and the generation that replaced them. */
  private final Map<String, Long> retired = new HashMap<>();

  private final List<String> orphans = new ArrayList<>();
  private long generation;
  private long unknown;

  /** A book without memories; call {@link #restore} for each entry of an old journal first. */
  public AlertBook(Iterable<AlertRule> rules, AlertJournal journal) {
    this(rules, 0, journal, key -> null);
  }

  /**
   * A book whose rules change.
   *
   * @param generation of these rules
   * @param former the rule with a key that is not among the rules any more; null if nobody knows it
   */
  public AlertBook(
      Iterable<AlertRule> rules,
      long generation,
      AlertJournal journal,
      Function<String, @Nullable AlertRule> former) {
    this.journal = journal;
    this.generation = generation;
    this.former = former;
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
    RuleState state = parts.length == 3 ? state(parts[0]) : null;
    if (state == null) {
      orphans.add(key);
    } else {
      state.restore(parts[1], parts[2], value);
    }
  }

  /** The state of a rule, also of one that has been replaced while its hits were on their way. */
  private @Nullable RuleState state(String key) {
    RuleState known = rules.get(key);
    if (known != null) {
      return known;
    }
    AlertRule rule = former.apply(key);
    if (rule == null) {
      return null;
    }
    RuleState state = new RuleState(rule, journal);
    rules.put(key, state);
    retired.put(key, generation);
    return state;
  }

  /**
   * Takes over other rules. A rule that decides as before keeps its state, whatever else of it has
   * changed. One that is gone or decides differently goes on with the hits that are still on their
   * way, until {@link #forget} is told that there are none.
   *
   * @param newGeneration of {@code newRules}, greater than the one before
   */
  public void use(Iterable<AlertRule> newRules, long newGeneration) {
    generation = newGeneration;
    Set<String> wanted = new HashSet<>();
    for (AlertRule rule : newRules) {
      wanted.add(rule.key());
      retired.remove(rule.key());
      RuleState known = rules.get(rule.key());
      if (known == null) {
        rules.put(rule.key(), new RuleState(rule, journal));
      } else {
        known.rename(rule);
      }
    }
    for (String key : rules.keySet()) {
      if (!wanted.contains(key)) {
        retired.putIfAbsent(key, newGeneration);
      }
    }
  }

  /** No hit of rules older than {@code oldest} can come any more: their state is given up. */
  public void forget(long oldest) {
    Iterator<Map.Entry<String, Long>> all = retired.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, Long> entry = all.next();
      if (entry.getValue() <= oldest) {
        all.remove();
        RuleState state = rules.remove(entry.getKey());
        if (state != null) {
          state.delete();
        }
      }
    }
  }

  /** Generation of the rules that it works with. */
  public long generation() {
    return generation;
  }

  /** All entries are back. */
  public void restored() {
    orphans.forEach(journal::delete);
    orphans.clear();
    rules.values().forEach(RuleState::restored);
  }

  /** The alerts that this hit completes, mostly none. */
  public List<Alert> accept(Hit hit) {
    RuleState state = state(hit.rule());
    if (state == null) {
      unknown++; // of a configuration that was changed before this start
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
    rules.forEach(
        (key, state) -> {
          if (!retired.containsKey(key)) {
            counts.put(state.rule().name(), state.counts());
          }
        });
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
