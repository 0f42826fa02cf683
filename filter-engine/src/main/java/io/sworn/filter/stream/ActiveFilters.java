package io.sworn.filter.stream;

import io.sworn.filter.FilterSet;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The filters that judge now, never older than those that have judged a partition before: after a
 * partition has moved here from another engine, this one may not have read the newest definitions.
 */
final class ActiveFilters {

  private static final Logger LOG = LoggerFactory.getLogger(ActiveFilters.class);
  private static final Duration ASK_AGAIN = Duration.ofMillis(20);

  /** Far below the time after which Kafka takes a silent engine for dead. */
  private static final int ASK_MAX = 500;

  private final Supplier<FilterSet> source;

  ActiveFilters(Supplier<FilterSet> source) {
    this.source = source;
  }

  /**
   * Waits, for a bounded time, until the definitions are as new as the ledger; then older ones
   * count as a change, which is told like any other.
   *
   * @param judging those that judge already and need no look
   */
  FilterSet current(@Nullable FilterSet judging, FilterLedger ledger) {
    FilterSet filters = source.get();
    if (filters == judging) {
      return filters;
    }
    for (int asked = 0; !ledger.outdated(filters).isEmpty(); asked++) {
      if (asked == ASK_MAX) {
        LOG.error(
            "filters {} have judged here in a newer version than their topic has; going on with"
                + " the older one",
            ledger.outdated(filters));
        break;
      }
      LockSupport.parkNanos(ASK_AGAIN.toNanos());
      filters = source.get();
    }
    return filters;
  }
}
