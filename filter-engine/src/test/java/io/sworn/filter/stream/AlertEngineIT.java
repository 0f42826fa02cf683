package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventId;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.filter.AlertRuleStore;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.RuleReader;
import io.sworn.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert engine against a real broker. */
class AlertEngineIT {

  private static final Instant BEGIN = Instant.parse("2026-03-02T10:00:00Z");
  private static final int GROUPS = 500;
  private static final int TIMES = 20;
  private static final String RULE =
      """
      name: burst
      type: threshold
      select: {atype: authenticate}
      group: param.user
      count: 20
      within: 1d
      suppress: 0s
      """;

  @TempDir static Path directory;
  private static KafkaBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = KafkaBroker.start(directory.resolve("broker"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  /** Engine in a JVM of its own, to be killed. */
  public static final class Child {
    public static void main(String[] args) throws Exception {
      AlertEngine.start(
          Map.of("bootstrap.servers", args[0]),
          new Topics(args[1]),
          RuleReader.read(RULE),
          Path.of(args[2]));
      Thread.currentThread().join();
    }
  }

  private static Topics topics(String prefix) throws Exception {
    Topics topics = new Topics(prefix);
    broker.createTopic(topics.events(), 2);
    broker.createTopic(topics.alerts(), 1);
    broker.createTopic(topics.filters(), 1);
    return topics;
  }

  /** Every group reaches its threshold exactly once, however often the engine dies on the way. */
  @Test
  void killedEngineFindsEachAlertExactlyOnce() throws Exception {
    Topics topics = topics("kill.");
    for (int part = 0; part < 2; part++) {
      Process child = child(topics);
      try {
        send(topics, part * TIMES / 2, (part + 1) * TIMES / 2);
        if (part == 1) {
          await(() -> !read(topics.alerts()).isEmpty());
        } else {
          await(() -> count(AlertTopology.hits(topics)) > 0);
        }
        child.destroyForcibly().waitFor();
      } finally {
        child.destroyForcibly();
      }
    }
    try (AlertEngine engine =
        AlertEngine.start(
            broker.client(), topics, RuleReader.read(RULE), directory.resolve("kill"))) {
      await(() -> engine.trails().values().stream().mapToLong(Long::longValue).sum() == GROUPS);
      assertThat(engine.healthy()).isTrue();
      assertThat(engine.counts().get("burst").alerts()).isEqualTo(GROUPS);
    }
    // What a killed engine left open hides later records until its transaction times out.
    await(() -> count(topics.alerts()) >= GROUPS);
    List<AuditEvent> alerts = read(topics.alerts());
    assertThat(alerts)
        .extracting(AuditEvent::sequence)
        .isEqualTo(LongStream.rangeClosed(1, GROUPS).boxed().toList());
    Set<String> groups = new HashSet<>();
    Set<String> sent = new HashSet<>();
    for (long n = 1; n <= (long) GROUPS * TIMES; n++) {
      sent.add(EventId.of("db/" + n % 2, (n + 1) / 2).toString());
    }
    for (AuditEvent alert : alerts) {
      BsonDocument param = alert.param().toDocument();
      groups.add(param.getDocument("group").getString("param_user").getValue());
      assertThat(param.getInt32("count").getValue()).isEqualTo(TIMES);
      param.getArray("samples").forEach(id -> assertThat(sent).contains(id.asString().getValue()));
    }
    assertThat(groups).hasSize(GROUPS);
    assertThat(read(topics.events()).stream().filter(e -> e.type().equals("alert")).toList())
        .containsExactlyInAnyOrderElementsOf(alerts);
  }

  @Test
  void whatHasBeenCountedSurvivesARestart() throws Exception {
    Topics topics = topics("restart.");
    for (int round = 0; round < 2; round++) {
      try (AlertEngine engine =
          AlertEngine.start(
              broker.client(), topics, RuleReader.read(RULE), directory.resolve("restart"))) {
        int first = round * TIMES / 2 + 1;
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
          for (int n = first; n < first + TIMES / 2; n++) {
            producer.send(record(topics, "db/1", n, "ann"));
          }
        }
        await(
            () ->
                engine.counts().containsKey("burst")
                    && engine.counts().get("burst").matched() == TIMES / 2);
        assertThat(engine.trails().values()).containsExactly((long) round);
      }
    }
    assertThat(read(topics.alerts())).hasSize(1);
  }

  private static final String LIVE =
      """
      name: each
      type: event
      select: {atype: authenticate}
      ---
      name: steady
      type: threshold
      select: {atype: authenticate}
      group: param.user
      count: 1200
      within: 1d
      """;

  /**
   * Each event makes one alert, whichever version of the rule judges it; the rule that nobody
   * changes counts on as if nothing had happened.
   */
  @Test
  void rulesChangeUnderLoadAndNoAlertIsLostOrMadeTwice() throws Exception {
    Topics topics = topics("live.");
    int part = 400;
    List<AlertRule> initial = RuleReader.read(LIVE);
    try (AlertRuleStore store = AlertRuleStore.connect(broker.client(), topics, initial);
        AlertEngine engine =
            AlertEngine.start(broker.client(), topics, initial, directory.resolve("live"));
        KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int n = 1; n <= 3 * part; n++) {
        producer.send(record(topics, "db/" + n % 2, (n + 1) / 2, "ann"));
        if (n == part) { // the third version decides differently, the second does not
          producer.flush();
          await(() -> engine.caughtUp("db/0", part / 2) && engine.caughtUp("db/1", part / 2));
          store.put(each("{atype: authenticate}"), "ann", "title");
        } else if (n == 2 * part) {
          store.put(each("{atype: {$in: [authenticate]}}"), "ann", "select");
          await(() -> version(engine, "each") == 3);
        }
      }
      producer.flush();
      await(() -> engine.caughtUp("db/0", 3 * part / 2) && engine.caughtUp("db/1", 3 * part / 2));
      store.disable("each", "ben", "too many");
      await(() -> version(engine, "each") == 4);
      producer.send(record(topics, "db/1", 3 * part / 2 + 1, "eve")).get();
      await(() -> engine.caughtUp("db/1", 3 * part / 2 + 1));
      assertThat(engine.rules())
          .extracting(r -> r.label() + " " + r.enabled() + " " + r.author())
          .containsExactly("each@4 false ben", "steady@1 true sworn");
      await(() -> count(topics.alerts()) >= 3 * part + 1);
    }
    List<String> judged = new ArrayList<>();
    Set<Integer> versions = new TreeSet<>();
    int steady = 0;
    for (AuditEvent alert : read(topics.alerts())) {
      BsonDocument param = alert.param().toDocument();
      if (param.getString("rule").getValue().equals("each")) {
        judged.add(param.getString("first").getValue());
        versions.add(param.getInt32("version").getValue());
      } else {
        steady++;
        assertThat(param.getInt32("count").getValue()).isEqualTo(1200);
      }
    }
    assertThat(judged).hasSize(3 * part).doesNotHaveDuplicates();
    assertThat(versions).contains(1, 3);
    assertThat(steady).isEqualTo(1);
  }

  private static AlertRule each(String select) {
    return RuleReader.read("name: each\ntype: event\ntitle: changed\nselect: " + select).get(0);
  }

  private static int version(AlertEngine engine, String rule) {
    return engine.rules().stream()
        .filter(definition -> definition.name().equals(rule))
        .findFirst()
        .orElseThrow()
        .version();
  }

  /** What cannot be read between the halves stays for whoever mends it; nothing is skipped. */
  @Test
  void engineThatCannotGoOnGivesUpAndSaysSo() throws Exception {
    Topics topics = topics("broken.");
    try (AlertEngine engine =
            AlertEngine.start(
                broker.client(), topics, RuleReader.read(RULE), directory.resolve("broken"), 2);
        KafkaProducer<byte[], byte[]> producer = producer()) {
      await(engine::running);
      assertThat(engine.failed()).isFalse();
      producer.send(new ProducerRecord<>(AlertTopology.hits(topics), new byte[] {9})).get();
      await(engine::failed);
      assertThat(engine.healthy()).isFalse();
    }
  }

  private static Process child(Topics topics) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            broker.bootstrap(),
            topics.prefix(),
            directory.resolve("kill").toString())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("child.log").toFile())
        .start();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    Instant deadline = Instant.now().plusSeconds(60);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as("deadline").isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        broker.client(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Rounds {@code from} to {@code to}: one event of each group in each, in two trails by turns. */
  private static void send(Topics topics, int from, int to) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int round = from; round < to; round++) {
        for (int group = 0; group < GROUPS; group++) {
          long n = (long) round * GROUPS + group + 1;
          producer.send(record(topics, "db/" + n % 2, (n + 1) / 2, "user" + group));
        }
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> record(
      Topics topics, String trail, long sequence, String user) {
    AuditEvent event =
        AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.MONGODB, "authenticate")
            .time(BEGIN.plusMillis(sequence))
            .param(BsonBytes.of(new BsonDocument("user", new BsonString(user))))
            .build();
    return new ProducerRecord<>(
        topics.events(), trail.getBytes(StandardCharsets.UTF_8), AuditEventCodec.encode(event));
  }

  private static List<AuditEvent> read(String topic) {
    List<AuditEvent> events = new ArrayList<>();
    values(topic).forEach(value -> events.add(AuditEventCodec.decode(value)));
    return events;
  }

  private static int count(String topic) {
    return values(topic).size();
  }

  /** The committed records of a topic that is at rest, or as far as they go. */
  private static List<byte[]> values(String topic) {
    Map<String, Object> properties = new HashMap<>(broker.client());
    properties.put("isolation.level", "read_committed");
    List<byte[]> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      Instant deadline = Instant.now().plusSeconds(30);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())
          && Instant.now().isBefore(deadline)) {
        consumer.poll(Duration.ofMillis(200)).forEach(r -> values.add(r.value()));
      }
    }
    return values;
  }
}
