package io.sworn.server.alerts;

import io.sworn.console.AlertLine;
import io.sworn.console.RuleLine;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.event.UnreadableEventException;
import io.sworn.filter.alert.Alert;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.bson.BsonDocument;
import org.bson.BsonInvalidOperationException;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads the end of the topic of alerts each time it is asked: that is seldom, and so nothing is
 * held in memory and nothing can be out of date. Safe for any thread.
 *
 * @param kafka client properties of a user that may read the topic
 */
public record LatestAlerts(Map<String, Object> kafka, Topics topics) {

  /** Alerts that are shown. */
  static final int ALERTS_MAX = 100;

  /** Between two alerts stand at most a few words of Kafka's transactions. */
  private static final int RECORDS_BACK = 5 * ALERTS_MAX;

  private static final Duration WAIT = Duration.ofSeconds(5);

  /** Copies the properties. */
  public LatestAlerts {
    kafka = Map.copyOf(kafka);
  }

  /**
   * The newest alerts, newest first.
   *
   * @throws SwornException if Kafka does not answer within some seconds
   */
  public List<AlertLine> read() {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.put("default.api.timeout.ms", (int) WAIT.toMillis());
    properties.put("request.timeout.ms", (int) WAIT.toMillis());
    List<AlertLine> lines = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Map<TopicPartition, Long> ends = seekNearEnd(consumer);
      long deadline = System.nanoTime() + WAIT.toNanos();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        if (System.nanoTime() > deadline) {
          throw new SwornException(
              ErrorCode.STORAGE, "topic " + topics.alerts() + " was not read in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          AlertLine line = line(record.value());
          if (line != null) {
            lines.add(line);
          }
        }
      }
    } catch (KafkaException e) {
      throw new SwornException(ErrorCode.STORAGE, "topic " + topics.alerts() + ": " + e, e);
    }
    lines.sort(Comparator.comparing(AlertLine::at).reversed());
    return List.copyOf(lines.subList(0, Math.min(ALERTS_MAX, lines.size())));
  }

  private Map<TopicPartition, Long> seekNearEnd(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topics.alerts()).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    ends.forEach(
        (partition, end) ->
            consumer.seek(
                partition, Math.max(begins.getOrDefault(partition, 0L), end - RECORDS_BACK)));
    return ends;
  }

  /** Null for a notice, and for what is no alert. */
  private static @Nullable AlertLine line(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      AuditEvent event = AuditEventCodec.decode(bytes);
      if (!event.type().equals(Alert.EVENT_TYPE)) {
        return null;
      }
      BsonDocument param = event.param().toDocument();
      TreeMap<String, @Nullable String> group = new TreeMap<>();
      param.getDocument("group").forEach((path, value) -> group.put(path, text(value)));
      return new AlertLine(
          param.getString("rule").getValue() + "@" + param.getInt32("version").getValue(),
          param.getString("title").getValue(),
          param.getString("severity").getValue(),
          group,
          event.time(),
          param.getInt32("count").getValue());
    } catch (UnreadableEventException | BsonInvalidOperationException e) {
      return null; // whoever else may write this topic; the events hold the alerts for good
    }
  }

  private static @Nullable String text(BsonValue value) {
    return value.isString() ? value.asString().getValue() : null;
  }

  /** A rule as it is listed. */
  public static RuleLine line(AlertDefinition definition) {
    AlertRule rule = definition.compiled();
    return new RuleLine(
        definition.name(),
        definition.version(),
        definition.enabled(),
        rule.severity().text(),
        rule.detection().type(),
        rule.title(),
        definition.author(),
        definition.reason(),
        Optional.of(definition.at()).filter(at -> at.isAfter(Instant.EPOCH)));
  }
}
