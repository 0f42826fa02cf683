package io.sworn.filter;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The filter definitions in their compacted topic. Key {@code name} holds the current version, key
 * {@code name@version} each version for good, both written in one transaction.
 *
 * <p>One writer at a time: each change first takes over the transactional id and then reads what is
 * there, so two changes at once cannot both succeed on the same version; the loser gets an error
 * and nothing of it is seen. Not thread-safe.
 */
public final class FilterStore implements AutoCloseable {

  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final int TEXT_MAX = 1000;

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final SortedMap<String, SortedMap<Integer, FilterDefinition>> versions = new TreeMap<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();

  private FilterStore(Map<String, Object> kafka, Topics topics) {
    this.kafka = Map.copyOf(kafka);
    this.topics = topics;
    this.consumer = consumer(kafka);
  }

  /** Opens the store; the topic of filters must exist. */
  public static FilterStore connect(Map<String, Object> kafka, Topics topics) {
    FilterStore store = new FilterStore(kafka, topics);
    try {
      store.refresh();
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> kafka) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Writes a new version, whatever the current one is.
   *
   * @throws InvalidFilterException if filter, name or routes are wrong; nothing is written
   */
  public FilterDefinition put(
      String name, String filterText, List<String> routes, String author, String reason) {
    return put(name, filterText, routes, false, author, reason, OptionalInt.empty());
  }

  /**
   * Writes a new version that judges and counts, but because of which nothing travels, until it is
   * put without a shadow.
   *
   * @throws InvalidFilterException if filter, name or routes are wrong; nothing is written
   */
  public FilterDefinition putShadow(
      String name, String filterText, List<String> routes, String author, String reason) {
    return put(name, filterText, routes, true, author, reason, OptionalInt.empty());
  }

  /**
   * Writes a new version over exactly {@code expectedVersion} (0 = the filter must be new).
   *
   * @throws SwornException if another version is current
   */
  public FilterDefinition put(
      String name,
      String filterText,
      List<String> routes,
      String author,
      String reason,
      OptionalInt expectedVersion) {
    return put(name, filterText, routes, false, author, reason, expectedVersion);
  }

  private FilterDefinition put(
      String name,
      String filterText,
      List<String> routes,
      boolean shadow,
      String author,
      String reason,
      OptionalInt expectedVersion) {
    AuditFilter.compile(filterText);
    FilterDefinition draft =
        new FilterDefinition(
            name, 1, true, shadow, filterText, routes, shown(author), shown(reason), Instant.EPOCH);
    return write(name, true, expectedVersion, current -> draft);
  }

  /** Writes a version that keeps nothing. */
  public FilterDefinition disable(String name, String author, String reason) {
    return write(
        name,
        false,
        OptionalInt.empty(),
        all -> {
          FilterDefinition d = newest(all);
          return new FilterDefinition(
              name,
              1,
              false,
              d.shadow(),
              d.filter(),
              d.routes(),
              shown(author),
              shown(reason),
              d.at());
        });
  }

  /** Writes {@code version} again as the newest one. */
  public FilterDefinition rollback(String name, int version, String author, String reason) {
    return write(
        name,
        false,
        OptionalInt.empty(),
        all -> {
          FilterDefinition d = all.get(version);
          if (d == null) {
            throw new SwornException(
                ErrorCode.INPUT,
                "filter '" + name + "' has no version " + version + "; there are " + all.keySet());
          }
          AuditFilter.compile(d.filter());
          return new FilterDefinition(
              name,
              1,
              d.enabled(),
              d.shadow(),
              d.filter(),
              d.routes(),
              shown(author),
              shown(reason),
              d.at());
        });
  }

  /** The current version of each filter, disabled ones included, by name. */
  public List<FilterDefinition> list() {
    refresh();
    List<FilterDefinition> current = new ArrayList<>();
    versions.values().forEach(all -> current.add(newest(all)));
    return current;
  }

  /** The current version of one filter. */
  public Optional<FilterDefinition> show(String name) {
    return list().stream().filter(d -> d.name().equals(name)).findFirst();
  }

  /** Every version of one filter, oldest first. */
  public List<FilterDefinition> versions(String name) {
    refresh();
    SortedMap<Integer, FilterDefinition> all = versions.get(name);
    return all == null ? List.of() : List.copyOf(all.values());
  }

  private FilterDefinition write(
      String name,
      boolean create,
      OptionalInt expectedVersion,
      Function<SortedMap<Integer, FilterDefinition>, FilterDefinition> next) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.initTransactions(); // from here on no other writer's change can be committed
      refresh();
      SortedMap<Integer, FilterDefinition> all = versions.getOrDefault(name, new TreeMap<>());
      int current = all.isEmpty() ? 0 : all.lastKey();
      if (expectedVersion.isPresent() && expectedVersion.getAsInt() != current) {
        throw new SwornException(
            ErrorCode.INPUT,
            "filter '"
                + name
                + "' is at version "
                + current
                + ", not "
                + expectedVersion.getAsInt()
                + ": look at it and try again");
      }
      if (all.isEmpty() && !create) {
        throw new SwornException(ErrorCode.INPUT, "there is no filter '" + name + "'");
      }
      FilterDefinition d = next.apply(all);
      FilterDefinition definition =
          new FilterDefinition(
              name,
              current + 1,
              d.enabled(),
              d.shadow(),
              d.filter(),
              d.routes(),
              d.author(),
              d.reason(),
              Instant.now());
      commit(producer, definition);
      refresh();
      return definition;
    } catch (KafkaException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          "filter '" + name + "' was not changed, another change or a fault came first: try again",
          e);
    }
  }

  private static FilterDefinition newest(SortedMap<Integer, FilterDefinition> all) {
    return Objects.requireNonNull(all.get(all.lastKey()));
  }

  private void commit(KafkaProducer<byte[], byte[]> producer, FilterDefinition definition) {
    byte[] value = definition.toBytes();
    producer.beginTransaction();
    for (String key : List.of(definition.label(), definition.name())) {
      producer.send(
          new ProducerRecord<>(topics.filters(), key.getBytes(StandardCharsets.UTF_8), value));
    }
    producer.commitTransaction();
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topics.prefix() + "filter-store");
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 8 * 1024 * 1024);
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Reads on to the end of the topic as it is now. */
  private void refresh() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topics.filters(), WAIT).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, WAIT);
    for (TopicPartition partition : partitions) {
      Long position = positions.get(partition);
      if (position == null) {
        consumer.seekToBeginning(List.of(partition));
      } else {
        consumer.seek(partition, position);
      }
    }
    Instant deadline = Instant.now().plus(WAIT);
    while (partitions.stream()
        .anyMatch(p -> consumer.position(p, WAIT) < ends.getOrDefault(p, 0L))) {
      if (Instant.now().isAfter(deadline)) {
        throw new SwornException(ErrorCode.STORAGE, "topic " + topics.filters() + " was not read");
      }
      consumer.poll(Duration.ofMillis(100)).forEach(this::accept);
    }
    partitions.forEach(p -> positions.put(p, consumer.position(p, WAIT)));
  }

  private void accept(ConsumerRecord<byte[], byte[]> record) {
    FilterDefinition definition = read(record);
    if (definition != null) {
      versions
          .computeIfAbsent(definition.name(), name -> new TreeMap<>())
          .put(definition.version(), definition);
    }
  }

  /** Records that are no definition are the engine's to report; they are no versions. */
  private static @Nullable FilterDefinition read(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return null;
    }
    try {
      return FilterDefinition.fromBytes(record.value());
    } catch (SwornException e) {
      return null;
    }
  }

  private static String shown(String text) {
    return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) : text;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
