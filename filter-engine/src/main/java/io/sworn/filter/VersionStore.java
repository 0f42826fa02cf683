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
import java.util.function.Consumer;
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
 * Definitions of one kind in their compacted topic. Key {@code name} holds the current version, key
 * {@code name@version} each version for good, both written in one transaction; the kind stands
 * before the name.
 *
 * <p>One writer at a time: each change first takes over the transactional id and then reads what is
 * there, so two changes at once cannot both succeed on the same version; the loser gets an error
 * and nothing of it is seen. What one store has written every other reads from then on. Not
 * thread-safe.
 */
final class VersionStore<D extends Versioned<D>> implements AutoCloseable {

  private static final Duration WAIT = Duration.ofSeconds(30);

  /**
   * A writer that dies within its transaction holds up every reader until the broker ends it; the
   * broker looks for such every 10 s, so with this the hold-up is shorter than {@link #WAIT}.
   */
  private static final Duration TRANSACTION_MAX = Duration.ofSeconds(10);

  /**
   * What is told apart in the topic.
   *
   * @param noun what messages call it
   * @param read bytes to definition; a {@link SwornException} if they are none
   */
  record Kind<D>(String noun, DefinitionKey.Kind key, Function<byte[], D> read) {}

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final Kind<D> kind;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** Sees the end of what is written, committed or not. */
  private final KafkaConsumer<byte[], byte[]> ahead;

  private final SortedMap<String, SortedMap<Integer, D>> versions = new TreeMap<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private Consumer<? super D> before = definition -> {};

  private VersionStore(Map<String, Object> kafka, Topics topics, Kind<D> kind) {
    this.kafka = Map.copyOf(kafka);
    this.topics = topics;
    this.kind = kind;
    this.consumer = consumer(kafka);
    this.ahead = consumer(kafka, "read_uncommitted");
  }

  /** Opens the store; the topic must exist. */
  static <D extends Versioned<D>> VersionStore<D> connect(
      Map<String, Object> kafka, Topics topics, Kind<D> kind) {
    VersionStore<D> store = new VersionStore<>(kafka, topics, kind);
    try {
      store.refresh();
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> kafka) {
    return consumer(kafka, "read_committed");
  }

  private static KafkaConsumer<byte[], byte[]> consumer(
      Map<String, Object> kafka, String isolation) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The current version of each, by name. */
  List<D> list() {
    refresh();
    List<D> current = new ArrayList<>();
    versions.values().forEach(all -> current.add(newest(all)));
    return current;
  }

  /** Every version of one, oldest first. */
  List<D> versions(String name) {
    refresh();
    SortedMap<Integer, D> all = versions.get(name);
    return all == null ? List.of() : List.copyOf(all.values());
  }

  static <D> D newest(SortedMap<Integer, D> all) {
    return Objects.requireNonNull(all.get(all.lastKey()));
  }

  /** From now on {@code notice} hears of each version that is checked and about to be written. */
  void before(Consumer<? super D> notice) {
    before = notice;
  }

  /**
   * Writes a new version.
   *
   * @param first what counts as the first version of a name that was never written; it is written
   *     along with the change
   * @param create whether the name may be new
   * @param expected the version that must be current, 0 = none
   * @param next the new version, given all former ones; its number and time are set here; empty:
   *     nothing is to change
   * @return the version that is current now
   */
  D write(
      String name,
      Optional<D> first,
      boolean create,
      OptionalInt expected,
      Function<SortedMap<Integer, D>, Optional<D>> next) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.initTransactions(); // from here on no other writer's change can be committed
      refresh();
      SortedMap<Integer, D> all = new TreeMap<>(versions.getOrDefault(name, new TreeMap<>()));
      List<D> records = new ArrayList<>(2);
      if (all.isEmpty() && first.isPresent()) {
        all.put(first.get().version(), first.get());
        records.add(first.get());
      }
      int current = all.isEmpty() ? 0 : all.lastKey();
      if (expected.isPresent() && expected.getAsInt() != current) {
        throw new SwornException(
            ErrorCode.INPUT,
            kind.noun
                + " '"
                + name
                + "' is at version "
                + current
                + ", not "
                + expected.getAsInt()
                + ": look at it and try again");
      }
      if (all.isEmpty() && !create) {
        throw new SwornException(ErrorCode.INPUT, "there is no " + kind.noun + " '" + name + "'");
      }
      Optional<D> draft = next.apply(all);
      if (draft.isEmpty()) {
        return newest(all);
      }
      D definition = draft.get().as(current + 1, Instant.now());
      records.add(definition);
      before.accept(definition); // every check is behind us; if this throws, nothing is written
      commit(producer, records, definition);
      records.forEach(this::remember);
      return definition;
    } catch (KafkaException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          kind.noun
              + " '"
              + name
              + "' was not changed, another change or a fault came first: try again",
          e);
    }
  }

  private void commit(KafkaProducer<byte[], byte[]> producer, List<D> versions, D current) {
    producer.beginTransaction();
    versions.forEach(version -> send(producer, version.label(), version));
    send(producer, current.name(), current);
    // Without it the producer's thread may send the commit before the records: it looks for open
    // batches first and for the commit after, and both may come in between. The broker then knows
    // of no transaction (InvalidTxnStateException), or of the first batch alone.
    producer.flush();
    producer.commitTransaction();
  }

  private void send(KafkaProducer<byte[], byte[]> producer, String name, D definition) {
    byte[] key = kind.key.of(name).getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(topics.filters(), key, definition.toBytes()));
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topics.prefix() + "filter-store");
    properties.put(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(TRANSACTION_MAX.toMillis()));
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 8 * 1024 * 1024);
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Reads on to the end of the topic as it is now. A commit returns to its writer before its marker
   * is written, and the end of what is committed lies before it until then; so the end of what is
   * written counts, and an open transaction is waited for.
   */
  private void refresh() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topics.filters(), WAIT).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    ahead.assign(partitions); // else it warns of each answer
    Map<TopicPartition, Long> ends = ahead.endOffsets(partitions, WAIT);
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
        throw new SwornException(
            ErrorCode.STORAGE,
            "topic "
                + topics.filters()
                + " could not be read to its end within "
                + WAIT.toSeconds()
                + " s, another change is still open or the broker is slow: try again");
      }
      consumer.poll(Duration.ofMillis(100)).forEach(this::accept);
    }
    partitions.forEach(p -> positions.put(p, consumer.position(p, WAIT)));
  }

  private void accept(ConsumerRecord<byte[], byte[]> record) {
    D definition = read(record);
    if (definition != null) {
      remember(definition);
    }
  }

  private void remember(D definition) {
    versions
        .computeIfAbsent(definition.name(), name -> new TreeMap<>())
        .put(definition.version(), definition);
  }

  /** Records that are no definition are the engine's to report; they are no versions. */
  private @Nullable D read(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null || DefinitionKey.Kind.of(record.key()) != kind.key) {
      return null;
    }
    try {
      return kind.read.apply(record.value());
    } catch (SwornException e) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      consumer.close();
    } finally {
      ahead.close();
    }
  }
}
