package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.RuleCounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Finds alerts in the events and appends them to the events and to the topic of alerts, each
 * exactly once (exactly_once_v2). Its state is restored from Kafka after whatever end. A Streams
 * application of its own, so that no rule can hold up a filter; others may be added on other
 * machines, with the same configuration.
 *
 * <p>A thread that dies is replaced, at most {@value RunningStreams#REPLACEMENTS_MAX} times; then
 * the engine stops and has {@link #failed()}.
 */
public final class AlertEngine implements AutoCloseable {

  /** Only what a rule selects travels here, and only few machines need more than one. */
  /** Kafka deletes nothing by age. */
  private static final Duration FOR_EVER = Duration.ofMillis(-1);

  private static final int HIT_PARTITIONS = 1;

  private static final Duration START_WAIT = Duration.ofSeconds(90);

  private final RunningStreams streams;
  private final AlertFeed feed;
  private final AlertStatus status;

  private AlertEngine(RunningStreams streams, AlertFeed feed, AlertStatus status) {
    this.streams = streams;
    this.feed = feed;
    this.status = status;
  }

  /** The topic between the engine's halves; nothing is deleted there that it has not read. */
  public static String between(Topics topics) {
    return AlertTopology.hits(topics);
  }

  /** Name of the engine at Kafka, which is also its consumer group. */
  public static String application(Topics topics) {
    return topics.prefix() + "alert-engine";
  }

  /**
   * Starts with one thread. The topics of events, alerts and filters must exist.
   *
   * @param kafka client properties
   * @param rules those of the configuration; what was changed live stands in the topic of filters
   * @param stateDirectory a directory of its own
   */
  public static AlertEngine start(
      Map<String, Object> kafka, Topics topics, List<AlertRule> rules, Path stateDirectory) {
    return start(kafka, topics, rules, stateDirectory, RunningStreams.REPLACEMENTS_MAX);
  }

  /** Starts, and gives up after so many threads that died. */
  static AlertEngine start(
      Map<String, Object> kafka,
      Topics topics,
      List<AlertRule> rules,
      Path stateDirectory,
      int replacementsMax) {
    AlertFeed feed = new AlertFeed(kafka, topics, rules);
    try {
      String application = application(topics);
      int partitions = makeTopics(kafka, topics, application);
      if (!feed.awaitCaughtUp(START_WAIT)) {
        throw new SwornException(
            ErrorCode.STORAGE, "the rules in " + topics.filters() + " were not read in time");
      }
      AlertStatus status = new AlertStatus();
      RunningStreams streams =
          new RunningStreams(
              "alert engine",
              AlertTopology.build(topics, feed, partitions, status),
              StreamsSettings.of(kafka, application, stateDirectory, 1),
              replacementsMax);
      return new AlertEngine(streams, feed, status);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      feed.close();
      throw new SwornException(ErrorCode.INTERNAL, "interrupted while starting", e);
    } catch (RuntimeException e) {
      feed.close();
      throw e;
    }
  }

  /** Partitions of the topic of events. */
  private static int makeTopics(Map<String, Object> kafka, Topics topics, String application)
      throws InterruptedException {
    try (TopicMaker maker = new TopicMaker(kafka)) {
      int partitions = maker.partitions(topics.events());
      maker.ensure(AlertTopology.hits(topics), HIT_PARTITIONS, false, FOR_EVER);
      maker.ensure(application + "-" + SelectProcessor.STORE + "-changelog", partitions, true);
      maker.ensure(application + "-" + AlertProcessor.STORE + "-changelog", HIT_PARTITIONS, true);
      return partitions;
    }
  }

  /** Whether events are looked at, or will be as soon as Kafka answers. */
  public boolean healthy() {
    return feed.connected() && streams.healthy();
  }

  /** Whether it has given up: no alert is made until another start, then none is missing. */
  public boolean failed() {
    return streams.failed();
  }

  /** Whether all tasks are assigned and running. */
  public boolean running() {
    return streams.running();
  }

  /** The trails that the alerts of this instance are written to, with the last sequence of each. */
  public SortedMap<String, Long> trails() {
    return status.trails();
  }

  /** Whether all that this trail held up to {@code sequence} has made its alerts. */
  public boolean caughtUp(String trail, long sequence) {
    return status.caughtUp(trail, sequence);
  }

  /** The current version of each rule, disabled ones included, by name. */
  public List<AlertDefinition> rules() {
    return feed.definitions();
  }

  /** Definitions in the topic that were refused, with the reason. */
  public Map<String, String> refused() {
    return feed.refused();
  }

  /** What became of the events that each rule selected. */
  public SortedMap<String, RuleCounts> counts() {
    return status.counts();
  }

  @Override
  public void close() {
    streams.close();
    feed.close();
  }
}
