package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.DeadLetters;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.filter.FilterStore;
import io.sworn.filter.redact.Redaction;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.filter.stream.FilterEngine;
import io.sworn.server.connect.ConnectWorker;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.RealBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The longest records that the topic of events takes pass every hop or end with a reason. */
class BiggestEventIT {

  private static final Topics TOPICS = Topics.standard();
  private static final String TRAIL = "db-1/0";

  @TempDir Path directory;

  @Test
  void theLongestEventIsDeliveredAndTheLongestGarbageIsADeadLetter() throws Exception {
    Path delivered = directory.resolve("delivered.jsonl");
    ExporterSpec file =
        new ExporterSpec("file", "file", "file", Map.of("file.path", delivered.toString()));
    try (RealBroker kafka = new RealBroker(directory.resolve("data"), TOPICS, List.of("file"))) {
      try (FilterStore store = FilterStore.connect(kafka.as(KafkaRole.OPERATOR), TOPICS)) {
        store.put("everything", "{}", List.of("file"), "test", "all of it");
      }
      try (FilterEngine filters =
              FilterEngine.start(
                  kafka.as(KafkaRole.FILTERS),
                  TOPICS,
                  directory.resolve("filter-engine"),
                  RouteRedactions.of(Map.of("file", Redaction.NONE)));
          ConnectWorker exporters =
              ConnectWorker.start(
                  kafka.as(KafkaRole.EXPORTERS), TOPICS, List.of(file), lost -> {});
          RunningArchive archive =
              RunningArchive.start(
                  directory.resolve("archive"),
                  directory.resolve("signing-key.pem"),
                  "sworn/db-1",
                  kafka.as(KafkaRole.ARCHIVE),
                  TOPICS);
          FlowMeter meter =
              FlowMeter.start(
                  kafka.as(KafkaRole.OPERATOR),
                  TOPICS,
                  List.of(new FlowMeter.Destination("file", "file")),
                  new FlowMeter.Source(
                      () -> 2, () -> archive.archive().status().distinct(), TRAIL::equals))) {
        byte[] biggest = biggest();
        assertThat(biggest).hasSize(AuditEventCodec.FRAME_BYTES_MAX);
        send(kafka, "none", biggest, new byte[Topics.EVENT_BYTES_MAX - 200]);
        send(kafka, "lz4", new byte[Topics.COPY_BYTES_MAX + 1]);
        send(kafka, "none", AuditEventCodec.encode(event(2, 10)));
        FlowSnapshot flow = settled(meter);
        assertThat(flow.settled()).as("%s", flow).isTrue();
        assertThat(flow.destinations())
            .containsEntry("file", new FlowSnapshot.DestinationFlow("file", 2, 2, 0, 0));
        assertThat(filters.replacements()).isZero();
        assertThat(archive.ingest().healthy()).isTrue();
        assertThat(exporters.states()).containsEntry("file", "RUNNING");
        assertThat(letters(kafka))
            .hasSize(2)
            .allSatisfy(letter -> assertThat(letter).contains("does not begin with"));
      }
    }
    assertThat(Files.readAllLines(delivered)).hasSize(2);
  }

  private static FlowSnapshot settled(FlowMeter meter) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    FlowSnapshot flow = meter.fresh(Duration.ofSeconds(10));
    while (!flow.settled() && System.nanoTime() < deadline) {
      flow = meter.fresh(Duration.ofSeconds(10));
    }
    return flow;
  }

  private static byte[] biggest() {
    int guess = AuditEventCodec.FRAME_BYTES_MAX - 1_000;
    int size = AuditEventCodec.encode(event(1, guess)).length;
    return AuditEventCodec.encode(event(1, guess + AuditEventCodec.FRAME_BYTES_MAX - size));
  }

  private static AuditEvent event(long sequence, int length) {
    BsonDocument args = new BsonDocument("v", new BsonString("x".repeat(length)));
    return AuditEvent.builder(SourcePosition.at(TRAIL, sequence), EventKind.DATABASE, "authCheck")
        .param(BsonBytes.of(new BsonDocument("args", args)))
        .build();
  }

  private static void send(RealBroker kafka, String compression, byte[]... values)
      throws Exception {
    Map<String, Object> settings = kafka.as(KafkaRole.DATABASE);
    settings.put("max.request.size", 64 << 20);
    settings.put("buffer.memory", 128L << 20);
    settings.put("compression.type", compression);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (byte[] value : values) {
        producer
            .send(
                new ProducerRecord<>(
                    TOPICS.events(), TRAIL.getBytes(StandardCharsets.UTF_8), value))
            .get();
      }
    }
  }

  /** Reasons in the dead letters. */
  private static List<String> letters(RealBroker kafka) {
    List<String> reasons = new ArrayList<>();
    TopicPartition partition = new TopicPartition(TOPICS.deadLetters(), 0);
    Map<String, Object> settings = kafka.as(KafkaRole.OPERATOR);
    settings.put("isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> letter : consumer.poll(Duration.ofMillis(200))) {
          reasons.add(
              new String(
                  letter.headers().lastHeader(DeadLetters.REASON).value(), StandardCharsets.UTF_8));
        }
      }
    }
    return reasons;
  }
}
