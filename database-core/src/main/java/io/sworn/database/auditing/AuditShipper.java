package io.sworn.database.auditing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a journal to Kafka: in order, as often as it takes, never skipping an event. Downstream may
 * see an event twice (after a failure or a restart), never a hole. After a failure one event is
 * tried alone until it is taken, so a broker that refuses for long is not sent the same batch again
 * and again. What waits lies in the journal's files; memory holds one batch.
 */
public final class AuditShipper implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AuditShipper.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long IDLE_MILLIS = 20;

  /** What comes within this time behind a small batch travels together. */
  private static final long GATHER_MILLIS = 10;

  /** A batch of fewer bytes is small: a request costs as much as encoding many events. */
  private static final int SMALL_BYTES = 256 * 1024;

  private static final long BACKOFF_MILLIS_MAX = 5_000;
  private static final int EVENT_MARGIN_BYTES = 64 * 1024;

  private final AuditJournal journal;
  private final Map<String, Object> properties;
  private final String topic;
  private final Thread thread;
  private volatile boolean stopping;
  private boolean cautious;

  private AuditShipper(
      AuditJournal journal, Map<String, Object> kafka, String topic, Duration patience) {
    this.journal = journal;
    this.topic = topic;
    properties = new HashMap<>(kafka);
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
    // One in flight: a first batch refused by a moving leader cannot be overtaken by the second.
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    int patienceMillis = Math.toIntExact(patience.toMillis());
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, patienceMillis / 3);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, patienceMillis);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, patienceMillis / 3);
    properties.put(
        ProducerConfig.MAX_REQUEST_SIZE_CONFIG, AuditJournal.EVENT_BYTES_MAX + EVENT_MARGIN_BYTES);
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    thread = new Thread(this::run, "audit-shipper");
    thread.setDaemon(true);
  }

  /**
   * Starts sending from the acknowledged position; returns at once, also when no broker answers.
   *
   * @param kafka client properties
   * @param topic takes one record per event: key = trail, value = the encoded event
   */
  public static AuditShipper start(AuditJournal journal, Map<String, Object> kafka, String topic) {
    return start(journal, kafka, topic, PATIENCE);
  }

  /** With another time after which a producer that gets no answer is replaced. */
  static AuditShipper start(
      AuditJournal journal, Map<String, Object> kafka, String topic, Duration patience) {
    AuditShipper shipper = new AuditShipper(journal, kafka, topic, patience);
    shipper.thread.start();
    return shipper;
  }

  private void run() {
    KafkaProducer<String, byte[]> producer = null;
    long backoff = 100;
    try {
      while (!stopping) {
        try {
          if (producer == null) {
            producer = new KafkaProducer<>(properties);
          }
          long bytes = ship(producer);
          if (bytes > 0) {
            backoff = 100;
          }
          if (bytes < SMALL_BYTES) {
            pause(bytes == 0 ? IDLE_MILLIS : GATHER_MILLIS);
          }
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
          if (e instanceof KafkaException || !(e instanceof RuntimeException)) {
            tell(backoff, String.valueOf(e.getMessage()), null);
          } else {
            tell(backoff, "a mistake of ours or of the disk", e);
          }
          cautious = true;
          closeQuietly(producer);
          producer = null;
          pause(backoff);
          backoff = Math.min(2 * backoff, BACKOFF_MILLIS_MAX);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() asks for the end
    } finally {
      closeQuietly(producer);
    }
  }

  private void tell(long backoff, String reason, @Nullable Exception cause) {
    log.warn(
        "audit events from {} on are sent again in {} ms: {}",
        journal.shippedSequence() + 1,
        backoff,
        reason,
        cause);
  }

  /** Sends one batch and waits for all of it; its size, 0 if there was none. */
  private long ship(KafkaProducer<String, byte[]> producer)
      throws InterruptedException, ExecutionException, TimeoutException {
    journal.tidy();
    long first = journal.shippedSequence() + 1;
    List<byte[]> events = journal.read(first);
    if (events.isEmpty()) {
      return 0;
    }
    if (cautious) {
      events = events.subList(0, 1);
    }
    List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
    long bytes = 0;
    for (byte[] event : events) {
      bytes += event.length;
      sent.add(producer.send(new ProducerRecord<>(topic, journal.trail(), event)));
    }
    producer.flush();
    long acknowledged = first - 1;
    try {
      for (Future<RecordMetadata> one : sent) {
        one.get(60, TimeUnit.SECONDS);
        acknowledged++;
      }
    } finally {
      journal.shipped(acknowledged);
    }
    cautious = false;
    return bytes;
  }

  private void pause(long millis) throws InterruptedException {
    synchronized (this) {
      if (!stopping) {
        wait(millis);
      }
    }
  }

  private static void closeQuietly(@Nullable KafkaProducer<String, byte[]> producer) {
    if (producer != null) {
      try {
        producer.close(Duration.ZERO);
      } catch (KafkaException e) {
        log.debug("closing a producer", e);
      }
    }
  }

  /** Waits until everything appended before the call is acknowledged; false if time ran out. */
  public boolean drain(Duration limit) {
    long target = journal.lastSequence();
    long end = System.nanoTime() + limit.toNanos();
    synchronized (journal) {
      while (journal.shippedSequence() < target) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        try {
          journal.wait(Math.min(left, 100));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
    }
    return true;
  }

  /** Stops at once; what is not acknowledged stays in the journal. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    thread.interrupt();
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
