package io.sworn.benchmark.pipeline;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Time from an event's append to the moment at which a reader of committed records sees its copy in
 * the route's topic, in milliseconds: both ends read the clock of one machine, and the copy carries
 * the timestamp of its original.
 */
final class LatencyProbe {

  private static final Duration SENDING = Duration.ofSeconds(10);
  private static final Duration SETTLING = Duration.ofSeconds(60);

  private final Map<String, Object> kafka;
  private final Bench bench;

  LatencyProbe(Map<String, Object> kafka, Bench bench) {
    this.kafka = kafka;
    this.bench = bench;
  }

  /** One latency per event of a steady stream of {@code rate} events per second. */
  long[] measure(int rate) throws InterruptedException, ExecutionException {
    int count = Math.toIntExact(rate * SENDING.toSeconds());
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  send(rate, count);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      long[] latencies = new long[count];
      int seen = 0;
      long deadline = System.nanoTime() + SENDING.plus(SETTLING).toNanos();
      while (seen < count && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          latencies[seen++] = System.currentTimeMillis() - record.timestamp();
        }
      }
      sender.get();
      if (seen < count) {
        throw new IllegalStateException(
            "of " + count + " events at " + rate + "/s only " + seen + " arrived in time");
      }
      return Arrays.copyOf(latencies, seen);
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("isolation.level", "read_committed");
    settings.put("fetch.max.wait.ms", 10);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions = Bench.partitions(consumer, bench.topics().route(Bench.ROUTE));
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    return consumer;
  }

  private void send(int rate, int count) throws InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer = bench.producer(2)) {
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long due = begin + i * TimeUnit.SECONDS.toNanos(1) / rate;
        long wait = due - System.nanoTime();
        if (wait > 0) {
          TimeUnit.NANOSECONDS.sleep(wait);
        }
        producer.send(bench.record());
      }
    }
  }
}
