package io.sworn.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.event.TrailAccount;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.connect.ConnectWorker;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.testing.Deliveries;
import io.sworn.server.testing.InsertingClient;
import io.sworn.server.topics.TopicAdmin;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** What we expect of a broker that is not ours: topics, delivery and the count of both. */
class BrokerContainerIT {

  private static final Topics TOPICS = Topics.standard();
  private static final String TRAIL = "db-1/0";
  private static final int EVENTS = 200;

  private static final KafkaContainer KAFKA =
      new KafkaContainer(
          DockerImageName.parse(System.getProperty("sworn.kafka.image", "apache/kafka:4.1.0"))
              .asCompatibleSubstituteFor("apache/kafka"));

  @TempDir static Path directory;

  @BeforeAll
  static void start() {
    KAFKA.start();
  }

  @AfterAll
  static void stop() {
    KAFKA.stop();
  }

  private static Map<String, Object> client() {
    return new HashMap<>(Map.of("bootstrap.servers", KAFKA.getBootstrapServers()));
  }

  @Test
  void topicsOfTheFirstStartAreLeftAloneByTheSecond() throws Exception {
    Topics topics = new Topics("twice.");
    for (int start = 0; start < 2; start++) {
      try (TopicAdmin admin = new TopicAdmin(client())) {
        admin.createTopics(topics, List.of("siem"), 2, Optional.of((short) 1));
      }
    }
    try (Admin admin = Admin.create(client())) {
      assertThat(admin.listTopics().names().get())
          .contains(topics.events(), topics.filters(), topics.deliveries(), topics.route("siem"));
      assertThat(
              admin
                  .describeTopics(List.of(topics.events()))
                  .allTopicNames()
                  .get()
                  .get(topics.events())
                  .partitions())
          .hasSize(2);
      ConfigResource filters = new ConfigResource(ConfigResource.Type.TOPIC, topics.filters());
      assertThat(
              admin
                  .describeConfigs(List.of(filters))
                  .all()
                  .get()
                  .get(filters)
                  .get("cleanup.policy")
                  .value())
          .isEqualTo("compact");
    }
  }

  @Test
  void routeIsDeliveredOnceAndTheNumbersAgreeAcrossARestart() throws Exception {
    try (TopicAdmin admin = new TopicAdmin(client())) {
      admin.createTopics(TOPICS, List.of("files"), 4, Optional.of((short) 1));
    }
    Path file = directory.resolve("delivered.jsonl");
    ExporterSpec spec =
        new ExporterSpec("files", "file", "files", Map.of("file.path", file.toString()));
    send(1, EVENTS);
    try (ConnectWorker worker = ConnectWorker.start(client(), TOPICS, List.of(spec), lost -> {})) {
      awaitLines(file, EVENTS);
      assertThat(worker.states()).containsEntry("files", "RUNNING");
    }
    send(EVENTS + 1, EVENTS);
    try (ConnectWorker worker = ConnectWorker.start(client(), TOPICS, List.of(spec), lost -> {})) {
      awaitLines(file, 2 * EVENTS);
      assertThat(worker.states()).containsEntry("files", "RUNNING");
    }
    assertThat(Files.readAllLines(file)).doesNotHaveDuplicates().hasSize(2 * EVENTS);
    TrailAccount account =
        new TrailAccount(
            TRAIL, 2 * EVENTS, 0, 0, 2 * EVENTS, 0, 0, 0, new TreeMap<>(), 2 * EVENTS, 1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client(), new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] key = TRAIL.getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(TOPICS.accounts(), key, SwornJson.write(account))).get();
    }
    try (FlowMeter meter =
        FlowMeter.start(
            client(),
            TOPICS,
            List.of(new FlowMeter.Destination("files", "files")),
            new FlowMeter.Source(() -> 2 * EVENTS, () -> 2 * EVENTS, TRAIL::equals))) {
      FlowSnapshot flow = meter.fresh(Duration.ofSeconds(30));
      assertThat(flow.destinations())
          .containsEntry(
              "files", new FlowSnapshot.DestinationFlow("files", 2 * EVENTS, 2 * EVENTS, 0, 0));
      assertThat(flow.settled()).isTrue();
    }
  }

  @Test
  void aWholeInstanceWorksAgainstIt() throws Exception {
    Path home = Files.createDirectories(directory.resolve("instance"));
    Files.writeString(
        home.resolve("kafka.properties"),
        "bootstrap.servers=" + KAFKA.getBootstrapServers() + "\n");
    Path file = home.resolve("sworn.yaml");
    Files.writeString(
        file,
        "kafka: {properties: kafka.properties, prefix: 'whole.'}\n"
            + "database: {listen: '127.0.0.1:0'}\n"
            + "console: {enabled: false}\n"
            + "routes: [{name: file, redact: []}]\n");
    List<String> acknowledged;
    try (Sworn sworn = Sworn.start(SwornConfig.load(file, null));
        InsertingClient client =
            new InsertingClient(
                sworn.databaseAddress().getPort(),
                sworn.authority(),
                sworn.initialAdministrator().orElseThrow().password())) {
      client.awaitMore(100);
      client.stop();
      acknowledged = client.acknowledged();
      FlowSnapshot flow = sworn.awaitSettled(Duration.ofSeconds(60));
      assertThat(flow.settled()).as("%s", flow).isTrue();
      assertThat(sworn.healthy()).isTrue();
    }
    Deliveries delivered = Deliveries.ofLines(home.resolve("data/delivered/events.jsonl"));
    Deliveries archived = Deliveries.ofArchive(home.resolve("data/archive"));
    assertThat(delivered.ids()).doesNotHaveDuplicates();
    assertThat(archived.ids()).containsExactlyInAnyOrderElementsOf(delivered.ids());
    assertThat(archived.actions()).doesNotHaveDuplicates().containsAll(acknowledged);
    assertThat(delivered.actions()).doesNotHaveDuplicates().containsAll(acknowledged);
  }

  private static void send(long from, int count) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client(), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long sequence = from; sequence < from + count; sequence++) {
        AuditEvent event =
            AuditEvent.builder(
                    SourcePosition.at(TRAIL, sequence), EventKind.values()[0], "authCheck")
                .build();
        producer
            .send(
                new ProducerRecord<>(
                    TOPICS.route("files"),
                    TRAIL.getBytes(StandardCharsets.UTF_8),
                    AuditEventCodec.encode(event)))
            .get();
      }
    }
  }

  private static void awaitLines(Path file, int count) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (System.nanoTime() < deadline
        && (Files.notExists(file) || Files.readAllLines(file).size() < count)) {
      Thread.sleep(50);
    }
    assertThat(Files.readAllLines(file)).hasSize(count);
  }
}
