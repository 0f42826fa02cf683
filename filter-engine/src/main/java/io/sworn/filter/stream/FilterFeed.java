package io.sworn.filter.stream;

import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topic of filters and keeps the set of active ones. The newest valid version of each
 * filter is active; a record that is no definition, or whose filter is invalid, is refused and
 * reported, and the former version stays. A version becomes active only when the topics of its
 * routes can be written.
 */
final class FilterFeed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FilterFeed.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int REFUSED_MAX = 100;

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final int routePartitions;
  private final TreeMap<String, FilterSet.Active> newest = new TreeMap<>();
  private final Map<String, String> refused = new ConcurrentSkipListMap<>();
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private final Thread thread;
  private volatile FilterSet active = FilterSet.EMPTY;
  private volatile boolean closed;
  private volatile boolean connected = true;

  FilterFeed(Map<String, Object> kafka, Topics topics, int routePartitions) {
    this.kafka = kafka;
    this.topics = topics;
    this.routePartitions = routePartitions;
    thread = new Thread(this::run, "filter-feed");
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits until everything that the topic held at the start is taken up. */
  boolean awaitCaughtUp(Duration wait) throws InterruptedException {
    return caughtUp.await(wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  FilterSet active() {
    return active;
  }

  /** Refused records: label or key, and the reason. */
  Map<String, String> refused() {
    return Map.copyOf(refused);
  }

  boolean connected() {
    return connected && thread.isAlive();
  }

  private void run() {
    while (!closed) {
      try {
        follow();
      } catch (WakeupException | InterruptException | InterruptedException e) {
        return; // only close() does that
      } catch (KafkaException | SwornException e) {
        connected = false;
        LOG.warn("filter definitions cannot be read, trying again", e);
        try {
          TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException end) {
          return;
        }
      }
    }
  }

  /** Reads all from the beginning, so that a new attempt sees whatever the last one missed. */
  private void follow() throws InterruptedException {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    try (TopicMaker maker = new TopicMaker(kafka);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topics.filters()).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (!closed) {
        boolean some = false;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          some |= accept(record, maker);
        }
        boolean all =
            partitions.stream().allMatch(p -> consumer.position(p) >= ends.getOrDefault(p, 0L));
        if (all && (some || caughtUp.getCount() > 0)) {
          active = FilterSet.of(newest.values());
          LOG.info(
              "active filters: {}",
              active.definitions().stream().map(FilterDefinition::label).toList());
          caughtUp.countDown();
        }
        connected = true;
      }
    }
  }

  private boolean accept(ConsumerRecord<byte[], byte[]> record, TopicMaker maker)
      throws InterruptedException {
    String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      return !key.contains("@") && newest.remove(key) != null;
    }
    FilterSet.Active candidate;
    try {
      FilterDefinition definition = FilterDefinition.fromBytes(record.value());
      FilterSet.Active current = newest.get(definition.name());
      if (current != null && current.definition().version() >= definition.version()) {
        return false;
      }
      candidate = FilterSet.Active.of(definition);
    } catch (SwornException e) {
      LOG.warn("filter '{}' is refused, its former version stays: {}", key, e.getMessage());
      if (refused.size() < REFUSED_MAX) {
        refused.put(key, String.valueOf(e.getMessage()));
      }
      return false;
    }
    if (candidate.definition().enabled()) {
      for (String route : candidate.definition().routes()) {
        maker.ensure(topics.route(route), routePartitions, false);
      }
    }
    newest.put(candidate.definition().name(), candidate);
    refused.remove(candidate.definition().name());
    return true;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(3_000); // it looks at the flag several times a second
      thread.interrupt();
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
