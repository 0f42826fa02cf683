package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.redact.RouteRedactions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running engine: one instance of the Streams application, to which others may be added on
 * other machines. Each event is judged, copied and counted exactly once (exactly_once_v2).
 *
 * <p>A thread that dies is replaced, at most {@value #REPLACEMENTS_MAX} times; then the engine
 * stops and is not {@link #healthy()}. Nothing is dropped: what was not committed is judged again
 * by the next start.
 */
public final class FilterEngine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FilterEngine.class);
  private static final int REPLACEMENTS_MAX = 20;
  private static final Duration START_WAIT = Duration.ofSeconds(90);

  private final KafkaStreams streams;
  private final FilterFeed feed;
  private final AtomicInteger replacements;

  private FilterEngine(KafkaStreams streams, FilterFeed feed, AtomicInteger replacements) {
    this.streams = streams;
    this.feed = feed;
    this.replacements = replacements;
  }

  /** Starts with one thread. */
  public static FilterEngine start(
      Map<String, Object> kafka, Topics topics, Path stateDirectory, RouteRedactions redactions) {
    return start(kafka, topics, stateDirectory, redactions, 1);
  }

  /**
   * Starts the engine; returns when every definition is taken up and judging has begun.
   *
   * @param kafka client properties
   * @param stateDirectory a directory of its own
   * @param redactions what each route may not get to see
   * @param threads at most the number of partitions of the topic of events
   */
  public static FilterEngine start(
      Map<String, Object> kafka,
      Topics topics,
      Path stateDirectory,
      RouteRedactions redactions,
      int threads) {
    FilterFeed feed = null;
    try {
      String application = topics.prefix() + "filter-engine";
      int partitions;
      try (TopicMaker maker = new TopicMaker(kafka)) {
        partitions = maker.partitions(topics.events());
        maker.ensure(application + "-" + JudgeProcessor.STORE + "-changelog", partitions, true);
      }
      feed = new FilterFeed(kafka, topics, partitions);
      if (!feed.awaitCaughtUp(START_WAIT)) {
        throw new SwornException(
            ErrorCode.STORAGE, "the definitions in " + topics.filters() + " were not read in time");
      }
      FilterFeed source = feed;
      KafkaStreams streams =
          new KafkaStreams(
              FilterTopology.build(topics, source::active, redactions),
              StreamsSettings.of(kafka, application, stateDirectory, threads));
      AtomicInteger replacements = new AtomicInteger();
      streams.setUncaughtExceptionHandler(
          failure -> {
            LOG.error("a filter thread failed", failure);
            return replacements.incrementAndGet() <= REPLACEMENTS_MAX
                ? StreamThreadExceptionResponse.REPLACE_THREAD
                : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
          });
      streams.start();
      return new FilterEngine(streams, source, replacements);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close(feed);
      throw new SwornException(ErrorCode.INTERNAL, "interrupted while starting", e);
    } catch (RuntimeException e) {
      close(feed);
      throw e;
    }
  }

  private static void close(@org.jspecify.annotations.Nullable FilterFeed feed) {
    if (feed != null) {
      feed.close();
    }
  }

  /** Whether events are judged, or will be as soon as Kafka answers. */
  public boolean healthy() {
    return feed.connected()
        && streams.state() != KafkaStreams.State.ERROR
        && streams.state() != KafkaStreams.State.NOT_RUNNING
        && streams.state() != KafkaStreams.State.PENDING_ERROR;
  }

  /** Whether it has given up: nothing is judged until another start. */
  public boolean failed() {
    return streams.state() == KafkaStreams.State.ERROR
        || streams.state() == KafkaStreams.State.NOT_RUNNING;
  }

  /** Whether all tasks are assigned and running. */
  public boolean running() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** The definitions that judge at this moment. */
  public List<FilterDefinition> active() {
    return feed.active().definitions();
  }

  /** Definitions in the topic that were refused, with the reason. */
  public Map<String, String> refused() {
    return feed.refused();
  }

  /** Threads that had to be replaced since the start. */
  public int replacements() {
    return replacements.get();
  }

  @Override
  public void close() {
    if (!streams.close(Duration.ofSeconds(30))) {
      LOG.warn("filter threads did not stop in time; what they had not committed is judged again");
    }
    feed.close();
  }
}
