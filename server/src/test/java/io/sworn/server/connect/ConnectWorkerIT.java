package io.sworn.server.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.RealBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectWorkerIT {

  private static final Topics TOPICS = Topics.standard();

  @TempDir static Path directory;
  private static RealBroker broker;

  @BeforeAll
  static void start() {
    broker = new RealBroker(directory.resolve("data"), TOPICS, List.of("files", "clean"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void whatARouteHoldsIsWrittenToItsFileOnceAcrossRestarts() throws Exception {
    Path file = directory.resolve("delivered.jsonl");
    ExporterSpec spec =
        new ExporterSpec("files", "file", "files", Map.of("file.path", file.toString()));
    send("files", 1, 5);
    try (ConnectWorker worker =
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec))) {
      awaitLines(file, 5);
      assertThat(worker.states()).containsEntry("files", "RUNNING");
    }
    send("files", 6, 5);
    try (ConnectWorker worker =
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec))) {
      awaitLines(file, 10);
      assertThat(worker.states()).containsEntry("files", "RUNNING");
    }
    assertThat(Files.readAllLines(file).stream().distinct()).hasSize(10);
    try (FlowMeter meter =
        FlowMeter.start(
            broker.as(KafkaRole.OPERATOR),
            TOPICS,
            List.of(
                new FlowMeter.Destination("files", "files"),
                new FlowMeter.Destination("absent", "files")),
            new FlowMeter.Source(() -> 10, () -> 10, trail -> true))) {
      FlowSnapshot flow = meter.fresh(Duration.ofSeconds(30));
      assertThat(flow.destinations())
          .containsEntry("files", new FlowSnapshot.DestinationFlow("files", 10, 10, 0, 0))
          .containsEntry("absent", new FlowSnapshot.DestinationFlow("files", 10, 0, 0, 10));
      assertThat(flow.settled()).isFalse();
    }
  }

  @Test
  void cleanStopLeavesNothingDeliveredWithoutItsReceipt() throws Exception {
    int rounds = 5;
    int each = 20;
    Path file = directory.resolve("clean.jsonl");
    ExporterSpec spec =
        new ExporterSpec("clean", "file", "clean", Map.of("file.path", file.toString()));
    try (FlowMeter meter =
        FlowMeter.start(
            broker.as(KafkaRole.OPERATOR),
            TOPICS,
            List.of(new FlowMeter.Destination("clean", "clean")),
            new FlowMeter.Source(() -> 0, () -> 0, trail -> true))) {
      for (int round = 1; round <= rounds; round++) {
        send("clean", 1 + (round - 1L) * each, each);
        try (ConnectWorker worker =
            ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec))) {
          // Stopped in the very moment in which the destination has the events.
          awaitLines(file, round * each);
          assertThat(worker.states()).containsEntry("clean", "RUNNING");
        }
        long sent = (long) round * each;
        assertThat(meter.fresh(Duration.ofSeconds(30)).destinations())
            .containsEntry("clean", new FlowSnapshot.DestinationFlow("clean", sent, sent, 0, 0));
      }
    }
    assertThat(committed("connect-clean")).isEqualTo((long) rounds * each);
  }

  /** How far a group has committed, over all partitions. */
  private static long committed(String group) throws Exception {
    try (Admin admin = Admin.create(broker.as(KafkaRole.BROKER))) {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .values()
          .stream()
          .mapToLong(OffsetAndMetadata::offset)
          .sum();
    }
  }

  @Test
  void settingsThatCannotBeUsedAreNamedAndNothingRuns() {
    ExporterSpec wrong = new ExporterSpec("siem", "splunk", "files", Map.of("splunk.colour", "x"));
    assertThatThrownBy(
            () -> ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(wrong)))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("siem")
        .hasMessageContaining("splunk.url")
        .hasMessageContaining("unknown key");
  }

  private static void send(String route, long from, int count) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            broker.as(KafkaRole.FILTERS), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long sequence = from; sequence < from + count; sequence++) {
        AuditEvent event =
            AuditEvent.builder(
                    SourcePosition.at("db-1/0", sequence), EventKind.values()[0], "authCheck")
                .build();
        producer
            .send(
                new ProducerRecord<>(
                    TOPICS.route(route),
                    "db-1/0".getBytes(StandardCharsets.UTF_8),
                    AuditEventCodec.encode(event)))
            .get();
      }
    }
  }

  private static void awaitLines(Path file, int count) throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (System.nanoTime() < deadline
        && (Files.notExists(file) || Files.readAllLines(file).size() < count)) {
      Thread.sleep(2);
    }
    assertThat(Files.readAllLines(file)).hasSize(count);
  }
}
