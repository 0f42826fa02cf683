package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.FilterAccount;
import io.sworn.event.RouteHeaders;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.filter.FilterAccounts;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterStore;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Filters are changed while 10,000 events a second come: each event is judged once, by the version
 * that was told for its offset.
 */
class FilterChangeIT {

  private static final int PARTITIONS = 2;
  private static final int RATE = 12_000;
  private static final int RATE_MIN = 10_000;
  private static final int EVENTS_MIN = 40_000;

  /** Ends the test where the machine is too slow to change filters at all. */
  private static final int EVENTS_MAX = 1_200_000;

  @TempDir private static Path directory;

  /** What was sent to one partition: sequence by offset. */
  private final List<Map<Long, Long>> sent = new ArrayList<>();

  private final CountDownLatch changed = new CountDownLatch(1);

  @Test
  void changesUnderTenThousandEventsASecondLoseAndDoubleNothing() throws Exception {
    Topics topics = new Topics("change.");
    ExecutorService sender = Executors.newSingleThreadExecutor();
    try (KafkaBroker broker = KafkaBroker.start(directory.resolve("broker"))) {
      broker.createTopic(topics.events(), PARTITIONS);
      for (String topic : List.of(topics.filters(), topics.accounts(), topics.deadLetters())) {
        broker.createTopic(topic, 1);
      }
      try (FilterStore store = FilterStore.connect(broker.client(), topics);
          FilterEngine engine =
              FilterEngine.start(
                  broker.client(),
                  topics,
                  directory.resolve("engine"),
                  RouteRedactions.NONE,
                  PARTITIONS);
          FilterAccounts accounts = FilterAccounts.fromNow(broker.client(), topics)) {
        List<FilterDefinition> versions = new ArrayList<>();
        versions.add(follow(accounts, store.put("all", "{}", List.of("siem"), "ann", "1")));
        Future<Double> rate = sender.submit(() -> send(broker, topics));
        awaitHits(accounts, versions.get(0)); // else the next one could begin at the same offset
        String half = "{\"result\":0}";
        versions.add(follow(accounts, store.put("all", half, List.of("siem"), "ann", "2")));
        versions.add(follow(accounts, store.disable("all", "ann", "3")));
        versions.add(follow(accounts, store.rollback("all", 1, "ann", "4")));
        versions.add(follow(accounts, store.put("all", half, List.of("siem"), "ann", "5")));
        versions.add(follow(accounts, store.put("all", "{}", List.of("siem"), "ann", "6")));
        changed.countDown();
        System.out.printf("filter changes under %.0f events/s%n", rate.get());
        assertThat(rate.get()).isGreaterThan(RATE_MIN);
        for (int partition = 0; partition < PARTITIONS; partition++) {
          check(broker, topics, accounts, versions, partition);
        }
        assertThat(engine.healthy()).isTrue();
        assertThat(engine.replacements()).isZero();
      }
    } finally {
      sender.shutdownNow();
    }
  }

  private static FilterDefinition follow(FilterAccounts accounts, FilterDefinition definition) {
    assertThat(accounts.awaitSwitch(definition, Duration.ofSeconds(60))).isTrue();
    return definition;
  }

  private static void awaitHits(FilterAccounts accounts, FilterDefinition definition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!hasHitsEverywhere(accounts, definition)) {
      assertThat(System.nanoTime()).as("hits of " + definition.label()).isLessThan(deadline);
      accounts.refresh();
    }
  }

  private static boolean hasHitsEverywhere(FilterAccounts accounts, FilterDefinition definition) {
    return accounts.of(definition).values().stream().filter(a -> a.hits() > 0).count()
        == PARTITIONS;
  }

  /** Every event of a partition against the version that was told for its offset. */
  private void check(
      KafkaBroker broker,
      Topics topics,
      FilterAccounts accounts,
      List<FilterDefinition> versions,
      int partition)
      throws Exception {
    TreeMap<Long, FilterDefinition> from = new TreeMap<>();
    for (FilterDefinition version : versions) {
      FilterAccount account = accounts.of(version).get(partition);
      assertThat(account).as(version.label()).isNotNull();
      assertThat(from.put(account.from(), version)).as("an offset of its own").isNull();
    }
    assertThat(List.copyOf(from.values())).isEqualTo(versions);
    List<String> expected = new ArrayList<>();
    Map<String, Long> hits = new HashMap<>();
    for (Map.Entry<Long, Long> event : sent.get(partition).entrySet()) {
      FilterDefinition judge = from.floorEntry(event.getKey()).getValue();
      long sequence = event.getValue();
      if (judge.enabled() && (judge.filter().equals("{}") || sequence % 2 == 0)) {
        expected.add(sequence + " " + judge.label());
        hits.merge(judge.label(), 1L, Long::sum);
      }
    }
    assertThat(hits).as("each version judged some of them").hasSize(versions.size() - 1);
    assertThat(read(broker, topics.route("siem"), "db/" + partition, expected.size()))
        .isEqualTo(expected);
    try (FilterAccounts all = FilterAccounts.all(broker.client(), topics)) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      FilterDefinition last = versions.get(versions.size() - 1);
      do {
        all.refresh();
      } while (all.of(last).get(partition).hits() != hits.get(last.label())
          && System.nanoTime() < deadline);
      for (FilterDefinition version : versions) {
        FilterAccount account = all.of(version).get(partition);
        assertThat(account.hits()).isEqualTo(hits.getOrDefault(version.label(), 0L));
        Long next = from.higherKey(account.from());
        assertThat(account.until()).isEqualTo(next == null ? -1 : next);
      }
    }
  }

  /** Sends until the changes are made; returns the events a second. */
  private double send(KafkaBroker broker, Topics topics) throws Exception {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      sent.add(new ConcurrentSkipListMap<>());
    }
    long start = System.nanoTime();
    long events = 0;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            broker.client(), new ByteArraySerializer(), new ByteArraySerializer())) {
      while (events < EVENTS_MAX
          && (changed.getCount() > 0
              || events < EVENTS_MIN
              || events / seconds(start) < RATE_MIN + 1)) {
        while (events < RATE * seconds(start)) {
          send(producer, topics, events++);
        }
        LockSupport.parkNanos(200_000); // until the next event is due
      }
      producer.flush();
      double rate = events / seconds(start);
      assertThat(sent.stream().mapToLong(Map::size).sum()).isEqualTo(events);
      return rate;
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private void send(KafkaProducer<byte[], byte[]> producer, Topics topics, long number) {
    int partition = (int) (number % PARTITIONS);
    long sequence = number / PARTITIONS + 1;
    String trail = "db/" + partition;
    byte[] event =
        AuditEventCodec.encode(
            AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.MONGODB, "authCheck")
                .result((int) (sequence % 2))
                .build());
    producer.send(
        new ProducerRecord<>(
            topics.events(), partition, trail.getBytes(StandardCharsets.UTF_8), event),
        (metadata, failure) -> {
          if (failure == null) {
            sent.get(partition).put(metadata.offset(), sequence);
          }
        });
  }

  /** Sequence and filters of everything of a trail, until no more comes. */
  private static List<String> read(KafkaBroker broker, String topic, String trail, int count)
      throws ExecutionException, InterruptedException {
    Map<String, Object> properties = broker.client();
    properties.put("isolation.level", "read_committed");
    List<String> found = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
      boolean more = true;
      while ((found.size() < count || more) && System.nanoTime() < deadline) {
        more = false;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          String filters =
              new String(
                  record.headers().lastHeader(RouteHeaders.FILTERS).value(),
                  StandardCharsets.UTF_8);
          AuditEvent event = AuditEventCodec.decode(record.value());
          if (event.trail().equals(trail)) {
            found.add(event.sequence() + " " + filters);
          }
          more = true;
        }
      }
    }
    return found;
  }
}
