package io.sworn.database.testing;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A consumer that notes how long after its own time each new event arrives. */
public final class Arrivals implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Map<Long, Duration> delays = new TreeMap<>();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean stopping;

  Arrivals(Map<String, Object> kafka, String topic) throws InterruptedException {
    thread = new Thread(() -> consume(kafka, topic), "arrivals");
    thread.start();
    ready.await();
  }

  private void consume(Map<String, Object> kafka, String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(kafka, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToEnd(List.of(partition));
      consumer.position(partition);
      ready.countDown();
      while (!stopping) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
          AuditEvent event = AuditEventCodec.decode(record.value());
          synchronized (delays) {
            delays.putIfAbsent(event.sequence(), Duration.between(event.time(), Instant.now()));
            delays.notifyAll();
          }
        }
      }
    } finally {
      ready.countDown();
    }
  }

  /**
   * The delay that nine of ten events kept to, once the event with that sequence has come. One that
   * meets a pause of the machine says nothing of the server.
   */
  public Duration nineOfTen(long sequence) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (delays) {
      while (!delays.containsKey(sequence)) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError("event " + sequence + " did not come; there were " + delays);
        }
        delays.wait(left);
      }
      List<Duration> sorted = delays.values().stream().sorted().toList();
      return sorted.get((sorted.size() - 1) * 9 / 10);
    }
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    thread.join();
  }
}
