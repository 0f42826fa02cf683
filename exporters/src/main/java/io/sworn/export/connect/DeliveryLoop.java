package io.sworn.export.connect;

import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.connect.ReceiptBook.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that carries batches from the backlog to the destination. A batch is finished before
 * the next begins: deferred events are tried again, for as long as it takes, in their order, while
 * their neighbours are already settled. Dead letters and receipts are acknowledged before an offset
 * counts as settled.
 */
final class DeliveryLoop implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(DeliveryLoop.class);
  private static final long IDLE_MILLIS = 200;

  private final HostSettings settings;
  private final Exporter exporter;
  private final ReceiptBook book;
  private final Backlog backlog;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean stopping;
  private volatile boolean finishing;
  private volatile @Nullable Throwable failure;
  private String trouble = "";

  DeliveryLoop(HostSettings settings, Exporter exporter, ReceiptBook book, Backlog backlog) {
    this.settings = settings;
    this.exporter = exporter;
    this.book = book;
    this.backlog = backlog;
  }

  /** What ended the loop, if a mistake of ours did. */
  @Nullable Throwable failure() {
    return failure;
  }

  void stop() {
    stopping = true;
  }

  /**
   * Begins no further batch. The one in progress is still carried to its end, receipts included,
   * unless the destination defers it.
   */
  void finish() {
    finishing = true;
  }

  /** Waits until the last batch has ended; false if it took longer than {@code nanos}. */
  boolean awaitFinished(long nanos) throws InterruptedException {
    return finished.await(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    try {
      while (!stopping && !finishing) {
        List<Backlog.Entry> batch =
            backlog.take(settings.batchEvents(), settings.batchBytes(), IDLE_MILLIS);
        if (!batch.isEmpty()) {
          carry(batch);
        }
      }
    } catch (InterruptedException e) {
      // The task stops; what is not settled is read again by whoever takes over.
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure = e;
      LOG.error("Delivery to {} ended by a mistake of ours", settings.destination(), e);
    } finally {
      finished.countDown();
    }
  }

  private void carry(List<Backlog.Entry> batch) throws InterruptedException {
    @Nullable EventOutcome[] outcomes = new @Nullable EventOutcome[batch.size()];
    int written = 0;
    for (int attempt = 0; written < batch.size() && !stopping; attempt++) {
      EventOutcome.Deferred deferred = deliver(batch, outcomes);
      int settled = written;
      while (settled < batch.size() && outcomes[settled] != null) {
        settled++;
      }
      settle(batch, outcomes, written, settled);
      if (settled > written) {
        attempt = 0;
      }
      written = settled;
      dropClosed(batch, outcomes);
      if (deferred == null) {
        tell("");
      } else if (finishing) {
        // What the destination did not take stays in Kafka for whoever comes next.
        return;
      } else {
        tell(deferred.reason());
        Thread.sleep(delay(deferred, attempt));
      }
    }
  }

  /** Delivers what has no outcome yet; the longest deferral, or null if nothing was deferred. */
  private EventOutcome.@Nullable Deferred deliver(
      List<Backlog.Entry> batch, @Nullable EventOutcome[] outcomes) throws InterruptedException {
    List<Integer> open = new ArrayList<>();
    List<RoutedEvent> events = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Backlog.Entry entry = batch.get(i);
      if (outcomes[i] != null) {
        continue;
      }
      entry.attempts++;
      if (entry.event == null) {
        outcomes[i] = EventOutcome.rejected(entry.unreadable, "");
      } else {
        open.add(i);
        events.add(entry.event);
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
    for (int i = 0; i < open.size(); i++) {
      EventOutcome outcome = report.outcomes().get(i);
      if (outcome instanceof EventOutcome.Deferred deferred) {
        if (longest == null || deferred.retryAfter().compareTo(longest.retryAfter()) > 0) {
          longest = deferred;
        }
      } else {
        outcomes[open.get(i)] = outcome;
      }
    }
    return longest;
  }

  /** Writes letters and receipts for {@code [from, to)}, as often as needed, then settles it. */
  private void settle(
      List<Backlog.Entry> batch, @Nullable EventOutcome[] outcomes, int from, int to)
      throws InterruptedException {
    List<Settlement> settled = new ArrayList<>();
    for (int i = from; i < to; i++) {
      EventOutcome outcome = outcomes[i];
      Backlog.Entry entry = batch.get(i);
      if (outcome != null && backlog.holds(entry)) {
        settled.add(new Settlement(entry, outcome));
      }
    }
    for (int attempt = 0; !settled.isEmpty(); attempt++) {
      try {
        book.writeDeadLetters(settled);
        book.writeReceipts(settled);
        break;
      } catch (KafkaException e) {
        tell("dead letters and receipts cannot be written to Kafka: " + e.getMessage());
        Thread.sleep(delay(EventOutcome.deferred(""), attempt));
      }
    }
    for (int i = from; i < to; i++) {
      backlog.settle(batch.get(i));
    }
  }

  /** Records of partitions that we lost meanwhile are somebody else's: give them up. */
  private void dropClosed(List<Backlog.Entry> batch, @Nullable EventOutcome[] outcomes) {
    for (int i = 0; i < batch.size(); i++) {
      if (outcomes[i] == null && !backlog.holds(batch.get(i))) {
        outcomes[i] = EventOutcome.DELIVERED;
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

  /** One line in the log for each change of state. */
  private void tell(String reason) {
    if (!reason.equals(trouble)) {
      if (reason.isEmpty()) {
        LOG.info("{} takes events again", settings.destination());
      } else {
        LOG.warn("{} waits, nothing is lost: {}", settings.destination(), reason);
      }
      trouble = reason;
    }
  }
}
