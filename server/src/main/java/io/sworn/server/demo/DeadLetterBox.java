package io.sworn.server.demo;

import io.sworn.event.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the dead letters as an operator does. A letter that was written twice, because a task was
 * killed in between, counts once. One thread.
 */
final class DeadLetterBox implements AutoCloseable {

  /** What a destination refused for good. */
  record Letter(String destination, String event, String reason, String answer) {}

  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Set<String> sources = new HashSet<>();
  private final Map<String, Map<String, Letter>> letters = new HashMap<>();

  DeadLetterBox(Map<String, Object> kafka, String topic) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    consumer
        .partitionsFor(topic)
        .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads what has come since the last call. */
  void refresh() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record);
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    Letter letter =
        new Letter(
            header(record, DeadLetters.DESTINATION),
            header(record, DeadLetters.EVENT_ID),
            header(record, DeadLetters.REASON),
            header(record, DeadLetters.ANSWER));
    if (sources.add(letter.destination() + " " + header(record, DeadLetters.SOURCE))) {
      letters
          .computeIfAbsent(letter.destination(), name -> new HashMap<>())
          .put(letter.event(), letter);
    }
  }

  /** Dead letters of a destination by event. */
  Map<String, Letter> of(String destination) {
    return letters.getOrDefault(destination, Map.of());
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
