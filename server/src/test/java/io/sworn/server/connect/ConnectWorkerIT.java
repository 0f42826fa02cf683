package io.sworn.server.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.LostRange;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.RealBroker;
import io.sworn.server.topics.Trimmer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
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
    broker =
        new RealBroker(
            directory.resolve("data"),
            TOPICS,
            List.of("files", "clean", "holes", "old", "aged", "blocked"));
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
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec), lost -> {})) {
      awaitLines(file, 5);
      assertThat(worker.states()).containsEntry("files", "RUNNING");
    }
    send("files", 6, 5);
    try (ConnectWorker worker =
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec), lost -> {})) {
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
            ConnectWorker.start(
                broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec), lost -> {})) {
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
  void whatWasDeletedBehindADestinationsBackIsCountedAsLost() throws Exception {
    Path file = directory.resolve("holes.jsonl");
    ExporterSpec spec =
        new ExporterSpec("holes", "file", "holes", Map.of("file.path", file.toString()));
    List<LostRange> told = new CopyOnWriteArrayList<>();
    send("holes", 1, 5);
    try (ConnectWorker worker =
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec), told::add)) {
      awaitLines(file, 5);
      assertThat(worker.states()).containsEntry("holes", "RUNNING");
    }
    send("holes", 6, 10);
    TopicPartition lane = laneOf("holes");
    deleteBefore(lane, 12);
    for (int start = 0; start < 2; start++) {
      try (ConnectWorker worker =
          ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec), told::add)) {
        awaitLines(file, 8);
        assertThat(worker.states()).containsEntry("holes", "RUNNING");
      }
      assertThat(told).singleElement().satisfies(range -> isLost(range, lane, 5, 11));
      try (FlowMeter meter = meter("holes")) {
        assertThat(meter.fresh(Duration.ofSeconds(30)).destinations())
            .containsEntry(
                "holes", new FlowSnapshot.DestinationFlow("holes", 3, 3, 0, 0, 7, 12, 0));
        assertThat(meter.snapshot().lost()).isEqualTo(7);
      }
    }
  }

  private static void isLost(LostRange range, TopicPartition lane, long from, long to) {
    assertThat(range.destination()).isEqualTo("holes");
    assertThat(range.topic()).isEqualTo(lane.topic());
    assertThat(range.partition()).isEqualTo(lane.partition());
    assertThat(range.from()).isEqualTo(from);
    assertThat(range.to()).isEqualTo(to);
  }

  @Test
  void oldRecordsGoOnlyWhenEveryDestinationHasThem() throws Exception {
    Path file = directory.resolve("old.jsonl");
    ExporterSpec first =
        new ExporterSpec("old", "file", "old", Map.of("file.path", file.toString()));
    ExporterSpec second =
        new ExporterSpec("late", "file", "old", Map.of("file.path", file + ".late"));
    Trimmer.Kept both =
        new Trimmer.Kept(
            TOPICS.route("old"),
            Duration.ofDays(7),
            List.of("connect-old", "connect-late"),
            "",
            List.of());
    send("old", 1, 20);
    TopicPartition lane = laneOf("old");
    Clock inAWeek = Clock.offset(Clock.systemUTC(), Duration.ofDays(8));
    try (ConnectWorker worker =
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(first), lost -> {})) {
      awaitLines(file, 20);
      assertThat(worker.states()).containsEntry("old", "RUNNING");
    }
    try (Trimmer trimmer =
        new Trimmer(broker.as(KafkaRole.BROKER), all -> List.of(both), inAWeek)) {
      trimmer.trim();
      assertThat(begin(lane)).as("one destination has nothing yet").isZero();
      try (ConnectWorker worker =
          ConnectWorker.start(
              broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(second), lost -> {})) {
        awaitLines(Path.of(file + ".late"), 20);
        assertThat(worker.states()).containsEntry("late", "RUNNING");
      }
      try (Trimmer today =
          new Trimmer(broker.as(KafkaRole.BROKER), all -> List.of(both), Clock.systemUTC())) {
        today.trim();
      }
      assertThat(begin(lane)).as("nothing is old yet").isZero();
      send("old", 21, 5);
      trimmer.trim();
      assertThat(begin(lane)).as("all that both have").isEqualTo(20);
    }
    try (ConnectWorker worker =
        ConnectWorker.start(
            broker.as(KafkaRole.EXPORTERS),
            TOPICS,
            List.of(first, second),
            lost -> {
              throw new AssertionError(lost);
            })) {
      awaitLines(file, 25);
      awaitLines(Path.of(file + ".late"), 25);
      assertThat(worker.states()).containsEntry("old", "RUNNING").containsEntry("late", "RUNNING");
    }
    send("old", 26, 5);
    try (ConnectWorker worker =
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(first), lost -> {})) {
      awaitLines(file, 30);
      assertThat(worker.states()).containsEntry("old", "RUNNING");
    }
    Trimmer.Kept oneOfTwo =
        new Trimmer.Kept(
            TOPICS.route("old"), Duration.ofDays(7), List.of("connect-old"), "connect-", List.of());
    try (Trimmer trimmer =
        new Trimmer(broker.as(KafkaRole.BROKER), all -> List.of(oneOfTwo), inAWeek)) {
      trimmer.trim();
      assertThat(begin(lane)).as("the other one is configured elsewhere").isEqualTo(25);
    }
    try (FlowMeter meter = meter("old")) {
      assertThat(meter.fresh(Duration.ofSeconds(30)).destinations())
          .containsEntry("old", new FlowSnapshot.DestinationFlow("old", 5, 5, 0, 0, 0, 25, 0));
    }
  }

  @Test
  void receiptsStayAsLongAsARouteHoldsOldRecords() throws Exception {
    send("aged", 1, 2);
    Duration month = Duration.ofDays(30);
    List<String> routes = List.of(TOPICS.route("aged"));
    Map<String, Object> client = broker.as(KafkaRole.BROKER);
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(31));
    assertThat(Trimmer.whenNoneIsOlder(client, routes, month, Clock.systemUTC()).get())
        .containsOnlyKeys(0);
    assertThat(Trimmer.whenNoneIsOlder(client, routes, month, later).get()).isEmpty();
  }

  @Test
  void aDestinationThatTakesNothingSaysWhyAndRunsAgainAfterwards() throws Exception {
    Path place = directory.resolve("place");
    Path file = place.resolve("events.jsonl");
    ExporterSpec spec =
        new ExporterSpec(
            "blocked",
            "file",
            "blocked",
            Map.of("file.path", file.toString(), "retry.backoff.max.ms", "200"));
    send("blocked", 1, 3);
    try (ConnectWorker worker =
        ConnectWorker.start(broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(spec), lost -> {})) {
      awaitLines(file, 3);
      Files.delete(file);
      Files.delete(place);
      Files.writeString(place, "in the way");
      send("blocked", 4, 2);
      awaitState(worker, "blocked", "WAITING: " + file + " cannot be written: ");
      assertThat(worker.states().get("blocked")).contains("is there already: " + place);
      Files.delete(place);
      awaitState(worker, "blocked", "RUNNING");
      awaitLines(file, 2);
    }
  }

  private static void awaitState(ConnectWorker worker, String name, String begin)
      throws InterruptedException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    String state = "";
    while (!state.startsWith(begin) && System.nanoTime() < deadline) {
      Thread.sleep(20);
      state = worker.states().getOrDefault(name, "");
    }
    assertThat(state).startsWith(begin);
  }

  private static FlowMeter meter(String name) {
    return FlowMeter.start(
        broker.as(KafkaRole.OPERATOR),
        TOPICS,
        List.of(new FlowMeter.Destination(name, name)),
        new FlowMeter.Source(() -> 0, () -> 0, trail -> true));
  }

  /** The one partition that holds the records of a route: they have one key. */
  private static TopicPartition laneOf(String route) throws Exception {
    for (int partition = 0; partition < 4; partition++) {
      TopicPartition lane = new TopicPartition(TOPICS.route(route), partition);
      if (offset(lane, OffsetSpec.latest()) > 0) {
        return lane;
      }
    }
    throw new AssertionError("no records in " + route);
  }

  private static long begin(TopicPartition lane) throws Exception {
    return offset(lane, OffsetSpec.earliest());
  }

  private static long offset(TopicPartition lane, OffsetSpec which) throws Exception {
    try (Admin admin = Admin.create(broker.as(KafkaRole.BROKER))) {
      return admin.listOffsets(Map.of(lane, which)).partitionResult(lane).get().offset();
    }
  }

  private static void deleteBefore(TopicPartition lane, long offset) throws Exception {
    try (Admin admin = Admin.create(broker.as(KafkaRole.BROKER))) {
      admin.deleteRecords(Map.of(lane, RecordsToDelete.beforeOffset(offset))).all().get();
    }
  }

  @Test
  void settingsThatCannotBeUsedAreNamedAndNothingRuns() {
    ExporterSpec wrong = new ExporterSpec("siem", "splunk", "files", Map.of("splunk.colour", "x"));
    assertThatThrownBy(
            () ->
                ConnectWorker.start(
                    broker.as(KafkaRole.EXPORTERS), TOPICS, List.of(wrong), lost -> {}))
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
