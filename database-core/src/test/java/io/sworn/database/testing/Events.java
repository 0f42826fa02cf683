package io.sworn.database.testing;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The events of a topic, read from its beginning as far as a test needs. */
public final class Events {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Map<String, Object> kafka;
  private final String topic;

  Events(Map<String, Object> kafka, String topic) {
    this.kafka = new HashMap<>(kafka);
    this.topic = topic;
  }

  /** Reads until the events fulfil a condition; fails after a while, showing what there was. */
  public List<AuditEvent> until(Predicate<List<AuditEvent>> enough) {
    List<AuditEvent> events = new ArrayList<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(kafka, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (!enough.test(events)) {
        if (System.nanoTime() > deadline) {
          StringBuilder shown = new StringBuilder("the events did not come; there were:");
          events.forEach(
              e ->
                  shown
                      .append("\n  ")
                      .append(e.sequence())
                      .append(' ')
                      .append(e.type())
                      .append(' ')
                      .append(e.result())
                      .append(' ')
                      .append(e.users())
                      .append(' ')
                      .append(e.param().toDocument()));
          throw new AssertionError(shown.toString());
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          events.add(AuditEventCodec.decode(record.value()));
        }
      }
    }
    return events;
  }

  /** Everything up to and including the sequence. */
  public List<AuditEvent> upTo(long sequence) {
    return until(
        events -> !events.isEmpty() && events.get(events.size() - 1).sequence() >= sequence);
  }

  /** The first event that fits. */
  public AuditEvent first(Predicate<AuditEvent> wanted) {
    return until(events -> events.stream().anyMatch(wanted)).stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow();
  }
}
