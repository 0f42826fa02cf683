package io.sworn.export.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.DeadLetters;
import io.sworn.event.DeliveryReceipt;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.export.DeliveryLedger;
import io.sworn.export.RoutedEvent;
import io.sworn.export.loopback.HecFaults;
import io.sworn.export.loopback.HecReceiver;
import io.sworn.export.testing.ConnectWorker;
import io.sworn.export.testing.EsNode;
import io.sworn.export.testing.Events;
import io.sworn.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Connectors in a real worker with a real broker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectorIT {

  private static final Topics TOPICS = Topics.standard();
  private static final int EVENTS = 3_000;
  private static final String WAITS = "siem waits, nothing is lost: Splunk";

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

  private Map<String, String> connector(String destination, String type) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", destination);
    settings.put("connector.class", type);
    settings.put("tasks.max", "1");
    settings.put("topics", TOPICS.route(destination));
    settings.put("destination", destination);
    settings.put("kafka.bootstrap.servers", broker.bootstrap());
    settings.put("consumer.override.isolation.level", "read_committed");
    settings.put("key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    // The place of a killed worker becomes free when its session ends: 45 s by default.
    settings.put("consumer.override.session.timeout.ms", "6000");
    settings.put("consumer.override.heartbeat.interval.ms", "1500");
    settings.put("batch.events.max", "50");
    settings.put("buffer.bytes.max", "200000");
    settings.put("retry.backoff.ms", "50");
    settings.put("retry.backoff.max.ms", "500");
    return settings;
  }

  @Test
  void splunkGetsEverythingThoughTheWorkerIsKilledAndTheCollectorIsAwayForAWhile()
      throws Exception {
    broker.createTopic(TOPICS.route("siem"), 3);
    List<RoutedEvent> events = Events.inserts("db-1/00c0ffee", 1, EVENTS);
    byte[] garbage = "no event".getBytes(StandardCharsets.UTF_8);
    produce("siem", events, garbage);
    String refused = events.get(1234).event().id().toString();
    Set<String> expected = new HashSet<>(Events.ids(events));
    expected.remove(refused);
    try (HecReceiver splunk = HecReceiver.start(0, new HecReceiver.Token("secret-token", true))) {
      splunk.faults(HecFaults.refusing(refused));
      Map<String, String> settings =
          connector("siem", "io.sworn.export.splunk.SplunkSinkConnector");
      settings.put("splunk.url", "http://127.0.0.1:" + splunk.port());
      settings.put("splunk.token", "secret-token");
      settings.put("splunk.ack.poll.ms", "10");
      ConnectWorker first =
          ConnectWorker.start(directory.resolve("worker"), broker.bootstrap(), settings);
      await("some arrived", () -> splunk.distinct() > 500);
      first.kill();
      int atKill = splunk.distinct();
      assertThat(atKill).as("killed in the middle").isLessThan(EVENTS);
      splunk.faults(HecFaults.BUSY);
      try (ConnectWorker second =
          ConnectWorker.start(directory.resolve("worker"), broker.bootstrap(), settings)) {
        await("it waits for a busy collector", () -> second.log().contains(WAITS + " is busy"));
        splunk.faults(HecFaults.FORBIDDEN);
        await("it waits for its rights", () -> second.log().contains(WAITS + " refuses us"));
        assertThat(splunk.distinct()).as("nothing was taken meanwhile").isEqualTo(atKill);
        splunk.faults(HecFaults.refusing(refused));
        await("all is settled", () -> ledger().totals("siem").settled() == EVENTS + 1);
        assertThat(second.log()).contains("siem takes events again");
        assertThat(second.log()).doesNotContain("secret-token");
      }
      assertThat(splunk.receivedIds()).isEqualTo(expected);
      assertThat(ledger().totals("siem")).isEqualTo(new DeliveryLedger.Totals(EVENTS - 1, 2));
      assertThat(splunk.total() - splunk.distinct())
          .as("repetitions: at most the batches in flight at the kill and the last commit")
          .isLessThan(1_500);
    }
    checkDeadLetters("siem", refused, garbage);
    checkCommits("siem");
  }

  @Test
  void elasticsearchHoldsEachEventOnceThoughTheWorkerIsKilled() throws Exception {
    broker.createTopic(TOPICS.route("search"), 3);
    List<RoutedEvent> events = Events.inserts("db-2/00c0ffee", 1, EVENTS);
    produce("search", events, new byte[0]);
    try (EsNode node = EsNode.start(EsNode.Version.V8, directory.resolve("es"))) {
      Map<String, String> settings =
          connector("search", "io.sworn.export.elasticsearch.ElasticsearchSinkConnector");
      settings.put("elasticsearch.urls", node.url());
      ConnectWorker first =
          ConnectWorker.start(directory.resolve("worker-es"), broker.bootstrap(), settings);
      await("some are settled", () -> ledger().totals("search").settled() > 300);
      first.kill();
      try (ConnectWorker second =
          ConnectWorker.start(directory.resolve("worker-es"), broker.bootstrap(), settings)) {
        await("all is settled", () -> ledger().totals("search").settled() == EVENTS + 1);
      }
      assertThat(node.ids("logs-mongodb.audit-default")).isEqualTo(Events.ids(events));
      assertThat(node.count("logs-mongodb.audit-default")).isEqualTo(EVENTS);
    }
    assertThat(ledger().totals("search")).isEqualTo(new DeliveryLedger.Totals(EVENTS, 1));
  }

  /** Committed transactions of 100 events, one aborted one, and a record that is no event. */
  private void produce(String route, List<RoutedEvent> events, byte[] garbage) {
    Map<String, Object> properties = broker.client();
    properties.put("transactional.id", "filters-" + route);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (RoutedEvent aborted : Events.inserts("aborted", 1, 10)) {
        producer.send(record(route, aborted, 0));
      }
      producer.flush();
      producer.abortTransaction();
      for (int from = 0; from < events.size(); from += 100) {
        producer.beginTransaction();
        for (int i = from; i < from + 100; i++) {
          producer.send(record(route, events.get(i), i % 3));
        }
        if (from == 500) {
          producer.send(new ProducerRecord<>(TOPICS.route(route), 1, null, garbage));
        }
        producer.flush(); // else the commit may overtake the records
        producer.commitTransaction();
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> record(
      String route, RoutedEvent routed, int partition) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            TOPICS.route(route), partition, null, AuditEventCodec.encode(routed.event()));
    record
        .headers()
        .add("filters", String.join(",", routed.filters()).getBytes(StandardCharsets.UTF_8));
    return record;
  }

  private DeliveryLedger ledger() {
    DeliveryLedger ledger = new DeliveryLedger();
    for (ConsumerRecord<byte[], byte[]> record : all(TOPICS.deliveries())) {
      ledger.add(SwornJson.read(record.value(), DeliveryReceipt.class));
    }
    return ledger;
  }

  private List<ConsumerRecord<byte[], byte[]>> all(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            broker.client(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  private void checkDeadLetters(String destination, String refused, byte[] garbage) {
    List<ConsumerRecord<byte[], byte[]>> letters =
        all(TOPICS.deadLetters()).stream()
            .filter(letter -> new String(letter.key(), StandardCharsets.UTF_8).equals(destination))
            .toList();
    assertThat(letters)
        .anySatisfy(
            letter -> {
              assertThat(header(letter, DeadLetters.EVENT_ID)).isEqualTo(refused);
              assertThat(header(letter, DeadLetters.REASON)).contains("Invalid data format");
              assertThat(header(letter, DeadLetters.SOURCE)).startsWith("audit.route.siem-");
              assertThat(header(letter, DeadLetters.DESTINATION)).isEqualTo("siem");
              assertThat(AuditEventCodec.decode(letter.value()).id().toString()).isEqualTo(refused);
            })
        .anySatisfy(
            letter -> {
              assertThat(letter.value()).isEqualTo(garbage);
              assertThat(header(letter, DeadLetters.REASON)).startsWith("unreadable record");
              assertThat(letter.headers().lastHeader(DeadLetters.EVENT_ID)).isNull();
            });
  }

  /** What is committed is settled: never more than the ledger knows. */
  private void checkCommits(String destination) {
    DeliveryLedger ledger = ledger();
    Map<String, Object> properties = broker.client();
    properties.put("group.id", "connect-" + destination);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      for (int i = 0; i < 3; i++) {
        TopicPartition partition = new TopicPartition(TOPICS.route(destination), i);
        long committed = consumer.committed(Set.of(partition)).get(partition).offset();
        assertThat(committed).isEqualTo(ledger.settledOffset(destination, partition.topic(), i));
      }
    }
  }

  /** Text of a header; empty if it is not there. */
  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
