package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterStore;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.filter.stream.FilterEngine;
import io.sworn.server.connect.ConnectWorker;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.filters.InitialFilters;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.RealBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Filters, exporters and numbers on the real broker, each under its own role. */
class PipelineIT {

  private static final Topics TOPICS = Topics.standard();
  private static final String TRAIL = "db-1/00000001";
  private static final int EVENTS = 400;

  @TempDir Path directory;

  @Test
  void nothingIsLostAndNothingComesTwiceWhenTheBrokerIsKilled() throws Exception {
    Path everything = directory.resolve("everything.jsonl");
    Path logins = directory.resolve("logins.jsonl");
    Path definitions = Files.createDirectories(directory.resolve("filters"));
    Files.writeString(
        definitions.resolve("all.json"), "{\"filter\": {}, \"routes\": [\"everything\"]}");
    Files.writeString(
        definitions.resolve("logins.json"),
        "{\"filter\": {\"atype\": \"authenticate\"}, \"routes\": [\"logins\"]}");
    List<String> routes = List.of("everything", "logins");
    try (RealBroker kafka = new RealBroker(directory.resolve("data"), TOPICS, routes)) {
      List<String> told = new ArrayList<>();
      Consumer<FilterDefinition> notice = filter -> told.add(filter.name());
      ListAppender<ILoggingEvent> warned = new ListAppender<>();
      Logger log = (Logger) LoggerFactory.getLogger(InitialFilters.class);
      warned.start();
      log.addAppender(warned);
      try (FilterStore store = FilterStore.connect(kafka.as(KafkaRole.OPERATOR), TOPICS)) {
        InitialFilters.put(store, Optional.of(definitions), routes, notice);
        InitialFilters.put(
            store, Optional.of(definitions), routes, notice); // a restart changes nothing
        assertThat(told).containsExactly("all", "logins");
        log.detachAppender(warned);
        assertThat(warned.list)
            .singleElement()
            .extracting(ILoggingEvent::getFormattedMessage)
            .asString()
            .startsWith(definitions.resolve("all.json") + ": warning ");
        assertThat(store.list()).hasSize(2).allMatch(definition -> definition.version() == 1);
      }
      try (FilterEngine filters =
              FilterEngine.start(
                  kafka.as(KafkaRole.FILTERS),
                  TOPICS,
                  directory.resolve("filter-engine"),
                  RouteRedactions.NONE);
          ConnectWorker exporters =
              ConnectWorker.start(
                  kafka.as(KafkaRole.EXPORTERS),
                  TOPICS,
                  List.of(file("everything", everything), file("logins", logins)),
                  lost -> {});
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
                  List.of(
                      new FlowMeter.Destination("everything", "everything"),
                      new FlowMeter.Destination("logins", "logins")),
                  new FlowMeter.Source(
                      () -> EVENTS, () -> archive.archive().status().distinct(), TRAIL::equals));
          KafkaProducer<byte[], byte[]> producer =
              new KafkaProducer<>(
                  kafka.as(KafkaRole.DATABASE),
                  new ByteArraySerializer(),
                  new ByteArraySerializer())) {
        for (int sequence = 1; sequence <= EVENTS; sequence++) {
          producer.send(record(sequence));
          if (sequence == EVENTS / 2) {
            producer.flush();
            ProcessHandle broker = ProcessHandle.of(kafka.broker().pid()).orElseThrow();
            assertThat(broker.destroyForcibly()).isTrue();
            broker.onExit().get(30, TimeUnit.SECONDS);
          }
        }
        producer.send(record(EVENTS)); // once more: must be dropped as a duplicate
        producer.flush();
        FlowSnapshot flow = awaitSettled(meter);
        assertThat(flow.destinations())
            .containsEntry(
                "everything", new FlowSnapshot.DestinationFlow("everything", EVENTS, EVENTS, 0, 0))
            .containsEntry(
                "logins", new FlowSnapshot.DestinationFlow("logins", EVENTS / 4, EVENTS / 4, 0, 0));
        assertThat(flow.duplicates()).isEqualTo(1);
        assertThat(flow.archived()).isEqualTo(EVENTS);
        assertThat(flow.judged()).isEqualTo(EVENTS);
        assertThat(archive.archive().status().duplicates()).isEqualTo(1);
        assertThat(archive.archive().status().conflicts()).isZero();
        assertThat(flow.gaps()).isZero();
        assertThat(filters.healthy()).isTrue();
        assertThat(exporters.states().values()).allMatch("RUNNING"::equals);
      }
    }
    assertThat(Files.readAllLines(everything)).hasSize(EVENTS).doesNotHaveDuplicates();
    assertThat(Files.readAllLines(logins)).hasSize(EVENTS / 4).doesNotHaveDuplicates();
  }

  private static FlowSnapshot awaitSettled(FlowMeter meter) throws InterruptedException {
    Instant deadline = Instant.now().plusSeconds(120);
    FlowSnapshot flow = meter.fresh(Duration.ofSeconds(10));
    while (Instant.now().isBefore(deadline) && (flow.duplicates() < 1 || !flow.settled())) {
      flow = meter.fresh(Duration.ofSeconds(10));
    }
    return flow;
  }

  private static ExporterSpec file(String name, Path path) {
    return new ExporterSpec(name, "file", name, Map.of("file.path", path.toString()));
  }

  private static ProducerRecord<byte[], byte[]> record(int sequence) {
    AuditEvent event =
        AuditEvent.builder(
                SourcePosition.at(TRAIL, sequence),
                EventKind.values()[0],
                sequence % 4 == 0 ? "authenticate" : "authCheck")
            .time(Instant.ofEpochSecond(1_700_000_000L + sequence))
            .param(BsonBytes.of(new BsonDocument()))
            .build();
    return new ProducerRecord<>(
        TOPICS.events(), TRAIL.getBytes(StandardCharsets.UTF_8), AuditEventCodec.encode(event));
  }
}
