package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.evidence.Checkpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills an archive from {@code audit.events}, exactly once: the offsets to continue from are in the
 * archive, in the same batch as the events, and Kafka's own group offsets are not used. Publishes
 * signed checkpoints to {@code audit.checkpoints}, and compares the archive with the newest of them
 * before it takes the first event.
 *
 * <p>Trouble with Kafka is waited out and retried; trouble with the archive ends the work, because
 * corrupt evidence is never handled, and shows in {@link #failure()}.
 */
public final class ArchiveIngest implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ArchiveIngest.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration PARTITIONS_REFRESH = Duration.ofSeconds(10);
  private static final Duration PUBLISH_MAX = Duration.ofSeconds(10);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(30);

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final Archive archive;
  private final CheckpointSettings settings;
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;
  private volatile @Nullable RuntimeException failure;
  private long checkpointedAtNanos = System.nanoTime();
  private boolean compared;
  private long publishedSize = -1;
  private long partitionsReadAtNanos;

  private ArchiveIngest(
      Map<String, Object> kafka, Topics topics, Archive archive, CheckpointSettings settings) {
    this.kafka = Map.copyOf(kafka);
    this.topics = topics;
    this.archive = archive;
    this.settings = settings;
    this.checkpointedAtNanos -= settings.interval().toNanos();
    this.thread = new Thread(this::run, "archive-ingest");
  }

  /**
   * When checkpoints are signed: only after new events, and then as soon as one of both is reached.
   *
   * @param interval time since the last one, 100 ms to 60 s
   * @param events events since the last one, 1 to 10,000
   */
  public record CheckpointSettings(Duration interval, int events) {

    /** Every 5 seconds or 10,000 events. */
    public static final CheckpointSettings DEFAULT =
        new CheckpointSettings(Duration.ofSeconds(5), 10_000);

    /** Checks the bounds. */
    public CheckpointSettings {
      if (interval.toMillis() < 100 || interval.toMillis() > 60_000) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            "checkpoint interval " + interval + ": 100 ms to 60 s expected");
      }
      if (events < 1 || events > 10_000) {
        throw new SwornException(
            ErrorCode.CONFIGURATION, "checkpoint events " + events + ": 1 to 10000 expected");
      }
    }
  }

  /** Starts with default settings; {@code archive} stays the caller's to close, after this. */
  public static ArchiveIngest start(Map<String, Object> kafka, Topics topics, Archive archive) {
    return start(kafka, topics, archive, CheckpointSettings.DEFAULT);
  }

  /** Starts the thread that reads, appends and signs. Both topics exist already. */
  public static ArchiveIngest start(
      Map<String, Object> kafka, Topics topics, Archive archive, CheckpointSettings settings) {
    ArchiveIngest ingest = new ArchiveIngest(kafka, topics, archive, settings);
    ingest.thread.start();
    return ingest;
  }

  /** Whether it works, or waits for Kafka. */
  public boolean healthy() {
    return failure == null && thread.isAlive();
  }

  /** What ended the work, if something did. */
  public Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    try {
      while (!closing) {
        try {
          work();
        } catch (WakeupException e) {
          LOG.debug("woken up to close");
        } catch (KafkaException e) {
          LOG.warn("archive: Kafka does not answer, trying again in {}", RETRY, e);
          pause();
        }
      }
    } catch (RuntimeException e) {
      failure = e;
      LOG.error("archive: stopped taking events", e);
    }
  }

  private synchronized void pause() {
    try {
      if (!closing) {
        wait(RETRY.toMillis());
      }
    } catch (InterruptedException e) {
      closing = true;
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    if (!compared) {
      PublishedCheckpoint.check(kafka, topics, archive);
      compared = true;
    }
    archive.source(topicId());
    try (KafkaConsumer<byte[], byte[]> events = new KafkaConsumer<>(consumerSettings());
        KafkaProducer<String, String> checkpoints = new KafkaProducer<>(producerSettings())) {
      consumer = events;
      partitionsReadAtNanos = System.nanoTime() - PARTITIONS_REFRESH.toNanos();
      while (!closing) {
        assign(events);
        try {
          take(events.poll(POLL));
        } catch (OffsetOutOfRangeException e) {
          LOG.error("archive: events are gone from the topic before they were archived", e);
          events.seekToBeginning(e.offsetOutOfRangePartitions().keySet());
        }
        publish(checkpoints, false);
      }
      publish(checkpoints, true);
    } finally {
      consumer = null;
    }
  }

  private String topicId() {
    try (Admin admin = Admin.create(kafka)) {
      TopicDescription topic =
          admin
              .describeTopics(List.of(topics.events()))
              .allTopicNames()
              .get(PUBLISH_MAX.toMillis(), TimeUnit.MILLISECONDS)
              .get(topics.events());
      return Objects.requireNonNull(topic).topicId().toString();
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("topic " + topics.events() + " is not described", e);
    } catch (InterruptedException e) {
      closing = true;
      Thread.currentThread().interrupt();
      throw new WakeupException();
    }
  }

  /** Takes up partitions, also those added later, where the archive says. */
  private void assign(KafkaConsumer<byte[], byte[]> events) {
    if (System.nanoTime() - partitionsReadAtNanos < PARTITIONS_REFRESH.toNanos()) {
      return;
    }
    Collection<TopicPartition> partitions =
        events.partitionsFor(topics.events()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    partitionsReadAtNanos = System.nanoTime();
    if (events.assignment().size() == partitions.size()) {
      return;
    }
    events.assign(partitions);
    Map<Integer, Long> offsets = archive.offsets();
    List<TopicPartition> fresh = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      Long offset = offsets.get(partition.partition());
      if (offset == null) {
        fresh.add(partition);
      } else {
        events.seek(partition, offset);
      }
    }
    if (!fresh.isEmpty()) { // an empty list would mean all partitions
      events.seekToBeginning(fresh);
    }
  }

  private void take(ConsumerRecords<byte[], byte[]> records) {
    if (records.nextOffsets().isEmpty()) {
      return;
    }
    List<ArchiveRecord> batch = new ArrayList<>(records.count());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      byte[] value = record.value() == null ? new byte[0] : record.value();
      batch.add(new ArchiveRecord(record.partition(), record.offset(), value));
    }
    Map<Integer, Long> next = new HashMap<>();
    records.nextOffsets().forEach((tp, offset) -> next.put(tp.partition(), offset.offset()));
    archive.append(batch, next);
  }

  private void publish(KafkaProducer<String, String> producer, boolean now) {
    long size = archive.size();
    if (size == publishedSize) {
      return;
    }
    long waited = System.nanoTime() - checkpointedAtNanos;
    boolean due =
        waited >= settings.interval().toNanos()
            || size - Math.max(0, publishedSize) >= settings.events();
    if (!due && !now) {
      return;
    }
    Checkpoint checkpoint = archive.checkpoint();
    checkpointedAtNanos = System.nanoTime();
    try {
      producer
          .send(
              new ProducerRecord<>(
                  topics.checkpoints(), checkpoint.origin(), checkpoint.toString()))
          .get(PUBLISH_MAX.toMillis(), TimeUnit.MILLISECONDS);
      publishedSize = checkpoint.size();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("checkpoint over {} events is signed but not published yet", checkpoint.size(), e);
    } catch (InterruptedException e) {
      closing = true;
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, Object> consumerSettings() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 32 << 20);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return settings;
  }

  private Map<String, Object> producerSettings() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    return settings;
  }

  /**
   * Stops after the batch in hand and signs a last checkpoint. Waits up to 30 seconds; the archive
   * may be closed afterwards.
   */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    try {
      thread.join(CLOSE_MAX.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    KafkaConsumer<byte[], byte[]> stuck = consumer;
    if (stuck != null) {
      stuck.wakeup();
    }
  }
}
