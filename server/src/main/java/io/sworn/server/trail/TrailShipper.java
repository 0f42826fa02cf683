package io.sworn.server.trail;

import io.sworn.event.SwornException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends Sworn's own trail to Kafka: in order, as often as it takes, never skipping an event. What
 * was sent twice is dropped behind, by its id.
 */
public final class TrailShipper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TrailShipper.class);

  /** Events of other processes are seen after this time at the latest. */
  private static final long IDLE_MILLIS = 200;

  private static final long RETRY_MILLIS = 1_000;
  private static final int BATCH_MAX = 100;
  private static final Duration DRAIN_MAX = Duration.ofSeconds(5);

  private final SwornTrail trail;
  private final Map<String, Object> properties;
  private final String topic;
  private final Thread thread;
  private volatile boolean closing;

  private TrailShipper(SwornTrail trail, Map<String, Object> kafka, String topic) {
    this.trail = trail;
    this.topic = topic;
    properties = new HashMap<>(kafka);
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L * 1024 * 1024);
    thread = new Thread(this::run, "trail-shipper");
    thread.setDaemon(true);
  }

  /**
   * Starts sending; returns at once, also when no broker answers.
   *
   * @param kafka client properties of a user that may append to the topic
   * @param topic takes one record an event: key = trail, value = the encoded event
   */
  public static TrailShipper start(SwornTrail trail, Map<String, Object> kafka, String topic) {
    TrailShipper shipper = new TrailShipper(trail, kafka, topic);
    shipper.thread.start();
    return shipper;
  }

  private void run() {
    KafkaProducer<String, byte[]> producer = null;
    try {
      while (true) {
        try {
          SortedMap<Long, byte[]> pending = trail.pending(BATCH_MAX);
          if (pending.isEmpty()) {
            if (closing) {
              return;
            }
            trail.await(IDLE_MILLIS);
            continue;
          }
          if (producer == null) {
            producer = new KafkaProducer<>(properties);
          }
          ship(producer, pending);
        } catch (ExecutionException | TimeoutException | KafkaException | SwornException e) {
          LOG.warn("events of Sworn's own are sent again in {} ms", RETRY_MILLIS, e);
          closeNow(producer);
          producer = null;
          if (closing) {
            return; // they are sent after the next start
          }
          trail.await(RETRY_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() gave up waiting
    } finally {
      closeNow(producer);
    }
  }

  /** One at a time: few events, and none can overtake another. */
  private void ship(KafkaProducer<String, byte[]> producer, SortedMap<Long, byte[]> pending)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (byte[] event : pending.values()) {
      producer.send(new ProducerRecord<>(topic, trail.name(), event)).get(60, TimeUnit.SECONDS);
    }
    trail.sent(pending.lastKey());
  }

  private static void closeNow(@Nullable KafkaProducer<String, byte[]> producer) {
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
  }

  /** Sends what waits, for a bounded time; what is left is sent after the next start. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(DRAIN_MAX.toMillis());
      thread.interrupt();
      thread.join(DRAIN_MAX.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
