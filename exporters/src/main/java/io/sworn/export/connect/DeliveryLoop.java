package io.sworn.export.connect;

import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.connect.ReceiptBook.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries batches from the backlog to the destination, on as many threads as batches may be in
 * flight, each with an exporter of its own. Events that are deferred are tried again, for as long
 * as it takes, in their order, while their neighbours are already settled.
 *
 * <p>However many batches are in flight, they are settled in the order in which they were taken:
 * the first event without an outcome holds up everything behind it. Dead letters and receipts are
 * acknowledged before an offset counts as settled.
 */
final class DeliveryLoop {

  private static final Logger LOG = LoggerFactory.getLogger(DeliveryLoop.class);
  private static final long IDLE_MILLIS = 200;

  private final HostSettings settings;
  private final ReceiptBook book;
  private final Backlog backlog;
  private final Object taking = new Object();
  private final Object settling = new Object();

  /** Guards what is told of troubles; never held while anything is waited for. */
  private final Object telling = new Object();

  private final Queue<Flight> flights = new ConcurrentLinkedQueue<>();
  private final CountDownLatch finished;
  private volatile boolean stopping;
  private volatile boolean finishing;
  private volatile @Nullable Throwable failure;
  private final Set<Flight> troubled = new HashSet<>();
  private String trouble = "";
  private long troubledAt;

  /** A batch on its way. Its outcomes are written and read under the lock {@link #settling}. */
  private static final class Flight {
    final List<Backlog.Entry> batch;
    final @Nullable EventOutcome[] outcomes;
    int settled;

    Flight(List<Backlog.Entry> batch) {
      this.batch = batch;
      this.outcomes = new @Nullable EventOutcome[batch.size()];
    }

    /** End of what has outcomes without a gap. */
    int known() {
      int known = settled;
      while (known < outcomes.length && outcomes[known] != null) {
        known++;
      }
      return known;
    }
  }

  /**
   * @param carriers number of threads that will run a {@link #carrier}
   */
  DeliveryLoop(HostSettings settings, ReceiptBook book, Backlog backlog, int carriers) {
    this.settings = settings;
    this.book = book;
    this.backlog = backlog;
    this.finished = new CountDownLatch(carriers);
  }

  /** What ended the loop, if a mistake of ours did. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Why nothing was taken for so long; empty if something was. Answers at once. */
  Optional<String> trouble(Duration atLeast) {
    synchronized (telling) {
      boolean lasting = System.nanoTime() - troubledAt >= atLeast.toNanos();
      return troubled.isEmpty() || !lasting ? Optional.empty() : Optional.of(trouble);
    }
  }

  void stop() {
    stopping = true;
  }

  /**
   * Begins no further batch. Those in progress are still carried to their end, receipts included,
   * unless the destination defers them.
   */
  void finish() {
    finishing = true;
  }

  /** Waits until the last batch has ended; false if it took longer than {@code nanos}. */
  boolean awaitFinished(long nanos) throws InterruptedException {
    return finished.await(nanos, TimeUnit.NANOSECONDS);
  }

  /** The work of one thread. */
  Runnable carrier(Exporter exporter) {
    return () -> {
      try {
        while (!stopping && !finishing) {
          Flight flight = next();
          if (flight != null) {
            carry(flight, exporter);
          }
        }
      } catch (InterruptedException e) {
        // The task stops; what is not settled is read again by whoever takes over.
        Thread.currentThread().interrupt();
      } catch (RuntimeException | Error e) {
        failure = e;
        stopping = true;
        LOG.error("Delivery to {} ended by a mistake of ours", settings.destination(), e);
      } finally {
        finished.countDown();
      }
    };
  }

  /** Takes batches one at a time, so that the queue has them in the order of the backlog. */
  private @Nullable Flight next() throws InterruptedException {
    synchronized (taking) {
      List<Backlog.Entry> batch =
          backlog.take(settings.batchEvents(), settings.batchBytes(), IDLE_MILLIS);
      if (batch.isEmpty()) {
        return null;
      }
      Flight flight = new Flight(batch);
      flights.add(flight);
      return flight;
    }
  }

  private void carry(Flight flight, Exporter exporter) throws InterruptedException {
    for (int attempt = 0; !stopping; attempt++) {
      int before = open(flight);
      EventOutcome.Deferred deferred = deliver(flight, exporter);
      settleInOrder();
      dropClosed(flight);
      if (open(flight) < before) {
        attempt = 0;
        progressed();
      }
      if (open(flight) == 0) {
        settleInOrder();
        tell(flight, "");
        return;
      }
      if (deferred == null) {
        tell(flight, "");
      } else if (finishing) {
        // What the destination did not take stays in Kafka for whoever comes next.
        return;
      } else {
        tell(flight, deferred.reason());
        Thread.sleep(delay(deferred, attempt));
      }
    }
  }

  private void progressed() {
    synchronized (telling) {
      troubledAt = System.nanoTime();
    }
  }

  private int open(Flight flight) {
    synchronized (settling) {
      int open = 0;
      for (EventOutcome outcome : flight.outcomes) {
        open += outcome == null ? 1 : 0;
      }
      return open;
    }
  }

  /** Delivers what has no outcome yet; the longest deferral, or null if nothing was deferred. */
  private EventOutcome.@Nullable Deferred deliver(Flight flight, Exporter exporter)
      throws InterruptedException {
    List<Integer> open = new ArrayList<>();
    List<RoutedEvent> events = new ArrayList<>();
    synchronized (settling) {
      for (int i = 0; i < flight.outcomes.length; i++) {
        Backlog.Entry entry = flight.batch.get(i);
        if (flight.outcomes[i] != null) {
          continue;
        }
        entry.attempts++;
        if (entry.event == null) {
          flight.outcomes[i] = EventOutcome.rejected(entry.unreadable, "");
        } else {
          open.add(i);
          events.add(entry.event);
        }
      }
    }
    if (events.isEmpty()) {
      return null;
    }
    DeliveryReport report = exporter.deliver(events);
    if (report.outcomes().size() != events.size()) {
      throw new IllegalStateException(
          exporter + " gave " + report.outcomes().size() + " answers for " + events.size());
    }
    EventOutcome.Deferred longest = null;
    synchronized (settling) {
      for (int i = 0; i < open.size(); i++) {
        EventOutcome outcome = report.outcomes().get(i);
        if (outcome instanceof EventOutcome.Deferred deferred) {
          if (longest == null || deferred.retryAfter().compareTo(longest.retryAfter()) > 0) {
            longest = deferred;
          }
        } else {
          flight.outcomes[open.get(i)] = outcome;
        }
      }
    }
    return longest;
  }

  /** Settles from the oldest batch on, up to the first event without an outcome. */
  private void settleInOrder() throws InterruptedException {
    synchronized (settling) {
      for (Flight oldest = flights.peek(); oldest != null; oldest = flights.peek()) {
        int known = oldest.known();
        settle(oldest, known);
        if (known < oldest.outcomes.length) {
          return;
        }
        flights.remove();
      }
    }
  }

  /** Writes letters and receipts up to {@code to}, as often as needed, then settles. */
  private void settle(Flight flight, int to) throws InterruptedException {
    List<Settlement> settled = new ArrayList<>();
    for (int i = flight.settled; i < to; i++) {
      EventOutcome outcome = flight.outcomes[i];
      Backlog.Entry entry = flight.batch.get(i);
      if (outcome != null && backlog.holds(entry)) {
        settled.add(new Settlement(entry, outcome));
      }
    }
    boolean letters = false;
    for (int attempt = 0; !settled.isEmpty(); attempt++) {
      try {
        if (!letters) {
          book.writeDeadLetters(settled);
          letters = true; // a failing receipt is no reason to write them again
        }
        book.writeReceipts(settled);
        if (attempt > 0) {
          tell(flight, "");
        }
        break;
      } catch (KafkaException e) {
        tell(flight, "dead letters and receipts cannot be written to Kafka: " + e.getMessage());
        Thread.sleep(delay(EventOutcome.deferred(""), attempt));
      }
    }
    for (; flight.settled < to; flight.settled++) {
      backlog.settle(flight.batch.get(flight.settled));
    }
  }

  /** Records of partitions that we lost meanwhile are somebody else's: give them up. */
  private void dropClosed(Flight flight) {
    synchronized (settling) {
      for (int i = 0; i < flight.outcomes.length; i++) {
        if (flight.outcomes[i] == null && !backlog.holds(flight.batch.get(i))) {
          flight.outcomes[i] = EventOutcome.DELIVERED;
        }
      }
    }
  }

  private long delay(EventOutcome.Deferred deferred, int attempt) {
    long asked = deferred.retryAfter().toMillis();
    if (asked > 0) {
      return Math.min(asked, 10 * settings.retryMax().toMillis());
    }
    long doubled = settings.retryMin().toMillis() << Math.min(attempt, 20);
    long bounded = Math.min(doubled, settings.retryMax().toMillis());
    return bounded / 2 + ThreadLocalRandom.current().nextLong(bounded / 2 + 1);
  }

  /** One line in the log for each change of state; an empty reason says that all is well. */
  private void tell(Flight flight, String reason) {
    synchronized (telling) {
      if (reason.isEmpty()) {
        troubled.remove(flight);
      } else {
        if (troubled.isEmpty()) {
          troubledAt = System.nanoTime();
        }
        troubled.add(flight);
      }
      if (reason.equals(trouble) || (reason.isEmpty() && !troubled.isEmpty())) {
        return;
      }
      trouble = reason;
    }
    if (reason.isEmpty()) {
      LOG.info("{} takes events again", settings.destination());
    } else {
      LOG.warn("{} waits, nothing is lost: {}", settings.destination(), reason);
    }
  }
}
