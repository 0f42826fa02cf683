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

/**
 * The running engine: one instance of the Streams application, to which others may be added on
 * other machines. Each event is judged, copied and counted exactly once (exactly_once_v2).
 *
 * <p>A thread that dies is replaced, at most {@value RunningStreams#REPLACEMENTS_MAX} times; then
 * the engine stops and is not {@link #healthy()}. Nothing is dropped: what was not committed is
 * judged again by the next start.
 */
public final class FilterEngine implements AutoCloseable {

  private static final Duration START_WAIT = Duration.ofSeconds(90);

  private final RunningStreams streams;
  private final FilterFeed feed;

  private FilterEngine(RunningStreams streams, FilterFeed feed) {
    this.streams = streams;
    this.feed = feed;
  }

  /** Starts with one thread. */
  public static FilterEngine start(
      Map<String, Object> kafka, Topics topics, Path stateDirectory, RouteRedactions redactions) {
    return start(kafka, topics, stateDirectory, redactions, 1);
  }

  /** Name of the engine at Kafka, which is also its consumer group. */
  public static String application(Topics topics) {
    return topics.prefix() + "filter-engine";
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
      String application = application(topics);
      int partitions;
      try (TopicMaker maker = new TopicMaker(kafka)) {
        partitions = maker.partitions(topics.events());
        for (String store : FilterTopology.STORES) {
          maker.ensure(application + "-" + store + "-changelog", partitions, true);
        }
      }
      feed = new FilterFeed(kafka, topics, partitions);
      if (!feed.awaitCaughtUp(START_WAIT)) {
        throw new SwornException(
            ErrorCode.STORAGE, "the definitions in " + topics.filters() + " were not read in time");
      }
      FilterFeed source = feed;
      RunningStreams streams =
          new RunningStreams(
              "filter engine",
              FilterTopology.build(topics, source, redactions),
              StreamsSettings.of(kafka, application, stateDirectory, threads),
              RunningStreams.REPLACEMENTS_MAX);
      return new FilterEngine(streams, source);
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
    return feed.connected() && streams.healthy();
  }

  /** Whether it has given up: nothing is judged until another start. */
  public boolean failed() {
    return streams.failed();
  }

  /** Whether all tasks are assigned and running. */
  public boolean running() {
    return streams.running();
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
    return streams.replacements();
  }

  @Override
  public void close() {
    streams.close();
    feed.close();
  }
}
