package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads one topic as a person watches it: without a group, from the beginning or the end. */
final class TopicReader {

  private static final Duration POLL = Duration.ofMillis(200);

  /** A person waits; where no instance runs, nobody answers. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(20);

  private TopicReader() {}

  /**
   * Hands out records until {@code each} says no more, or, unless {@code follow}, until the end
   * that the topic had at the start.
   *
   * @param since the first record is the first one that was appended at this time or later; null:
   *     the next one to come
   * @throws SwornException with {@link ErrorCode#STORAGE} if Kafka does not answer or refuses
   */
  static void read(
      Map<String, Object> kafka,
      String topic,
      @Nullable Instant since,
      boolean follow,
      Predicate<ConsumerRecord<byte[], byte[]>> each) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.putIfAbsent("default.api.timeout.ms", (int) ANSWER_MAX.toMillis());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer
          .partitionsFor(topic)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      consumer.assign(partitions);
      seek(consumer, partitions, since);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (follow
          || partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (!each.test(record)) {
            return;
          }
        }
      }
    } catch (KafkaException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          "Kafka: "
              + topic
              + " cannot be read: "
              + e.getMessage()
              + "; see 'sworn status' whether the instance runs",
          e);
    }
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      @Nullable Instant since) {
    consumer.seekToEnd(partitions);
    if (since == null) {
      partitions.forEach(consumer::position); // now, not at the first poll
      return;
    }
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, since.toEpochMilli()));
    consumer
        .offsetsForTimes(times)
        .forEach(
            (partition, found) -> {
              if (found != null) {
                consumer.seek(partition, found.offset());
              }
            });
  }
}
