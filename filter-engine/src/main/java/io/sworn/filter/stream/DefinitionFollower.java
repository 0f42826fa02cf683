package io.sworn.filter.stream;

import io.sworn.event.SwornException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the topic of definitions from its beginning, on a thread of its own. */
final class DefinitionFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DefinitionFollower.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** What is done with the records; always from the same thread. */
  interface Reader {
    /** The next record; true if it changes anything. Records come again after a fault. */
    boolean accept(ConsumerRecord<byte[], byte[]> record) throws InterruptedException;

    /** Something has changed, and all that the topic held at the start is taken up. */
    void publish();
  }

  private final Map<String, Object> kafka;
  private final String topic;
  private final Reader reader;
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean connected = true;

  /** Questions whether all is read, each with the next number; those up to the second are true. */
  private final AtomicLong asked = new AtomicLong();

  private volatile long answered;

  DefinitionFollower(String name, Map<String, Object> kafka, String topic, Reader reader) {
    this.kafka = kafka;
    this.topic = topic;
    this.reader = reader;
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Waits until everything that the topic held at the start is taken up. */
  boolean awaitCaughtUp(Duration wait) throws InterruptedException {
    return caughtUp.await(wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Tells, when it is asked, whether everything is taken up that the topic holds now. */
  BooleanSupplier readUntilNow() {
    long number = asked.incrementAndGet();
    return () -> answered >= number;
  }

  boolean connected() {
    return connected && thread.isAlive();
  }

  private void run() {
    while (!closed) {
      try {
        follow();
      } catch (WakeupException | InterruptException | InterruptedException e) {
        return; // only close() does that
      } catch (KafkaException | SwornException e) {
        connected = false;
        LOG.warn("{}: definitions cannot be read, trying again", thread.getName(), e);
        try {
          TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException end) {
          return;
        }
      }
    }
  }

  /** Reads all from the beginning, so that a new attempt sees whatever the last one missed. */
  private void follow() throws InterruptedException {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long question = asked.get();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      boolean some = false;
      while (!closed) {
        if (question == answered && question != asked.get()) {
          question = asked.get(); // first, so that the ends are later than what is answered
          ends = consumer.endOffsets(partitions);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          some |= reader.accept(record);
        }
        boolean all = true;
        for (TopicPartition partition : partitions) {
          all &= consumer.position(partition) >= ends.getOrDefault(partition, 0L);
        }
        if (all && (some || caughtUp.getCount() > 0)) {
          reader.publish();
          some = false;
          caughtUp.countDown();
        }
        if (all) {
          answered = question;
        }
        connected = true;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(3_000); // it looks at the flag several times a second
      thread.interrupt();
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
