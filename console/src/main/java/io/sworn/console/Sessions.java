package io.sworn.console;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The visits under way, at most {@value #COUNT_MAX}: one more ends the one that was idle longest.
 * Kept in memory only, so a restart signs everybody out. Thread-safe.
 */
final class Sessions {

  /** Enough for every administrator of one installation several times over. */
  static final int COUNT_MAX = 64;

  private final Duration idleMax;
  private final Duration ageMax;
  private final Clock clock;

  /** By fingerprint of the cookie, the longest idle one first. */
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  Sessions(Duration idleMax, Duration ageMax, Clock clock) {
    this.idleMax = idleMax;
    this.ageMax = ageMax;
    this.clock = clock;
  }

  /** A visit that has just begun, and the secret of its cookie. */
  record Opened(Session session, String cookie) {}

  synchronized Opened open(
      UUID id, String user, InetSocketAddress remote, InetSocketAddress local) {
    Instant now = clock.instant();
    if (entries.size() >= COUNT_MAX) {
      Iterator<Entry> oldest = entries.values().iterator();
      oldest.next();
      oldest.remove();
    }
    String cookie = Secrets.fresh();
    Session session = new Session(id, user, remote, local, Secrets.fresh(), now);
    entries.put(Secrets.fingerprint(cookie), new Entry(session, now));
    return new Opened(session, cookie);
  }

  /**
   * The visit of a cookie, if it is still under way.
   *
   * @param view whether a person asks, which starts the idle time anew
   */
  synchronized Optional<Session> find(@Nullable String cookie, boolean view) {
    if (cookie == null) {
      return Optional.empty();
    }
    String fingerprint = Secrets.fingerprint(cookie);
    Entry entry = entries.get(fingerprint);
    if (entry == null || expired(entry)) {
      return Optional.empty();
    }
    if (view) {
      entries.put(fingerprint, new Entry(entry.session, clock.instant()));
    }
    return Optional.of(entry.session);
  }

  /** Ends the visit of a cookie. */
  synchronized void end(String cookie) {
    entries.remove(Secrets.fingerprint(cookie));
  }

  /** Takes out and returns the visits whose time is over. */
  synchronized List<Session> takeExpired() {
    List<Session> over = new ArrayList<>();
    Iterator<Map.Entry<String, Entry>> all = entries.entrySet().iterator();
    while (all.hasNext()) {
      Entry entry = all.next().getValue();
      if (expired(entry)) {
        over.add(entry.session);
        all.remove();
      }
    }
    return over;
  }

  private boolean expired(Entry entry) {
    Instant now = clock.instant();
    return !now.isBefore(entry.seenAt.plus(idleMax))
        || !now.isBefore(entry.session.createdAt().plus(ageMax));
  }

  private record Entry(Session session, Instant seenAt) {}
}
