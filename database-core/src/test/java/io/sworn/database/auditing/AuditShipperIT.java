package io.sworn.database.auditing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEventCodec;
import io.sworn.testing.KafkaBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipper and a broker that is away or refuses. */
class AuditShipperIT {

  private static final byte[] KEY = new byte[32];
  private static final long MEBI = 1 << 20;
  @TempDir static Path kafka;
  private static KafkaBroker broker;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    broker = KafkaBroker.start(kafka);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void eventsOfAShortOutageAreInTheTopicOnceAndInOrder() throws Exception {
    broker.createTopic("short", 1);
    try (AuditJournal journal = journal(16 * MEBI);
        AuditShipper shipper = AuditShipper.start(journal, broker.client(), "short")) {
      append(journal, 300, 10);
      broker.close();
      append(journal, 300, 10);
      broker.startAgain();
      append(journal, 300, 10);
      assertThat(shipper.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sequences("short", 900)).containsExactlyElementsOf(upTo(900));
    }
  }

  @Test
  void eventsOfAnOutageThatOutlastsTheProducerComeInOrderWithoutAHole() throws Exception {
    broker.createTopic("long", 1);
    try (AuditJournal journal = journal(64 * MEBI);
        AuditShipper shipper =
            AuditShipper.start(journal, broker.client(), "long", Duration.ofMillis(1_500))) {
      append(journal, 300, 10);
      broker.close();
      long before = usedHeap();
      append(journal, 600, 50_000); // 30 MB that nobody takes
      TimeUnit.SECONDS.sleep(4); // the length of the outage is what is tested
      assertThat(usedHeap() - before).as("waits on disk").isLessThan(10 * MEBI);
      broker.startAgain();
      append(journal, 100, 10);
      assertThat(shipper.drain(Duration.ofSeconds(60))).isTrue();
      List<Long> arrived = sequences("long", 1_000);
      assertThat(new LinkedHashSet<>(arrived)).containsExactlyElementsOf(upTo(1_000));
      assertThat(arrived.size()).as("at most one batch came twice").isLessThan(1_000 + 300);
    }
  }

  @Test
  void whatTheBrokerRefusesForAWhileComesLaterAndIsNotSentAgainAndAgain() throws Exception {
    broker.createTopic("refusing", 1);
    try (AuditJournal journal = journal(16 * MEBI)) {
      append(journal, 1, 10);
      append(journal, 1, 5_000);
      append(journal, 100, 10);
      broker.limitBatches("refusing", 2_000);
      try (AuditShipper shipper =
          AuditShipper.start(journal, broker.client(), "refusing", Duration.ofSeconds(3))) {
        assertThat(shipper.drain(Duration.ofSeconds(4))).isFalse();
        assertThat(journal.shippedSequence()).as("acknowledged before the refused").isEqualTo(1);
        broker.limitBatches("refusing", 1 << 20);
        assertThat(shipper.drain(Duration.ofSeconds(60))).isTrue();
        List<Long> arrived = sequences("refusing", 102);
        assertThat(arrived).containsAll(upTo(102));
        assertThat(arrived.size()).as("each at most twice").isLessThanOrEqualTo(2 * 102);
        assertThat(arrived.stream().filter(sequence -> sequence <= 2)).containsExactly(1L, 2L);
      }
    }
  }

  private AuditJournal journal(long bytesMax) {
    return AuditJournal.open(directory, "db", KEY, bytesMax, List.of());
  }

  private static void append(AuditJournal journal, int count, int length) {
    long last = 0;
    for (int i = 0; i < count; i++) {
      last = journal.append(AuditJournalTest.draft("a." + "x".repeat(length)));
      if (i % 10 == 0) {
        journal.sync(last);
      }
    }
    journal.sync(last);
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  /** What the topic holds, in its order; waits until {@code last} is there and all is read. */
  private static List<Long> sequences(String topic, long last) {
    List<Long> found = new ArrayList<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    Map<String, Object> settings = broker.client();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (consumer.position(partition) < end && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          found.add(AuditEventCodec.decode(record.value()).sequence());
        }
      }
    }
    assertThat(found).contains(last);
    return found;
  }
}
