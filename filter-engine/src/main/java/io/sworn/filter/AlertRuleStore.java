package io.sworn.filter;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.InvalidRuleException;
import io.sworn.filter.alert.RuleTrial;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The alert rules that were changed live, in the topic that holds the filters too, over those that
 * come with Sworn and its configuration. The first change of such a rule writes what it was as its
 * first version, so that there is a way back. Two changes at once cannot both succeed on the same
 * version. Not thread-safe.
 */
public final class AlertRuleStore implements DefinitionStore<AlertDefinition> {

  private static final VersionStore.Kind<AlertDefinition> KIND =
      new VersionStore.Kind<>(
          "alert rule", DefinitionKey.Kind.ALERT_RULE, AlertDefinition::fromBytes);

  private final VersionStore<AlertDefinition> store;
  private final Map<String, AlertRule> initial = new HashMap<>();

  private AlertRuleStore(VersionStore<AlertDefinition> store, Collection<AlertRule> initial) {
    this.store = store;
    initial.forEach(rule -> this.initial.put(rule.name(), rule));
  }

  /**
   * Opens the store; the topic of filters must exist.
   *
   * @param initial the rules of the configuration, those that come with Sworn among them
   */
  public static AlertRuleStore connect(
      Map<String, Object> kafka, Topics topics, Collection<AlertRule> initial) {
    return new AlertRuleStore(VersionStore.connect(kafka, topics, KIND), initial);
  }

  @Override
  public void before(Consumer<? super AlertDefinition> notice) {
    store.before(notice);
  }

  /**
   * Refuses a rule whose own samples do not come out as they say.
   *
   * @throws InvalidRuleException naming the sample
   */
  public static void check(AlertRule rule) {
    List<String> problems = RuleTrial.problems(rule);
    if (!problems.isEmpty()) {
      throw new InvalidRuleException("samples", String.join("; ", problems));
    }
  }

  /**
   * Writes a new version of the rule's name, whatever the current one is.
   *
   * @throws InvalidRuleException if a sample of the rule is wrong; nothing is written
   */
  public AlertDefinition put(AlertRule rule, String author, String reason) {
    check(rule);
    AlertDefinition draft =
        new AlertDefinition(
            rule.name(),
            1,
            true,
            rule.text(),
            FilterStore.shown(author),
            FilterStore.shown(reason),
            Instant.EPOCH);
    return store.write(
        rule.name(), first(rule.name()), true, OptionalInt.empty(), all -> Optional.of(draft));
  }

  /** Writes a version that makes no alerts, unless the current one is such. */
  @Override
  public AlertDefinition disable(String name, String author, String reason) {
    return store.write(
        name,
        first(name),
        false,
        OptionalInt.empty(),
        all ->
            Optional.of(VersionStore.newest(all))
                .filter(AlertDefinition::enabled)
                .map(
                    current ->
                        current.by(FilterStore.shown(author), FilterStore.shown(reason), false)));
  }

  @Override
  public AlertDefinition rollback(String name, int version, String author, String reason) {
    return store.write(
        name,
        first(name),
        false,
        OptionalInt.empty(),
        all -> {
          AlertDefinition former = all.get(version);
          if (former == null) {
            throw new SwornException(
                ErrorCode.INPUT,
                "alert rule '"
                    + name
                    + "' has no version "
                    + version
                    + "; there are "
                    + all.keySet());
          }
          former.compiled(); // an older Sworn may have taken what this one refuses
          return Optional.of(
              former.by(FilterStore.shown(author), FilterStore.shown(reason), former.enabled()));
        });
  }

  @Override
  public List<AlertDefinition> list() {
    return AlertDefinition.merge(initial.values(), store.list());
  }

  @Override
  public List<AlertDefinition> versions(String name) {
    List<AlertDefinition> written = store.versions(name);
    return written.isEmpty() ? first(name).stream().toList() : written;
  }

  private Optional<AlertDefinition> first(String name) {
    return Optional.ofNullable(initial.get(name)).map(AlertDefinition::initial);
  }

  @Override
  public void close() {
    store.close();
  }
}
