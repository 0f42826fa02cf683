package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.DefinitionKey;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.InvalidRuleException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules of the configuration, overlaid with what was changed live. A record that is no valid
 * rule is refused and reported, and the former version stays.
 */
final class AlertFeed implements DefinitionFollower.Reader, RuleSource, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AlertFeed.class);
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final int REFUSED_MAX = 100;

  private record Compiled(AlertDefinition definition, AlertRule rule) {}

  private final List<AlertRule> initial;
  private final TreeMap<String, Compiled> newest = new TreeMap<>();
  private final ConcurrentMap<String, AlertDefinition> history = new ConcurrentSkipListMap<>();
  private final Map<String, String> refused = new ConcurrentSkipListMap<>();
  private final TreeMap<Integer, Long> offsets = new TreeMap<>();
  private final Object monitor = new Object();
  private final DefinitionFollower follower;
  private volatile Active active;
  private volatile List<AlertDefinition> definitions;

  /**
   * Begins to follow.
   *
   * @param initial the rules of the configuration
   */
  AlertFeed(Map<String, Object> kafka, Topics topics, List<AlertRule> initial) {
    this.initial = List.copyOf(initial);
    active = new Active(0, initial);
    definitions = AlertDefinition.merge(initial, List.of());
    follower = new DefinitionFollower("alert-feed", kafka, topics.filters(), this);
    follower.start();
  }

  boolean awaitCaughtUp(Duration wait) throws InterruptedException {
    return follower.awaitCaughtUp(wait);
  }

  boolean connected() {
    return follower.connected();
  }

  /** The current version of each rule, disabled ones included, by name. */
  List<AlertDefinition> definitions() {
    return definitions;
  }

  /** Refused records: key and reason. */
  Map<String, String> refused() {
    return Map.copyOf(refused);
  }

  @Override
  public Active active() {
    return active;
  }

  @Override
  public @Nullable AlertRule former(String key) {
    String name = key.substring(0, Math.max(0, key.indexOf('#')));
    for (AlertDefinition definition : history.values()) {
      if (definition.name().equals(name)) {
        AlertRule rule = compiled(definition);
        if (rule != null && rule.key().equals(key)) {
          return rule;
        }
      }
    }
    return null;
  }

  private static @Nullable AlertRule compiled(AlertDefinition definition) {
    try {
      return definition.compiled();
    } catch (InvalidRuleException e) {
      return null; // refused and reported when it came
    }
  }

  @Override
  public Active atLeast(long generation) {
    long deadline = System.nanoTime() + WAIT.toNanos();
    synchronized (monitor) {
      while (active.generation() < generation) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new SwornException(
              ErrorCode.STORAGE, "a change of alert rules that is in force was not read in time");
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(monitor, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new SwornException(ErrorCode.INTERNAL, "interrupted while waiting for rules", e);
        }
      }
      return active;
    }
  }

  @Override
  public boolean accept(ConsumerRecord<byte[], byte[]> record) {
    if (DefinitionKey.Kind.of(record.key()) != DefinitionKey.Kind.ALERT_RULE
        || record.value() == null) {
      return false;
    }
    String key = new String(record.key(), StandardCharsets.UTF_8);
    try {
      AlertDefinition definition = AlertDefinition.fromBytes(record.value());
      history.putIfAbsent(definition.label(), definition);
      Compiled current = newest.get(definition.name());
      if (current != null && current.definition.version() >= definition.version()) {
        return false;
      }
      newest.put(definition.name(), new Compiled(definition, definition.compiled()));
      refused.remove(key);
    } catch (SwornException e) {
      LOG.warn("alert rule '{}' is refused, its former version stays: {}", key, e.getMessage());
      if (refused.size() < REFUSED_MAX) {
        refused.put(key, String.valueOf(e.getMessage()));
      }
      return false;
    }
    offsets.put(record.partition(), record.offset() + 1);
    return true;
  }

  @Override
  public void publish() {
    TreeMap<String, AlertRule> rules = new TreeMap<>();
    initial.forEach(rule -> rules.put(rule.name(), rule));
    newest.forEach(
        (name, compiled) -> {
          if (compiled.definition.enabled()) {
            rules.put(name, compiled.rule);
          } else {
            rules.remove(name);
          }
        });
    long generation = offsets.values().stream().mapToLong(Long::longValue).sum();
    synchronized (monitor) {
      active = new Active(generation, new ArrayList<>(rules.values()));
      monitor.notifyAll();
    }
    // Last: whoever sees a version here may rely on it to judge the next event.
    definitions =
        AlertDefinition.merge(initial, newest.values().stream().map(Compiled::definition).toList());
    LOG.info("{} alert rules, {} changed live", rules.size(), newest.size());
  }

  @Override
  public void close() {
    follower.close();
  }
}
