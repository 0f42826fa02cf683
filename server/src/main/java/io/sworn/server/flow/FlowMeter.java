package io.sworn.server.flow;

import io.sworn.event.DeliveryReceipt;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.event.TrailAccount;
import io.sworn.export.DeliveryLedger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the law of conservation. Each number comes from where it arises: emitted from the
 * journal, archived from the archive, duplicates and gaps from the filter engine's accounts, kept
 * by counting the records of the route topics, delivered and refused from the exporters' receipts,
 * in flight by counting the records behind the last settled offset. Nothing is derived from another
 * number, so that a sum that does not add up shows.
 *
 * <p>Counts from the beginning of the topics; what retention has removed is not counted.
 */
public final class FlowMeter implements AutoCloseable {

  /** A destination and the route that feeds it. */
  public record Destination(String name, String route) {}

  private static final Logger LOG = LoggerFactory.getLogger(FlowMeter.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Topics topics;
  private final List<Destination> destinations;
  private final LongSupplier emitted;
  private final LongSupplier archived;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final Object lock = new Object();
  private final DeliveryLedger ledger = new DeliveryLedger();
  private final Map<String, TrailAccount> accounts = new HashMap<>();
  private final Map<String, Long> kept = new HashMap<>();
  private final Map<TopicPartition, OpenOffsets> open = new HashMap<>();
  private volatile boolean closing;
  private long rounds;
  private boolean caughtUp;

  private FlowMeter(
      Map<String, Object> kafka,
      Topics topics,
      List<Destination> destinations,
      LongSupplier emitted,
      LongSupplier archived) {
    this.topics = topics;
    this.destinations = List.copyOf(destinations);
    this.emitted = emitted;
    this.archived = archived;
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", false);
    properties.put("max.poll.records", 5_000);
    properties.put("fetch.max.bytes", 4 * 1024 * 1024);
    properties.put("max.partition.fetch.bytes", 1024 * 1024);
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    thread = new Thread(this::run, "flow-meter");
    thread.setDaemon(true);
  }

  /**
   * Starts measuring.
   *
   * @param kafka client properties of a user that may read all topics
   * @param emitted events in the journal
   * @param archived distinct events in the archive
   */
  public static FlowMeter start(
      Map<String, Object> kafka,
      Topics topics,
      List<Destination> destinations,
      LongSupplier emitted,
      LongSupplier archived) {
    FlowMeter meter = new FlowMeter(kafka, topics, destinations, emitted, archived);
    meter.assign();
    meter.thread.start();
    return meter;
  }

  private void assign() {
    Set<String> names = new TreeSet<>(Set.of(topics.accounts(), topics.deliveries()));
    destinations.forEach(destination -> names.add(topics.route(destination.route())));
    List<TopicPartition> partitions = new ArrayList<>();
    for (String name : names) {
      for (PartitionInfo info : consumer.partitionsFor(name)) {
        partitions.add(new TopicPartition(name, info.partition()));
      }
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  private void run() {
    while (!closing) {
      try {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        boolean behind = true;
        while (behind && !closing) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            synchronized (lock) {
              take(record);
            }
          }
          behind =
              ends.entrySet().stream()
                  .anyMatch(end -> consumer.position(end.getKey()) < end.getValue());
        }
        synchronized (lock) {
          rounds++;
          caughtUp = true;
          forgetSettled();
          lock.notifyAll();
        }
      } catch (WakeupException e) {
        // close() woke us; the loop's condition ends it.
      } catch (KafkaException e) {
        LOG.warn("the flow cannot be measured now: {}", e.getMessage());
        synchronized (lock) {
          caughtUp = false;
        }
        pause();
      }
    }
    consumer.close();
  }

  private void pause() {
    synchronized (lock) {
      try {
        if (!closing) {
          lock.wait(RETRY.toMillis());
        }
      } catch (InterruptedException e) {
        closing = true;
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.topic().equals(topics.deliveries())) {
        ledger.add(SwornJson.read(record.value(), DeliveryReceipt.class));
      } else if (record.topic().equals(topics.accounts())) {
        if (record.value() != null) {
          accounts.put(
              new String(record.key(), StandardCharsets.UTF_8),
              SwornJson.read(record.value(), TrailAccount.class));
        }
      } else {
        kept.merge(record.topic(), 1L, Long::sum);
        open.computeIfAbsent(
                new TopicPartition(record.topic(), record.partition()), p -> new OpenOffsets())
            .add(record.offset());
      }
    } catch (SwornException | IllegalArgumentException e) {
      LOG.error(
          "{}-{}@{} cannot be counted: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
    }
  }

  private void forgetSettled() {
    open.forEach(
        (partition, offsets) ->
            offsets.dropBefore(
                destinations.stream()
                    .filter(d -> topics.route(d.route()).equals(partition.topic()))
                    .mapToLong(d -> settled(d, partition))
                    .min()
                    .orElse(0)));
  }

  private long settled(Destination destination, TopicPartition partition) {
    return ledger.settledOffset(destination.name(), partition.topic(), partition.partition());
  }

  /** The numbers as far as they have been read. */
  public FlowSnapshot snapshot() {
    synchronized (lock) {
      SortedMap<String, DestinationFlow> flows = new TreeMap<>();
      DeliveryLedger.Totals none = new DeliveryLedger.Totals(0, 0);
      Map<String, DeliveryLedger.Totals> totals = ledger.totals();
      for (Destination destination : destinations) {
        String topic = topics.route(destination.route());
        long inFlight = 0;
        for (Map.Entry<TopicPartition, OpenOffsets> lane : open.entrySet()) {
          if (lane.getKey().topic().equals(topic)) {
            inFlight += lane.getValue().countFrom(settled(destination, lane.getKey()));
          }
        }
        DeliveryLedger.Totals total = totals.getOrDefault(destination.name(), none);
        flows.put(
            destination.name(),
            new DestinationFlow(
                destination.route(),
                kept.getOrDefault(topic, 0L),
                total.delivered(),
                total.rejected(),
                inFlight));
      }
      return new FlowSnapshot(
          emitted.getAsLong(),
          archived.getAsLong(),
          accounts.values().stream().mapToLong(TrailAccount::duplicates).sum(),
          accounts.values().stream().mapToLong(TrailAccount::gaps).sum(),
          accounts.values().stream().mapToLong(TrailAccount::undecidable).sum(),
          flows,
          System.currentTimeMillis());
    }
  }

  /** Distinct events that the filter engine has judged, over all trails. */
  public long judged() {
    synchronized (lock) {
      return accounts.values().stream().mapToLong(TrailAccount::distinct).sum();
    }
  }

  /**
   * The numbers after everything that was committed before this call has been read.
   *
   * @throws InterruptedException if interrupted while waiting
   */
  public FlowSnapshot fresh(Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    synchronized (lock) {
      // The round that runs now may have asked for the ends before this call; the next one did not.
      long wanted = rounds + 2;
      while ((rounds < wanted || !caughtUp) && !closing) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          break;
        }
        lock.wait(millis);
      }
      return snapshot();
    }
  }

  /** Names of the destinations. */
  public Set<String> destinations() {
    Set<String> names = new HashSet<>();
    destinations.forEach(destination -> names.add(destination.name()));
    return names;
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    synchronized (lock) {
      lock.notifyAll();
    }
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
