package io.sworn.export.connect;

import io.sworn.event.DeadLetters;
import io.sworn.event.DeliveryReceipt;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.export.EventOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes dead letters and receipts, and returns when all replicas have them. Where that fails it
 * says so, and the caller writes again: repetitions are harmless, the ledger counts offsets once.
 */
final class ReceiptBook implements AutoCloseable {

  /** A record and how it ended. */
  record Settlement(Backlog.Entry entry, EventOutcome outcome) {
    boolean rejected() {
      return outcome instanceof EventOutcome.Rejected;
    }
  }

  private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

  private final HostSettings settings;
  private final Producer<byte[], byte[]> producer;
  private final byte[] destination;

  ReceiptBook(HostSettings settings) {
    this.settings = settings;
    this.destination = settings.destination().getBytes(StandardCharsets.UTF_8);
    Map<String, Object> properties = new HashMap<>(settings.kafka());
    properties.put("acks", "all");
    properties.put("enable.idempotence", "true");
    properties.putIfAbsent("compression.type", "lz4");
    properties.putIfAbsent("delivery.timeout.ms", "30000");
    properties.putIfAbsent("request.timeout.ms", "10000");
    properties.putIfAbsent("max.block.ms", "10000");
    properties.putIfAbsent("max.request.size", Integer.toString(Topics.COPY_BYTES_MAX));
    properties.putIfAbsent("client.id", "sworn-receipts-" + settings.destination());
    this.producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Writes the dead letters among {@code settled} and waits for their acknowledgement.
   *
   * @throws KafkaException if they may be missing
   */
  void writeDeadLetters(List<Settlement> settled) throws InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (Settlement settlement : settled) {
      if (settlement.outcome() instanceof EventOutcome.Rejected rejected) {
        sent.add(producer.send(deadLetter(settlement.entry(), rejected)));
      }
    }
    await(sent);
  }

  /**
   * Writes receipts for {@code settled}, which is in the order of offsets within each partition.
   *
   * @throws KafkaException if they may be missing
   */
  void writeReceipts(List<Settlement> settled) throws InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (DeliveryReceipt receipt :
        receipts(settings.destination(), settled, System.currentTimeMillis())) {
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  settings.topics().deliveries(), destination, SwornJson.write(receipt))));
    }
    await(sent);
  }

  /** One receipt for each run of consecutive offsets with one outcome. */
  static List<DeliveryReceipt> receipts(
      String destination, List<Settlement> settled, long confirmedAt) {
    Map<org.apache.kafka.common.TopicPartition, List<Settlement>> byPartition = new HashMap<>();
    settled.forEach(
        settlement ->
            byPartition
                .computeIfAbsent(settlement.entry().partition, p -> new ArrayList<>())
                .add(settlement));
    List<DeliveryReceipt> receipts = new ArrayList<>();
    byPartition.forEach(
        (partition, lane) -> {
          int start = 0;
          for (int i = 1; i <= lane.size(); i++) {
            boolean ends =
                i == lane.size()
                    || lane.get(i).rejected() != lane.get(start).rejected()
                    || lane.get(i).entry().offset != lane.get(i - 1).entry().offset + 1;
            if (ends) {
              long count = i - start;
              boolean rejected = lane.get(start).rejected();
              receipts.add(
                  new DeliveryReceipt(
                      destination,
                      partition.topic(),
                      partition.partition(),
                      lane.get(start).entry().offset,
                      lane.get(i - 1).entry().offset,
                      rejected ? 0 : count,
                      rejected ? count : 0,
                      confirmedAt));
              start = i;
            }
          }
        });
    return receipts;
  }

  private ProducerRecord<byte[], byte[]> deadLetter(
      Backlog.Entry entry, EventOutcome.Rejected rejected) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(settings.topics().deadLetters(), destination, entry.value);
    header(letter, DeadLetters.REASON, rejected.reason());
    header(letter, DeadLetters.ANSWER, rejected.answer());
    header(letter, DeadLetters.DESTINATION, settings.destination());
    header(letter, DeadLetters.ATTEMPT, Integer.toString(entry.attempts));
    header(letter, DeadLetters.SOURCE, entry.partition + "@" + entry.offset);
    if (entry.event != null) {
      header(letter, DeadLetters.EVENT_ID, entry.event.event().id().toString());
    }
    return letter;
  }

  private static void header(ProducerRecord<byte[], byte[]> letter, String name, String value) {
    letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private void await(List<Future<RecordMetadata>> sent) throws InterruptedException {
    if (sent.isEmpty()) {
      return;
    }
    producer.flush();
    for (Future<RecordMetadata> future : sent) {
      try {
        future.get();
      } catch (ExecutionException e) {
        throw new KafkaException("not acknowledged: " + e.getCause(), e.getCause());
      }
    }
  }

  @Override
  public void close() {
    producer.close(CLOSE_MAX);
  }
}
