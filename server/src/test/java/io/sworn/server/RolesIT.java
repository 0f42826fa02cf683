package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.Deliveries;
import io.sworn.server.testing.InsertingClient;
import io.sworn.server.testing.RealBroker;
import io.sworn.server.testing.SwornProcess;
import io.sworn.server.testing.SwornYaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The roles as processes of their own around a Kafka that is not theirs; each is killed. */
class RolesIT {

  private static final List<String> ROLES = List.of("filters", "exporters", "archive", "database");
  private static final int ACTIONS = 60;

  @TempDir Path directory;
  private final Map<String, SwornProcess> running = new LinkedHashMap<>();

  @AfterEach
  void end() throws Exception {
    for (SwornProcess process : running.values()) {
      process.close();
    }
  }

  @Test
  void everyAcknowledgedActionArrivesOnceWhicheverRoleIsKilled() throws Exception {
    Path file = directory.resolve("events.jsonl");
    try (RealBroker kafka =
        new RealBroker(directory.resolve("broker"), Topics.standard(), List.of("file"))) {
      int port = configure(kafka, file);
      for (String role : ROLES) {
        start(role);
      }
      for (String role : ROLES) {
        process(role).awaitReady();
      }
      Path authority = directory.resolve("database/data/identity/ca.pem");
      List<String> acknowledged;
      try (InsertingClient client =
          new InsertingClient(port, authority, process("database").password())) {
        for (String role : ROLES) {
          client.awaitMore(ACTIONS);
          process(role).kill();
          start(role);
        }
        client.awaitMore(ACTIONS);
        client.stop();
        acknowledged = client.acknowledged();
      }
      for (String role : ROLES) {
        process(role).awaitReady();
      }
      awaitSettled();
      for (String role : ROLES) {
        assertThat(process(role).stop()).as(process(role).output()).isZero();
      }
      Deliveries delivered = Deliveries.ofLines(file);
      Deliveries archived = Deliveries.ofArchive(directory.resolve("archive/data/archive"));
      assertThat(delivered.ids()).doesNotHaveDuplicates();
      assertThat(archived.ids()).doesNotHaveDuplicates();
      assertThat(delivered.ids()).containsExactlyInAnyOrderElementsOf(archived.ids());
      assertThat(archived.actions()).doesNotHaveDuplicates().containsAll(acknowledged);
      assertThat(delivered.actions()).doesNotHaveDuplicates().containsAll(acknowledged);
    }
  }

  /** Its process counts no events that it could compare; Kafka knows what waits. */
  @Test
  void filtersWithoutTheDatabaseTellThatTheirEngineStandsStill() throws Exception {
    try (RealBroker kafka =
        new RealBroker(directory.resolve("broker"), Topics.standard(), List.of("file"))) {
      configure(kafka, directory.resolve("events.jsonl"));
      start("filters");
      process("filters").awaitReady();
      Map<String, Object> writer = kafka.as(KafkaRole.BROKER);
      writer.put("transactional.id", "hangs");
      writer.put("transaction.timeout.ms", 600_000);
      try (KafkaProducer<byte[], byte[]> hanging =
          new KafkaProducer<>(writer, new ByteArraySerializer(), new ByteArraySerializer())) {
        hanging.initTransactions();
        hanging.beginTransaction();
        hanging.send(new ProducerRecord<>(Topics.standard().events(), 0, null, new byte[9])).get();
        awaitTroubles(
            troubles -> troubles.contains("the filter engine has done nothing for 60 s while"));
        hanging.abortTransaction();
        awaitTroubles("[]"::equals);
      }
    }
  }

  private void awaitTroubles(Predicate<String> wanted) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (!process("filters")
        .status()
        .filter(status -> wanted.test(status.get("troubles").toString()))
        .isPresent()) {
      assertThat(System.nanoTime()).as("%s", process("filters").status()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private void start(String role) throws Exception {
    running.put(role, SwornProcess.start(directory.resolve(role), List.of(), "run", role));
  }

  private SwornProcess process(String role) {
    return java.util.Objects.requireNonNull(running.get(role), role);
  }

  /** Each role publishes what it knows; together they must tell one story. */
  private void awaitSettled() throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!settled()) {
      assertThat(System.nanoTime())
          .as("%s %s %s", flow("database"), flow("exporters"), flow("archive"))
          .isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private boolean settled() throws Exception {
    long emitted = 0; // each role has a trail of its own, and the database has its journal
    for (String role : ROLES) {
      emitted += flow(role).get("emitted").asLong();
    }
    JsonNode file = flow("exporters").get("destinations").get("file");
    return emitted > 0
        && flow("archive").get("archived").asLong() == emitted
        && flow("exporters").get("judged").asLong() == emitted
        && file.get("kept").asLong() == emitted
        && file.get("delivered").asLong() == emitted
        && file.get("inFlight").asLong() == 0
        && eachSettled();
  }

  /** What a process does not count keeps it from nothing. */
  private boolean eachSettled() throws Exception {
    for (String role : ROLES) {
      if (!SwornJson.read(SwornJson.write(flow(role)), FlowSnapshot.class).settled()) {
        return false;
      }
    }
    return true;
  }

  private JsonNode flow(String role) throws Exception {
    return process(role).status().orElseThrow().get("flow");
  }

  private int configure(RealBroker kafka, Path file) throws Exception {
    int port = SwornYaml.freePort();
    StringBuilder properties = new StringBuilder();
    kafka
        .as(KafkaRole.BROKER)
        .forEach((key, value) -> properties.append(key).append('=').append(value).append('\n'));
    Files.writeString(directory.resolve("kafka.properties"), properties);
    for (String role : ROLES) {
      SwornYaml.write(
          directory.resolve(role),
          port,
          "kafka: {properties: ../kafka.properties}",
          "routes: [{name: file, redact: []}]",
          "exporters: [{name: file, type: file, settings: {file.path: '" + file + "'}}]");
    }
    return port;
  }
}
