package io.sworn.database.network;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what strangers do wrong, at most a line a second: a flood of bad connections must not fill
 * the disk. Suppressed lines are counted in the next one. Safe for any thread.
 */
final class RefusalLog {

  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
  private static final long INTERVAL_NANOS = 1_000_000_000;

  private final AtomicLong next = new AtomicLong(System.nanoTime());
  private final AtomicLong suppressed = new AtomicLong();

  /** Logs one refusal; {@code detail} must not hold what the peer sent. */
  void log(String what, String remote, String detail) {
    long now = System.nanoTime();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + INTERVAL_NANOS)) {
      LOG.warn(
          "{} from {}: {} ({} more suppressed)", what, remote, detail, suppressed.getAndSet(0));
    } else {
      suppressed.incrementAndGet();
    }
  }

  /** Logs a mistake of our own. */
  void failure(String remote, Throwable cause) {
    LOG.error("connection from {} failed and is closed", remote, cause);
  }
}
