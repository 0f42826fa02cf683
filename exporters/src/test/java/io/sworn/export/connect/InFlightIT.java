package io.sworn.export.connect;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.DeliveryReceipt;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.loopback.HecFaults;
import io.sworn.export.loopback.HecReceiver;
import io.sworn.export.splunk.SplunkExporterFactory;
import io.sworn.export.testing.Events;
import io.sworn.testing.KafkaBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Several batches in flight, with a real broker for the receipts and a real collector's answers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InFlightIT {

  private static final Topics TOPICS = Topics.standard();
  private static final Map<String, String> FOUR =
      Map.of("splunk.ack.poll.ms", "10", "splunk.batches.in.flight.max", "4");

  @TempDir static Path directory;
  private KafkaBroker broker;

  @BeforeAll
  void start() throws Exception {
    broker = KafkaBroker.start(directory.resolve("broker"));
    broker.createTopic(TOPICS.deliveries(), 1);
    broker.createTopic(TOPICS.deadLetters(), 1);
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  /** The parts of a task, without its host. */
  private final class Running implements AutoCloseable {
    final TopicPartition partition;
    final Backlog backlog = new Backlog();
    final ReceiptBook book;
    final DeliveryLoop loop;
    final List<Exporter> exporters = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();

    Running(String destination, HecReceiver splunk, int batchEvents, Map<String, String> more) {
      Map<String, String> settings = new HashMap<>();
      settings.put("destination", destination);
      settings.put("kafka.bootstrap.servers", broker.bootstrap());
      settings.put("batch.events.max", Integer.toString(batchEvents));
      settings.put("splunk.url", "http://127.0.0.1:" + splunk.port());
      settings.put("splunk.token", "t");
      settings.putAll(more);
      partition = new TopicPartition(TOPICS.route(destination), 0);
      HostSettings host = HostSettings.from(settings);
      SplunkExporterFactory factory = new SplunkExporterFactory();
      int carriers = factory.batchesInFlight(settings);
      book = new ReceiptBook(host);
      loop = new DeliveryLoop(host, book, backlog, carriers);
      backlog.open(List.of(partition));
      for (int i = 0; i < carriers; i++) {
        Exporter exporter = factory.create(settings);
        exporters.add(exporter);
        threads.add(new Thread(loop.carrier(exporter), "carrier-" + i));
      }
    }

    void begin() {
      threads.forEach(Thread::start);
    }

    void add(List<RoutedEvent> events) {
      List<Backlog.Entry> entries = new ArrayList<>();
      for (int i = 0; i < events.size(); i++) {
        byte[] value = AuditEventCodec.encode(events.get(i).event());
        entries.add(new Backlog.Entry(partition, i, new byte[0], value, events.get(i), ""));
      }
      backlog.add(entries);
    }

    long settled() {
      return backlog.settled().getOrDefault(partition, -1L);
    }

    @Override
    public void close() throws InterruptedException {
      loop.stop();
      threads.forEach(Thread::interrupt);
      for (Thread thread : threads) {
        thread.join();
      }
      exporters.forEach(Exporter::close);
      book.close();
    }
  }

  @Test
  void whatOvertakesAnUnansweredBatchIsNotSettledBeforeIt() throws Exception {
    List<RoutedEvent> events = Events.inserts("overtaken", 1, 140);
    String slow = events.get(34).event().id().toString();
    try (HecReceiver splunk = HecReceiver.start(0, new HecReceiver.Token("t", true));
        Running running = new Running("overtaken", splunk, 10, FOUR)) {
      splunk.holdAcknowledgementOf(slow);
      running.add(events);
      running.begin();
      await("what stands before it is settled", () -> running.settled() == 29);
      // Three carriers share the ten batches behind it; the last can only have come after seven
      // of them had been carried to their end, and been settled if they were allowed to.
      await("the others overtake it", () -> splunk.distinct() == 140);
      assertThat(running.settled()).as("nothing behind it").isEqualTo(29);
      assertThat(receiptsEnd("overtaken")).as("nor has it a receipt").isEqualTo(29);
      splunk.holdAcknowledgementOf("");
      await("all is settled", () -> running.settled() == 139);
      assertThat(receiptsEnd("overtaken")).isEqualTo(139);
      assertThat(splunk.total()).isEqualTo(140);
      assertThat(running.backlog.bytes()).isZero();
    }
  }

  @Test
  void aReceiptThatCannotBeWrittenIsTriedAgainWithoutRepeatingDeadLetters() throws Exception {
    Topics topics = new Topics("lost.");
    broker.createTopic(topics.deadLetters(), 1);
    try (HecReceiver splunk = HecReceiver.start(0, new HecReceiver.Token("t", true));
        Running running =
            new Running(
                "lost",
                splunk,
                10,
                Map.of(
                    "topic.prefix", topics.prefix(),
                    "kafka.max.block.ms", "200",
                    "retry.backoff.ms", "20",
                    "retry.backoff.max.ms", "40"))) {
      running.backlog.add(
          List.of(
              new Backlog.Entry(
                  running.partition, 0, new byte[0], new byte[] {1}, null, "no event")));
      ListAppender<ILoggingEvent> log = new ListAppender<>();
      log.start();
      Logger loop = (Logger) LoggerFactory.getLogger(DeliveryLoop.class);
      loop.addAppender(log);
      try {
        running.begin();
        await("the letter is written", () -> records(topics.deadLetters()).size() > 0);
        await("the receipt could not be written", () -> told(log, "cannot be written to Kafka"));
      } finally {
        loop.detachAppender(log);
      }
      assertThat(running.settled()).as("no receipt, not settled").isEqualTo(-1);
      broker.createTopic(topics.deliveries(), 1);
      await("it is settled", () -> running.settled() == 0);
      assertThat(records(topics.deadLetters())).hasSize(1);
      assertThat(records(topics.deliveries())).hasSize(1);
    }
  }

  @Test
  void aTaskThatFinishesSettlesEveryBatchInHandAndBeginsNone() throws Exception {
    List<RoutedEvent> events = Events.inserts("finishing", 1, 100);
    try (HecReceiver splunk = HecReceiver.start(0, new HecReceiver.Token("t", true));
        Running running = new Running("finishing", splunk, 10, FOUR)) {
      splunk.faults(HecFaults.acknowledgingAfter(Duration.ofMillis(700)));
      running.add(events);
      running.begin();
      await("four batches are in flight", () -> splunk.distinct() == 40);
      running.loop.finish();
      assertThat(running.loop.awaitFinished(Duration.ofSeconds(20).toNanos())).isTrue();
      assertThat(running.settled()).isEqualTo(39);
      assertThat(splunk.total()).isEqualTo(40);
      assertThat(receiptsEnd("finishing")).isEqualTo(39);
    }
  }

  @Test
  void theRateWithASlowIndexerIsPrinted() throws Exception {
    List<RoutedEvent> events = Events.inserts("rate", 1, 40_000);
    for (String flights : List.of("1", "4", "8")) {
      try (HecReceiver splunk = HecReceiver.start(0, new HecReceiver.Token("t", true));
          Running running =
              new Running(
                  "rate",
                  splunk,
                  2_000,
                  Map.of("splunk.batches.in.flight.max", flights, "splunk.ack.poll.ms", "100"))) {
        splunk.faults(HecFaults.acknowledgingAfter(Duration.ofMillis(500)));
        running.add(events);
        long start = System.nanoTime();
        running.begin();
        await("all is settled", () -> running.settled() == events.size() - 1);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
            "Splunk, indexer acknowledges after 0.5 s, %s batches in flight: %.0f events/s%n",
            flights, events.size() / seconds);
        assertThat(splunk.total()).isEqualTo(events.size());
      }
    }
  }

  /** Last offset with a receipt; fails if receipts leave a hole. */
  private long receiptsEnd(String destination) {
    long end = -1;
    for (byte[] value : records(TOPICS.deliveries())) {
      DeliveryReceipt receipt = SwornJson.read(value, DeliveryReceipt.class);
      if (receipt.destination().equals(destination)) {
        assertThat(receipt.from()).isEqualTo(end + 1);
        end = receipt.to();
      }
    }
    return end;
  }

  private List<byte[]> records(String name) {
    List<byte[]> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            broker.client(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition topic = new TopicPartition(name, 0);
      consumer.assign(List.of(topic));
      consumer.seekToBeginning(List.of(topic));
      long last = consumer.endOffsets(List.of(topic)).get(topic);
      while (consumer.position(topic) < last) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }

  private static boolean told(ListAppender<ILoggingEvent> log, String what) {
    synchronized (log) { // as it does while it appends
      return log.list.stream().anyMatch(line -> line.getFormattedMessage().contains(what));
    }
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
