package io.sworn.benchmark.pipeline;

import io.sworn.benchmark.EventMix;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.Decision;
import io.sworn.filter.FilterStore;
import io.sworn.server.topics.TopicAdmin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics, events and offsets of the comparison. */
final class Bench implements AutoCloseable {

  static final String ROUTE = "siem";
  static final int TRAILS = 4;
  private static final long ANSWER_SECONDS = 30;

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final Admin admin;
  private final EventMix mix = new EventMix(20_260_302);
  private final long[] sequences = new long[TRAILS];

  Bench(Map<String, Object> kafka, Topics topics) throws Exception {
    this.kafka = kafka;
    this.topics = topics;
    try (TopicAdmin maker = new TopicAdmin(kafka)) {
      maker.createTopics(topics, List.of(ROUTE), TRAILS, Optional.of((short) 1));
    }
    admin = Admin.create(kafka);
  }

  Topics topics() {
    return topics;
  }

  /** Every filter but {@code name} is disabled, which keeps {@code text} for the route. */
  void onlyFilter(String name, String text) {
    try (FilterStore store = FilterStore.connect(kafka, topics)) {
      store.list().stream()
          .filter(filter -> filter.enabled() && !filter.name().equals(name))
          .forEach(filter -> store.disable(filter.name(), "benchmark", "not measured now"));
      if (store.show(name).filter(filter -> filter.enabled()).isEmpty()) {
        store.put(name, text, List.of(ROUTE), "benchmark", "to be measured");
      }
    }
  }

  /** The next event of the mix, its trail taking turns. */
  ProducerRecord<byte[], byte[]> record() {
    return record(next());
  }

  private AuditEvent next() {
    int number = (int) (total() % TRAILS);
    return mix.next(SourcePosition.at("bench/" + number, ++sequences[number]));
  }

  private ProducerRecord<byte[], byte[]> record(AuditEvent event) {
    int partition = Integer.parseInt(event.trail().substring("bench/".length()));
    return new ProducerRecord<>(
        topics.events(),
        partition,
        event.trail().getBytes(StandardCharsets.UTF_8),
        AuditEventCodec.encode(event));
  }

  /** Events sent so far. */
  long total() {
    long sum = 0;
    for (long sequence : sequences) {
      sum += sequence;
    }
    return sum;
  }

  /** What was sent: mean size, and how many a filter keeps by the plain evaluator. */
  record Filled(double meanBytes, long kept) {}

  /** Sends so many events. */
  Filled fill(int count, AuditFilter filter) throws Exception {
    long bytes = 0;
    long kept = 0;
    try (KafkaProducer<byte[], byte[]> producer = producer(20)) {
      List<Future<?>> sent = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        AuditEvent event = next();
        kept += filter.judge(event) == Decision.DROP ? 0 : 1;
        ProducerRecord<byte[], byte[]> record = record(event);
        bytes += record.value().length;
        sent.add(producer.send(record));
        if (sent.size() == 10_000) {
          await(sent);
        }
      }
      await(sent);
    }
    return new Filled((double) bytes / count, kept);
  }

  /** Committed copies that lie in the route. */
  long copies() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(consumer, topics.route(ROUTE));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long copies = 0;
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        copies += consumer.poll(Duration.ofMillis(200)).count();
      }
      return copies;
    }
  }

  static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  private static void await(List<Future<?>> sent) throws Exception {
    for (Future<?> one : sent) {
      one.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }
    sent.clear();
  }

  KafkaProducer<byte[], byte[]> producer(int lingerMillis) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("linger.ms", lingerMillis);
    settings.put("batch.size", 256 * 1024);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Events that the group has committed. */
  long committed(String group) throws Exception {
    Map<?, OffsetAndMetadata> offsets =
        admin
            .listConsumerGroupOffsets(group)
            .partitionsToOffsetAndMetadata()
            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    return offsets.values().stream()
        .filter(offset -> offset != null)
        .mapToLong(OffsetAndMetadata::offset)
        .sum();
  }

  /** Makes both sides forget what they read, and empties the route. */
  void reset(Set<String> groups) throws Exception {
    Set<String> present = new TreeSet<>();
    admin.listGroups().all().get(ANSWER_SECONDS, TimeUnit.SECONDS).stream()
        .map(group -> group.groupId())
        .filter(groups::contains)
        .forEach(present::add);
    for (String group : present) {
      // A Streams client stays a member until its session ends, even if it was closed.
      admin
          .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
          .all()
          .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }
    if (!present.isEmpty()) {
      admin.deleteConsumerGroups(present).all().get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }
    Set<String> doomed = new TreeSet<>();
    for (String topic : admin.listTopics().names().get(ANSWER_SECONDS, TimeUnit.SECONDS)) {
      if (topic.endsWith("-changelog") || topic.equals(topics.route(ROUTE))) {
        doomed.add(topic);
      }
    }
    admin.deleteTopics(doomed).all().get(ANSWER_SECONDS, TimeUnit.SECONDS);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
    while (admin.listTopics().names().get(ANSWER_SECONDS, TimeUnit.SECONDS).stream()
        .anyMatch(doomed::contains)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("topics were not deleted in time: " + doomed);
      }
    }
    try (TopicAdmin maker = new TopicAdmin(kafka)) {
      maker.createTopics(topics, List.of(ROUTE), TRAILS, Optional.of((short) 1));
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
