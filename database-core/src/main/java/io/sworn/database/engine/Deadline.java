package io.sworn.database.engine;

import de.bwaldvogel.mongo.exception.MongoServerError;
import org.jspecify.annotations.Nullable;

/**
 * When the running command must have ended ({@code maxTimeMS}); asked between two documents, so a
 * single comparison is never cut short. Used under the engine's lock.
 */
final class Deadline {

  private long endNanos;
  private boolean set;

  /**
   * Begins a command.
   *
   * @param maxTimeMillis what the client gave; nothing or 0 for no limit
   */
  void begin(@Nullable Object maxTimeMillis) {
    set = false;
    if (maxTimeMillis == null) {
      return;
    }
    if (!(maxTimeMillis instanceof Number given)) {
      throw Refusal.typeMismatch("maxTimeMS must be a number");
    }
    long millis = given.longValue();
    if (millis < 0 || millis > Integer.MAX_VALUE) {
      throw Refusal.badValue("maxTimeMS must be between 0 and " + Integer.MAX_VALUE);
    }
    set = millis > 0;
    endNanos = System.nanoTime() + 1_000_000 * millis;
  }

  /** Ends the command. */
  void end() {
    set = false;
  }

  /** Throws if the time is over. */
  void check() {
    if (set && System.nanoTime() - endNanos > 0) {
      throw new MongoServerError(50, "MaxTimeMSExpired", "operation exceeded time limit");
    }
  }
}
