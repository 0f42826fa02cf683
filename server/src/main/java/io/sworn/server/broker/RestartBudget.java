package io.sworn.server.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How often and how soon a child process that died may be started again: at once the first time,
 * then after a delay that doubles, and no more when it has died too often within a while.
 */
final class RestartBudget {

  /** Longest delay between two starts. */
  static final Duration DELAY_MAX = Duration.ofSeconds(30);

  private final int restartsMax;
  private final Duration window;
  private final Deque<Instant> restarts = new ArrayDeque<>();

  RestartBudget(int restartsMax, Duration window) {
    this.restartsMax = restartsMax;
    this.window = window;
  }

  /** How long to wait before the child that has just died is started; empty: no more. */
  Optional<Duration> next(Instant now) {
    restarts.removeIf(restart -> restart.isBefore(now.minus(window)));
    if (restarts.size() >= restartsMax) {
      return Optional.empty();
    }
    restarts.addLast(now);
    if (restarts.size() == 1) {
      return Optional.of(Duration.ZERO);
    }
    Duration delay = Duration.ofSeconds(1L << Math.min(restarts.size() - 2, 10));
    return Optional.of(delay.compareTo(DELAY_MAX) > 0 ? DELAY_MAX : delay);
  }

  @Override
  public String toString() {
    return restartsMax + " times in " + window.toMinutes() + " minutes";
  }
}
