package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AccountHeaders;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.MinuteAccount;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.event.TrailAccount;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterStore;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine against a real broker. */
class FilterEngineIT {

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
      FilterEngine.start(
          Map.of("bootstrap.servers", args[0]),
          new Topics(args[1]),
          Path.of(args[2]),
          RouteRedactions.NONE);
      Thread.currentThread().join();
    }
  }

  private static Topics topics(String prefix) throws Exception {
    Topics topics = new Topics(prefix);
    broker.createTopic(topics.events(), 1);
    for (String topic : List.of(topics.filters(), topics.accounts(), topics.deadLetters())) {
      broker.createTopic(topic, 1);
    }
    return topics;
  }

  @Test
  void killedEngineGivesEachKeptEventExactlyOnce() throws Exception {
    Topics topics = topics("kill.");
    int events = 40_000;
    try (FilterStore store = FilterStore.connect(broker.client(), topics)) {
      store.put("all", "{}", List.of("siem"), "ann", "first");
    }
    Process child = child(topics);
    try {
      send(topics, 1, events / 2);
      read(topics.route("siem"), 1);
      child.destroyForcibly().waitFor();
      send(topics, events / 2 - 100, events); // the sender repeats its last hundred
      try (FilterEngine engine =
          FilterEngine.start(
              broker.client(), topics, directory.resolve("kill"), RouteRedactions.NONE)) {
        await(() -> account(topics).lastSequence() == events);
        assertThat(read(topics.route("siem"), events))
            .isEqualTo(LongStream.rangeClosed(1, events).boxed().toList());
        TrailAccount account = account(topics);
        assertThat(account.duplicates()).isEqualTo(101);
        // These events have no time worth a minute of its own, yet each is counted once.
        await(() -> before(topics).received() == account.received());
        assertThat(before(topics).kept()).isEqualTo(events);
        assertThat(account.kept()).isEqualTo(events);
        assertThat(engine.healthy()).isTrue();
      }
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void whatIsAskedToBeReadUntilNowHoldsEveryDefinitionPutBefore() throws Exception {
    Topics topics = topics("fresh.");
    try (FilterStore store = FilterStore.connect(broker.client(), topics);
        FilterFeed feed = new FilterFeed(broker.client(), topics, 1)) {
      assertThat(feed.awaitCaughtUp(Duration.ofSeconds(60))).isTrue();
      for (int version = 1; version <= 20; version++) {
        store.put("all", "{\"a\":" + version + "}", List.of("siem"), "ann", "next");
        BooleanSupplier read = feed.readUntilNow();
        await(read::getAsBoolean);
        assertThat(feed.active().definitions())
            .extracting(FilterDefinition::label)
            .containsExactly("all@" + version);
      }
    }
  }

  @Test
  void invalidDefinitionIsRefusedAndTheFormerVersionStays() throws Exception {
    Topics topics = topics("bad.");
    try (FilterStore store = FilterStore.connect(broker.client(), topics)) {
      store.put("all", "{}", List.of("siem"), "ann", "first");
      FilterDefinition broken =
          new FilterDefinition(
              "all", 2, true, false, "{\"$foo\":1}", List.of("siem"), "x", "x", Instant.EPOCH);
      try (FilterEngine engine =
              FilterEngine.start(
                  broker.client(), topics, directory.resolve("bad"), RouteRedactions.NONE);
          KafkaProducer<byte[], byte[]> producer = producer()) {
        producer.send(new ProducerRecord<>(topics.filters(), utf8("all"), broken.toBytes())).get();
        await(() -> engine.refused().containsKey("all"));
        assertThat(engine.active()).extracting(FilterDefinition::label).containsExactly("all@1");
        send(topics, 1, 10);
        assertThat(read(topics.route("siem"), 10)).hasSize(10);
      }
    }
  }

  @Test
  void garbageAmongEventsReachesTheDeadLettersWithTheSameBytes() throws Exception {
    Topics topics = topics("garbage.");
    byte[] garbage = utf8("no event");
    try (FilterEngine engine =
            FilterEngine.start(
                broker.client(), topics, directory.resolve("garbage"), RouteRedactions.NONE);
        KafkaProducer<byte[], byte[]> producer = producer();
        KafkaConsumer<byte[], byte[]> dead = reader(topics.deadLetters())) {
      producer.send(new ProducerRecord<>(topics.events(), utf8("db/1"), garbage)).get();
      List<byte[]> letters = new ArrayList<>();
      await(
          () -> {
            dead.poll(Duration.ofMillis(200)).forEach(r -> letters.add(r.value()));
            return !letters.isEmpty();
          });
      assertThat(letters).containsExactly(garbage);
      await(() -> account(topics).unreadable() == 1);
      assertThat(engine.healthy()).isTrue();
    }
  }

  private Process child(Topics topics) throws Exception {
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

  private static void send(Topics topics, int from, int to) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int i = from; i <= to; i++) {
        byte[] event =
            AuditEventCodec.encode(
                AuditEvent.builder(SourcePosition.at("db/1", i), EventKind.MONGODB, "authCheck")
                    .build());
        producer.send(new ProducerRecord<>(topics.events(), utf8("db/1"), event));
      }
    }
  }

  /** Sequences in a topic, read until at least {@code count} are there and no more come. */
  private static List<Long> read(String topic, int count) {
    List<Long> sequences = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = reader(topic)) {
      Instant deadline = Instant.now().plusSeconds(60);
      boolean more = true;
      while ((sequences.size() < count || more) && Instant.now().isBefore(deadline)) {
        int before = sequences.size();
        consumer
            .poll(Duration.ofMillis(500))
            .forEach(r -> sequences.add(AuditEventCodec.decode(r.value()).sequence()));
        more = sequences.size() > before;
      }
    }
    return sequences;
  }

  private static KafkaConsumer<byte[], byte[]> reader(String topic) {
    Map<String, Object> properties = new HashMap<>(broker.client());
    properties.put("isolation.level", "read_committed");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    Instant deadline = Instant.now().plusSeconds(60);
    while (consumer.partitionsFor(topic).isEmpty() && Instant.now().isBefore(deadline)) {
      Thread.onSpinWait();
    }
    TopicPartition partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    return consumer;
  }

  private static TrailAccount account(Topics topics) {
    TrailAccount last = new TrailAccount("", 0, 0, 0, 0, 0, 0, 0, new java.util.TreeMap<>(), 0, 0);
    try (KafkaConsumer<byte[], byte[]> consumer = reader(topics.accounts())) {
      TopicPartition partition = new TopicPartition(topics.accounts(), 0);
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (record.headers().lastHeader(AccountHeaders.KIND) == null) {
            last = SwornJson.read(record.value(), TrailAccount.class);
          }
        }
      }
    }
    return last;
  }

  private static MinuteAccount before(Topics topics) {
    MinuteAccount[] last = {
      new MinuteAccount("", "", 0, 0, 0, 0, 0, 0, 0, 0, new java.util.TreeMap<>(), 0)
    };
    try (KafkaConsumer<byte[], byte[]> consumer = reader(topics.accounts())) {
      TopicPartition partition = new TopicPartition(topics.accounts(), 0);
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (Arrays.equals(record.key(), MinuteAccount.key("db/1", MinuteAccount.BEFORE))) {
            last[0] = SwornJson.read(record.value(), MinuteAccount.class);
          }
        }
      }
    }
    return last[0];
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
