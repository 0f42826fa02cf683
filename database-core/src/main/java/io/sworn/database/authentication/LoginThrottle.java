package io.sworn.database.authentication;

import io.sworn.event.UserName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Refuses further logins of a user from an address after too many failures, until a while has
 * passed. Counted by address and user together, so that nobody can lock out somebody else. Safe for
 * any thread, bounded in memory.
 */
public final class LoginThrottle {

  private static final int ENTRIES_MAX = 10_000;

  private record Key(String address, UserName user) {}

  private record Failures(int count, long sinceNanos) {}

  private final int failuresMax;
  private final long windowNanos;
  private final LongSupplier nanoClock;
  private final Map<Key, Failures> failures =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Failures> eldest) {
          return size() > ENTRIES_MAX;
        }
      };

  /** Allows {@code failuresMax} failures within {@code window}. */
  public LoginThrottle(int failuresMax, Duration window) {
    this(failuresMax, window, System::nanoTime);
  }

  LoginThrottle(int failuresMax, Duration window, LongSupplier nanoClock) {
    this.failuresMax = failuresMax;
    this.windowNanos = window.toNanos();
    this.nanoClock = nanoClock;
  }

  /** Whether a login must fail now even with the right password. */
  public synchronized boolean refuses(String address, UserName user) {
    Key key = new Key(address, user);
    Failures known = failures.get(key);
    if (known != null && nanoClock.getAsLong() - known.sinceNanos() > windowNanos) {
      failures.remove(key);
      return false;
    }
    return known != null && known.count() >= failuresMax;
  }

  /** Counts a failure. */
  public synchronized void failed(String address, UserName user) {
    failures.merge(
        new Key(address, user),
        new Failures(1, nanoClock.getAsLong()),
        (known, fresh) -> new Failures(known.count() + 1, known.sinceNanos()));
  }

  /** Forgets the failures after a success. */
  public synchronized void succeeded(String address, UserName user) {
    failures.remove(new Key(address, user));
  }
}
