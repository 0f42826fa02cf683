package io.sworn.server.flow;

import io.sworn.event.SwornException;
import io.sworn.server.topics.KafkaAdmin;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits in a topic for one of its readers. For a process that cannot compare how many events
 * there are with how many the reader has done, because they are written elsewhere.
 *
 * <p>Offsets are not events: transactions end with a mark, and what one that was given up had
 * written stays in the topic. A reader that has come past these need not have committed that. So
 * before a reader that does not move is said to have something before it, the records there are
 * looked at.
 */
public final class Backlog implements AutoCloseable {

  /**
   * How far a reader is.
   *
   * @param done offsets behind it, of all partitions; it grows when the reader moves
   * @param waiting offsets before it, if there is an event among them or a transaction is open;
   *     else 0
   */
  public record State(long done, long waiting) {}

  private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LOOK_MAX = Duration.ofSeconds(2);

  private final String topic;
  private final Function<KafkaAdmin, Map<TopicPartition, Long>> places;
  private final KafkaAdmin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "backlog");
            thread.setDaemon(true);
            return thread;
          });
  private List<TopicPartition> partitions = List.of();
  private volatile @Nullable State state;

  private Backlog(
      Map<String, Object> kafka,
      String topic,
      Function<KafkaAdmin, Map<TopicPartition, Long>> places) {
    this.topic = topic;
    this.places = places;
    this.admin = new KafkaAdmin(kafka, LIMIT);
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.put("auto.offset.reset", "earliest");
    properties.put("max.poll.records", 1);
    properties.put("max.partition.fetch.bytes", 64 * 1024);
    properties.put("default.api.timeout.ms", (int) LIMIT.toMillis());
    try {
      consumer =
          new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (RuntimeException e) {
      admin.close();
      throw e;
    }
  }

  /**
   * Begins to measure, every five seconds.
   *
   * @param kafka client properties of a user that may read the topic
   * @param places next offset of the reader; of a partition that is missing it has read nothing
   */
  public static Backlog start(
      Map<String, Object> kafka,
      String topic,
      Function<KafkaAdmin, Map<TopicPartition, Long>> places) {
    return start(kafka, topic, places, EVERY);
  }

  /** As above, every {@code every}. */
  static Backlog start(
      Map<String, Object> kafka,
      String topic,
      Function<KafkaAdmin, Map<TopicPartition, Long>> places,
      Duration every) {
    Backlog backlog = new Backlog(kafka, topic, places);
    backlog.timer.scheduleWithFixedDelay(
        backlog::measure, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    return backlog;
  }

  /**
   * Begins to measure for a consumer group.
   *
   * @param kafka client properties of a user that may read the topic and see the group
   */
  public static Backlog ofGroup(Map<String, Object> kafka, String topic, String group) {
    return start(kafka, topic, admin -> places(admin.committed(group)));
  }

  /** Offsets without what is committed beside them. */
  private static Map<TopicPartition, Long> places(Map<TopicPartition, OffsetAndMetadata> all) {
    Map<TopicPartition, Long> places = new HashMap<>();
    // Of a partition for which nothing is committed Kafka may name it with no offset.
    all.forEach(
        (partition, committed) -> {
          if (committed != null) {
            places.put(partition, committed.offset());
          }
        });
    return places;
  }

  /** As last measured; empty if Kafka has not answered. */
  public Optional<State> state() {
    return Optional.ofNullable(state);
  }

  private void measure() {
    try {
      state = read(state);
    } catch (SwornException | KafkaException e) {
      state = null;
      if (!Thread.currentThread().isInterrupted()) {
        LOG.warn("what waits in {} is not known now: {}", topic, e.getMessage());
      }
    } catch (RuntimeException e) {
      state = null;
      LOG.error("what waits in {} is not known now", topic, e); // thrown on, it would be the last
    }
  }

  private State read(@Nullable State before) {
    if (partitions.isEmpty()) {
      partitions = admin.partitions(topic);
    }
    // In this order a reader that moves meanwhile has come less far than it has, never too far.
    Map<TopicPartition, Long> committed = places.apply(admin);
    Map<TopicPartition, Long> begins = admin.offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> stable =
        admin.offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
    Map<TopicPartition, Long> ends = admin.offsets(partitions, OffsetSpec.latest());
    Map<TopicPartition, Long> from = new HashMap<>();
    long done = 0;
    for (TopicPartition partition : partitions) {
      long begin = begins.getOrDefault(partition, 0L);
      long place = Math.max(begin, committed.getOrDefault(partition, begin));
      from.put(partition, place);
      done += place;
    }
    boolean moves = before == null || before.done() != done;
    long waiting = 0;
    for (TopicPartition partition : partitions) {
      long place = from.getOrDefault(partition, 0L);
      long upTo = stable.getOrDefault(partition, place);
      if (place < upTo && (moves || holdsEvent(partition, place, upTo))) {
        waiting += upTo - place;
      }
      waiting += Math.max(0, ends.getOrDefault(partition, upTo) - Math.max(place, upTo));
    }
    return new State(done, waiting);
  }

  private boolean holdsEvent(TopicPartition partition, long from, long upTo) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    long deadline = System.nanoTime() + LOOK_MAX.toNanos();
    while (consumer.position(partition) < upTo) {
      if (!consumer.poll(POLL).isEmpty() || System.nanoTime() > deadline) {
        return true; // what is not known in time counts as waiting; nobody is blamed for a moment
      }
    }
    return false;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    consumer.wakeup();
    try {
      if (timer.awaitTermination(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        consumer.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    admin.close();
  }
}
