package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.filter.FilterSet;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The filters that judge a partition, never older than those that have judged it before: when it
 * has moved here from another engine, this one may not have read the newest definitions. Nothing is
 * judged before all is read that their topic held when the partition came, since a filter that is
 * new altogether is told by nothing else.
 */
final class ActiveFilters {

  private static final Logger LOG = LoggerFactory.getLogger(ActiveFilters.class);
  private static final Duration ASK_AGAIN = Duration.ofMillis(20);

  /**
   * For either thing that is waited for. Both together are shorter than the ten seconds after which
   * Kafka gives up a transaction of Kafka Streams, and far shorter than the time after which it
   * takes a silent engine for dead.
   */
  private static final Duration WAIT_MAX = Duration.ofSeconds(4);

  private final FilterSource source;
  private final BooleanSupplier read;
  private boolean allRead;

  /** For a partition that has come now. */
  ActiveFilters(FilterSource source) {
    this.source = source;
    read = source.readUntilNow();
  }

  /**
   * Waits, for a bounded time, until the definitions are as new as the ledger; then older ones
   * count as a change, which is told like any other.
   *
   * @param judging those that judge already and need no look
   * @throws SwornException if the topic of the definitions cannot be read in time; nothing may be
   *     judged then
   */
  FilterSet current(@Nullable FilterSet judging, FilterLedger ledger) {
    awaitAllRead();
    FilterSet filters = source.active();
    if (filters == judging || ledger.outdated(filters).isEmpty()) {
      return filters;
    }
    if (!await(() -> ledger.outdated(source.active()).isEmpty())) {
      LOG.error(
          "filters {} have judged here in a newer version than their topic has; going on with"
              + " the older one",
          ledger.outdated(source.active()));
    }
    return source.active();
  }

  private void awaitAllRead() {
    if (allRead) {
      return;
    }
    if (!await(read)) {
      throw new SwornException(
          ErrorCode.STORAGE,
          "the topic of filters was not read to its end within "
              + WAIT_MAX
              + " after a partition came here; nothing is judged by filters that may be old."
              + " Tried again; look why the topic cannot be read");
    }
    allRead = true;
  }

  private static boolean await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(ASK_AGAIN.toNanos());
    }
    return true;
  }
}
