package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
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
 * machines, with the same rules.
 *
 * <p>A thread that dies is replaced, at most {@value RunningStreams#REPLACEMENTS_MAX} times; then
 * the engine stops and has {@link #failed()}.
 */
public final class AlertEngine implements AutoCloseable {

  /** Only what a rule selects travels here, and only few machines need more than one. */
  private static final int HIT_PARTITIONS = 1;

  private final RunningStreams streams;
  private final AlertStatus status;

  private AlertEngine(RunningStreams streams, AlertStatus status) {
    this.streams = streams;
    this.status = status;
  }

  /**
   * Starts with one thread. The topics of events and alerts must exist.
   *
   * @param kafka client properties
   * @param rules all rules; a change of them needs a new start
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
    String application = topics.prefix() + "alert-engine";
    int partitions;
    try (TopicMaker maker = new TopicMaker(kafka)) {
      partitions = maker.partitions(topics.events());
      maker.ensure(AlertTopology.hits(topics), HIT_PARTITIONS, false, Duration.ofDays(1));
      maker.ensure(application + "-" + SelectProcessor.STORE + "-changelog", partitions, true);
      maker.ensure(application + "-" + AlertProcessor.STORE + "-changelog", HIT_PARTITIONS, true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.INTERNAL, "interrupted while starting", e);
    }
    AlertStatus status = new AlertStatus();
    RunningStreams streams =
        new RunningStreams(
            "alert engine",
            AlertTopology.build(topics, List.copyOf(rules), partitions, status),
            StreamsSettings.of(kafka, application, stateDirectory, 1),
            replacementsMax);
    return new AlertEngine(streams, status);
  }

  /** Whether events are looked at, or will be as soon as Kafka answers. */
  public boolean healthy() {
    return streams.healthy();
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

  /** What became of the events that each rule selected. */
  public SortedMap<String, RuleCounts> counts() {
    return status.counts();
  }

  @Override
  public void close() {
    streams.close();
  }
}
