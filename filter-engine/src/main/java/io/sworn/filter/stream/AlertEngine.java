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
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds alerts in the events and appends them to the events and to the topic of alerts, each
 * exactly once (exactly_once_v2). Its state is restored from Kafka after whatever end. A Streams
 * application of its own, so that no rule can hold up a filter; others may be added on other
 * machines, with the same rules.
 */
public final class AlertEngine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AlertEngine.class);
  private static final int REPLACEMENTS_MAX = 20;

  /** Only what a rule selects travels here, and only few machines need more than one. */
  private static final int HIT_PARTITIONS = 1;

  private final KafkaStreams streams;
  private final AlertStatus status;

  private AlertEngine(KafkaStreams streams, AlertStatus status) {
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
    KafkaStreams streams =
        new KafkaStreams(
            AlertTopology.build(topics, List.copyOf(rules), partitions, status),
            StreamsSettings.of(kafka, application, stateDirectory, 1));
    AtomicInteger replacements = new AtomicInteger();
    streams.setUncaughtExceptionHandler(
        failure -> {
          LOG.error("an alert thread failed", failure);
          return replacements.incrementAndGet() <= REPLACEMENTS_MAX
              ? StreamThreadExceptionResponse.REPLACE_THREAD
              : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    return new AlertEngine(streams, status);
  }

  /** Whether events are looked at, or will be as soon as Kafka answers. */
  public boolean healthy() {
    return streams.state() != KafkaStreams.State.ERROR
        && streams.state() != KafkaStreams.State.NOT_RUNNING
        && streams.state() != KafkaStreams.State.PENDING_ERROR;
  }

  /** Whether all tasks are assigned and running. */
  public boolean running() {
    return streams.state() == KafkaStreams.State.RUNNING;
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
    if (!streams.close(Duration.ofSeconds(30))) {
      LOG.warn("alert threads did not stop in time; what they had not committed is read again");
    }
  }
}
