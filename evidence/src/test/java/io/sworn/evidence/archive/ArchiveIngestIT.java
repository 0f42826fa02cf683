package io.sworn.evidence.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.Topics;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.SigningKey;
import io.sworn.testing.KafkaBroker;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveIngestIT {

  private static final Topics TOPICS = Topics.standard();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path dir;
  private KafkaBroker broker;

  @BeforeEach
  void start() throws Exception {
    broker = KafkaBroker.start(dir.resolve("broker"));
    broker.createTopic(TOPICS.checkpoints(), 1);
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  private void send(List<byte[]> values) throws Exception {
    Map<String, Object> settings = new HashMap<>(broker.client());
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      for (byte[] value : values) {
        producer.send(new ProducerRecord<>(TOPICS.events(), "db/1", value));
      }
      producer.flush();
    }
  }

  private static List<byte[]> events(long from, long to) {
    return new ArrayList<>(
        Samples.records("db/1", from, to).stream().map(ArchiveRecord::bytes).toList());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline of " + LIMIT).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private Archive open(String name) {
    return Archive.open(dir.resolve(name), Samples.KEY, Samples.ORIGIN);
  }

  private Hash cleanRun(String name, long size) throws Exception {
    try (Archive archive = open(name)) {
      try (ArchiveIngest ingest = ArchiveIngest.start(broker.client(), TOPICS, archive)) {
        await(() -> archive.size() >= size || !ingest.healthy());
        assertThat(ingest.failure()).isEmpty();
      }
      return archive.checkpoint().root();
    }
  }

  @Test
  void aProcessKilledAgainAndAgainBuildsTheSameTreeAsACleanRun() throws Exception {
    broker.createTopic(TOPICS.events(), 1);
    List<byte[]> values = events(1, 4000);
    values.addAll(events(100, 200));
    values.add(new byte[] {9});
    values.addAll(events(4003, 4010));
    values.addAll(events(4001, 4002));
    send(values);
    Path target = dir.resolve("killed");
    long seen = 0;
    for (int round = 0; round < 4; round++) {
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  IngestChild.class.getName(),
                  target.toString(),
                  String.valueOf(broker.client().get("bootstrap.servers")))
              .redirectErrorStream(true)
              .redirectOutput(new File(dir.toFile(), "child-" + round + ".log"))
              .start();
      long before = seen;
      await(() -> sizeOf(target) > before || sizeOf(target) == 4010 || !child.isAlive());
      child.destroyForcibly().waitFor();
      seen = sizeOf(target);
    }
    Hash killed = cleanRun("killed", 4010);
    try (Archive clean = Archive.open(dir.resolve("clean"), Samples.KEY, "sworn.test/clean");
        ArchiveIngest ingest = ArchiveIngest.start(broker.client(), TOPICS, clean)) {
      await(() -> clean.size() >= 4010 || !ingest.healthy());
      assertThat(killed).isEqualTo(clean.checkpoint().root());
    }
    try (Archive archive = open("killed")) {
      ArchiveStatus status = archive.status();
      assertThat(status.distinct()).isEqualTo(4010);
      assertThat(status.duplicates()).isEqualTo(101);
      assertThat(status.gaps()).isZero();
      assertThat(status.unreadable()).isEqualTo(1);
      assertThat(status.conflicts()).isZero();
    }
    assertThat(
            ArchiveVerifier.verify(target, Optional.of(Samples.KEY.verifier(Samples.ORIGIN)))
                .problems())
        .isEmpty();
  }

  private static long sizeOf(Path archive) {
    try {
      Head head = Head.read(archive.resolve("head"));
      return head == null ? 0 : head.size();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void checkpointsArePublishedUnderTheOriginAndVerify() throws Exception {
    broker.createTopic(TOPICS.events(), 2);
    send(events(1, 50));
    cleanRun("a", 50);
    Map<String, Object> settings = new HashMap<>(broker.client());
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(TOPICS.checkpoints(), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      List<ConsumerRecord<String, String>> found = new ArrayList<>();
      await(
          () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            return found.stream().anyMatch(r -> Checkpoint.parse(r.value()).size() == 50);
          });
      assertThat(found)
          .allSatisfy(
              r -> {
                assertThat(r.key()).isEqualTo(Samples.ORIGIN);
                assertThat(Checkpoint.parse(r.value()).verify(Samples.KEY.verifier(r.key())))
                    .isTrue();
              });
    }
  }

  @Test
  void anArchiveThatWasPutBackOrBegunAnewSignsNoSecondHistory() throws Exception {
    broker.createTopic(TOPICS.events(), 1);
    send(events(1, 20));
    cleanRun("a", 20);
    Path copy = Files.createDirectories(dir.resolve("put-back"));
    try (Stream<Path> files = Files.list(dir.resolve("a"))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    send(events(21, 60));
    cleanRun("a", 60);
    for (String name : List.of("put-back", "anew")) {
      try (Archive archive = open(name);
          ArchiveIngest ingest = ArchiveIngest.start(broker.client(), TOPICS, archive)) {
        await(() -> !ingest.healthy());
        assertThat(ingest.failure().orElseThrow())
            .hasMessageContaining("over 60 events")
            .hasMessageContaining("Restore the newest copy");
        assertThat(archive.size()).isLessThan(60);
      }
    }
    try (Archive stranger =
            Archive.open(
                dir.resolve("stranger"),
                SigningKey.fromSeed(
                    new byte[] {
                      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                      23, 24, 25, 26, 27, 28, 29, 30, 31, 32
                    }),
                Samples.ORIGIN);
        ArchiveIngest ingest = ArchiveIngest.start(broker.client(), TOPICS, stranger)) {
      await(() -> !ingest.healthy());
      assertThat(ingest.failure().orElseThrow()).hasMessageContaining("signing key replaced");
    }
  }

  @Test
  void aTopicCreatedAnewIsReadFromItsBeginning() throws Exception {
    broker.createTopic(TOPICS.events(), 1);
    send(events(1, 30));
    cleanRun("a", 30);
    broker.deleteTopic(TOPICS.events());
    broker.createTopic(TOPICS.events(), 1);
    send(events(21, 60));
    cleanRun("a", 60);
    try (Archive archive = open("a")) {
      assertThat(archive.status().duplicates()).isEqualTo(10);
      assertThat(archive.status().gaps()).isZero();
    }
  }
}
