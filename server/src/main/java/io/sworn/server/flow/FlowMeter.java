package io.sworn.server.flow;

import io.sworn.event.DeliveryReceipt;
import io.sworn.event.FilterAccount;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.event.TrailAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
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
 * journal, archived from the archive, judged, duplicates and gaps from the filter engine's
 * accounts, kept by counting the records of the route topics, delivered and refused from the
 * exporters' receipts, in flight by counting the records behind the last settled offset. Nothing is
 * derived from another number, so that a sum that does not add up shows.
 *
 * <p>Numbers that are compared must be of one moment, though they are read one after the other. The
 * meter works in rounds: it reads all topics to the ends they had when the round began, then the
 * routes alone to the ends that they have by now. Whatever a receipt or an account that was read
 * speaks of was in its route before, so it is counted there too. Only then the sums are shown.
 *
 * <p>Counts from the beginning of the topics: what was settled and removed is counted no more, what
 * was removed unsettled is counted as lost.
 */
public final class FlowMeter implements AutoCloseable {

  /** A destination and the route that feeds it. */
  public record Destination(String name, String route) {}

  /**
   * What stands at the beginning of the flow.
   *
   * @param emitted events in the journal
   * @param archived distinct events of the counted trails in the archive
   * @param trails which trails {@code emitted} and {@code archived} count
   * @param uncounted which of the two numbers is counted elsewhere
   */
  public record Source(
      LongSupplier emitted,
      LongSupplier archived,
      Predicate<String> trails,
      Set<FlowSnapshot.End> uncounted) {

    /** Where both are counted here. */
    public Source(LongSupplier emitted, LongSupplier archived, Predicate<String> trails) {
      this(emitted, archived, trails, Set.of());
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(FlowMeter.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Topics topics;
  private final Source source;
  private final FlowTally tally;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> all = new ArrayList<>();
  private final List<TopicPartition> routes = new ArrayList<>();
  private final Thread thread;
  private final Object lock = new Object();
  private volatile boolean closing;
  private volatile FlowTally.Sums sums;
  private long rounds;
  private boolean caughtUp;

  private FlowMeter(
      Map<String, Object> kafka, Topics topics, List<Destination> destinations, Source source) {
    this.topics = topics;
    this.source = source;
    tally = new FlowTally(topics, List.copyOf(destinations), source.trails());
    sums = tally.sums();
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", false);
    properties.put("max.poll.records", 5_000);
    properties.put("fetch.max.bytes", 4 * 1024 * 1024);
    properties.put("max.partition.fetch.bytes", 1024 * 1024);
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      assign(destinations);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
    thread = new Thread(this::run, "flow-meter");
    thread.setDaemon(true);
  }

  /**
   * Starts measuring.
   *
   * @param kafka client properties of a user that may read all topics
   * @throws KafkaException if the topics cannot be asked for
   */
  public static FlowMeter start(
      Map<String, Object> kafka, Topics topics, List<Destination> destinations, Source source) {
    FlowMeter meter = new FlowMeter(kafka, topics, destinations, source);
    meter.thread.start();
    return meter;
  }

  private void assign(List<Destination> destinations) {
    Set<String> names = new TreeSet<>();
    destinations.forEach(destination -> names.add(topics.route(destination.route())));
    names.forEach(name -> routes.addAll(partitions(name)));
    all.addAll(routes);
    all.addAll(partitions(topics.accounts()));
    all.addAll(partitions(topics.deliveries()));
    consumer.assign(all);
    consumer.beginningOffsets(routes).forEach(tally::begin);
    consumer.seekToBeginning(all);
  }

  private List<TopicPartition> partitions(String topic) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (PartitionInfo info : consumer.partitionsFor(topic)) {
      partitions.add(new TopicPartition(topic, info.partition()));
    }
    return partitions;
  }

  private void run() {
    while (!closing) {
      try {
        round();
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

  private void round() {
    consumer.resume(all);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    poll();
    readTo(ends);
    List<TopicPartition> others = new ArrayList<>(all);
    others.removeAll(routes);
    consumer.pause(others);
    readTo(consumer.endOffsets(routes));
    if (closing) {
      return;
    }
    synchronized (lock) {
      sums = tally.sums();
      rounds++;
      caughtUp = true;
      lock.notifyAll();
    }
  }

  private void readTo(Map<TopicPartition, Long> ends) {
    while (!closing && isBehind(ends)) {
      poll();
    }
  }

  private boolean isBehind(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue());
  }

  private void poll() {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      take(record);
    }
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
        delivery(record);
      } else if (record.topic().equals(topics.accounts())) {
        account(record);
      } else {
        tally.copied(new TopicPartition(record.topic(), record.partition()), record.offset());
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

  private void delivery(ConsumerRecord<byte[], byte[]> record) {
    if (RecordKind.of(record) == null) {
      tally.receipt(SwornJson.read(record.value(), DeliveryReceipt.class));
    } else { // a loss, or what a later version knows
      tally.losses().read(record);
    }
  }

  private void account(ConsumerRecord<byte[], byte[]> record) {
    String kind = RecordKind.of(record);
    if (record.value() == null) {
      return;
    }
    if (kind == null) {
      tally.account(SwornJson.read(record.value(), TrailAccount.class));
    } else if (FilterAccount.KIND.equals(kind)) {
      tally.filter(SwornJson.read(record.value(), FilterAccount.class));
    }
  }

  /** Whether the last round came to its end, so that nothing read earlier is waited for. */
  public boolean caughtUp() {
    synchronized (lock) {
      return caughtUp;
    }
  }

  /** Distinct events that each filter matched in the version that judges now, as last read. */
  public SortedMap<String, Long> hits() {
    return sums.hits();
  }

  /** The numbers of the last round, beside those of journal and archive at this moment. */
  public FlowSnapshot snapshot() {
    FlowTally.Sums read = sums;
    // In this order an event that comes meanwhile is emitted and not yet archived, never reverse.
    long archived = source.archived().getAsLong();
    long emitted = source.emitted().getAsLong();
    return new FlowSnapshot(
        emitted,
        archived,
        read.judged(),
        read.duplicates(),
        read.gaps(),
        read.undecidable(),
        read.destinations(),
        System.currentTimeMillis(),
        source.uncounted());
  }

  /**
   * The numbers after everything that was committed before this call has been read; those of the
   * last round if that takes longer than {@code atMost}, which a caller sees by what is still on
   * its way.
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
    }
    return snapshot();
  }

  /**
   * Fresh numbers, read again and again until they are as {@code wanted}, at most so long; the last
   * ones then.
   *
   * @param before asked before each reading, which counts only if it said yes: for what must be
   *     true of the moment at which the numbers begin
   * @throws InterruptedException if interrupted while waiting
   */
  public FlowSnapshot await(BooleanSupplier before, Predicate<FlowSnapshot> wanted, Duration atMost)
      throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    Duration left = atMost;
    while (true) {
      boolean counts = before.getAsBoolean();
      FlowSnapshot flow = fresh(left);
      left = Duration.ofNanos(deadline - System.nanoTime());
      if ((counts && wanted.test(flow)) || closing || left.isNegative() || left.isZero()) {
        return flow;
      }
    }
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
