package io.sworn.filter.stream;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A started Streams application. A thread that dies is replaced, a bounded number of times; then
 * the application stops. What was not committed is read again by the next start.
 */
final class RunningStreams implements AutoCloseable {

  /** So many dead threads are no accident any more. */
  static final int REPLACEMENTS_MAX = 20;

  private static final Logger LOG = LoggerFactory.getLogger(RunningStreams.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(30);

  private final String name;
  private final KafkaStreams streams;
  private final AtomicInteger replacements = new AtomicInteger();

  /**
   * Starts it.
   *
   * @param name what the log calls it
   * @param replacementsMax threads that are replaced before it gives up
   */
  RunningStreams(String name, Topology topology, Properties settings, int replacementsMax) {
    this.name = name;
    streams = new KafkaStreams(topology, settings);
    streams.setUncaughtExceptionHandler(
        failure -> {
          LOG.error("a thread of the {} failed", name, failure);
          return replacements.incrementAndGet() <= replacementsMax
              ? StreamThreadExceptionResponse.REPLACE_THREAD
              : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
  }

  /** Whether it works, or will as soon as Kafka answers. */
  boolean healthy() {
    return !failed() && streams.state() != KafkaStreams.State.PENDING_ERROR;
  }

  /** Whether it has given up, until another start. */
  boolean failed() {
    return streams.state() == KafkaStreams.State.ERROR
        || streams.state() == KafkaStreams.State.NOT_RUNNING;
  }

  /** Whether all tasks are assigned and running. */
  boolean running() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Threads that had to be replaced since the start. */
  int replacements() {
    return replacements.get();
  }

  @Override
  public void close() {
    if (!streams.close(CLOSE_WAIT)) {
      LOG.warn(
          "threads of the {} did not stop in time; what they had not committed is read again",
          name);
    }
  }
}
