package io.sworn.console;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down guessing: after {@value #REFUSED_MAX} wrong passwords from one address within {@link
 * #WINDOW}, that address is refused unseen until the first of them is older than the window; and no
 * more than {@value #REFUSED_TOTAL_MAX} wrong ones are looked at in all. Visits under way are not
 * touched. Thread-safe.
 */
final class SignInGuard {

  static final int REFUSED_MAX = 5;
  static final int REFUSED_TOTAL_MAX = 100;
  static final Duration WINDOW = Duration.ofMinutes(1);
  private static final int ADDRESSES_MAX = 1024;

  private final Clock clock;
  private final ArrayDeque<Instant> total = new ArrayDeque<>();

  private final Map<InetAddress, ArrayDeque<Instant>> refused =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, ArrayDeque<Instant>> eldest) {
          return size() > ADDRESSES_MAX;
        }
      };

  SignInGuard(Clock clock) {
    this.clock = clock;
  }

  /** How long {@code address} has to wait; zero means that it may try, and the try is counted. */
  synchronized Duration tryAcquire(InetAddress address) {
    Instant now = clock.instant();
    ArrayDeque<Instant> mine = refused.computeIfAbsent(address, a -> new ArrayDeque<>());
    Duration wait = longer(wait(mine, REFUSED_MAX, now), wait(total, REFUSED_TOTAL_MAX, now));
    if (wait.isZero()) {
      // Counted before the answer is known: parallel tries would otherwise all be let through.
      mine.add(now);
      total.add(now);
    }
    return wait;
  }

  /** Forgets the wrong tries of {@code address}: it has shown that it knows the password. */
  synchronized void succeeded(InetAddress address) {
    refused.remove(address);
    total.pollLast();
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static Duration wait(ArrayDeque<Instant> tries, int max, Instant now) {
    while (!tries.isEmpty() && !tries.getFirst().plus(WINDOW).isAfter(now)) {
      tries.removeFirst();
    }
    return tries.size() < max
        ? Duration.ZERO
        : Duration.between(now, tries.getFirst().plus(WINDOW));
  }
}
