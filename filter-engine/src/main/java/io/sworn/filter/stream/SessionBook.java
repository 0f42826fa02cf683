package io.sworn.filter.stream;

import io.sworn.event.AuditEvent;
import io.sworn.event.Client;
import io.sworn.filter.stream.Session.Key;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.streams.state.KeyValueStore;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one partition's trails told of themselves: {@code clientMetadata} names
 * application and driver, {@code authenticate} the mechanism, and both carry the connection's
 * {@code uuid} as every later message of it does. Written to a store of the topology before each
 * commit, so that it is committed with the events that told it. Bounded: a connection of which
 * nothing came for {@link #AGE_MAX} is forgotten, and beyond {@value #ENTRIES_MAX} those that were
 * silent longest.
 */
final class SessionBook {

  static final String STORE = "sessions";

  /** About 20 MB in memory, and what is written down of them as much again. */
  static final int ENTRIES_MAX = 50_000;

  static final Duration AGE_MAX = Duration.ofDays(7);

  /** A connection at work is not written down anew at every commit. */
  private static final Duration SEEN_EXACT = Duration.ofHours(1);

  /** What a client says of itself can have any length; drivers allow themselves 128 bytes. */
  private static final int TEXT_MAX = 256;

  private final SessionLog log;

  /** The one that was silent longest comes first. */
  private final LinkedHashMap<Key, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

  private long latest;

  /** Takes up what the store holds. */
  SessionBook(KeyValueStore<byte[], byte[]> store) {
    log = new SessionLog(store);
    List<Session> all = log.read();
    all.sort(Comparator.comparingLong(session -> session.seen));
    for (Session session : all) {
      sessions.put(session.key, session);
      latest = Math.max(latest, session.seen);
    }
  }

  /**
   * What is known of a connection.
   *
   * @param at time of the record that asks
   */
  @Nullable Session find(String trail, long high, long low, long at) {
    if (sessions.isEmpty()) {
      return null;
    }
    Session session = sessions.get(new Key(trail, high, low));
    if (session != null) {
      latest = Math.max(latest, at);
      session.seen = Math.max(session.seen, at);
      if (session.seen - session.stored > SEEN_EXACT.toMillis()) {
        log.changed(session);
      }
    }
    return session;
  }

  /**
   * Takes up a {@code clientMetadata} event.
   *
   * @param at time of its record
   */
  void named(AuditEvent event, long at) {
    UUID id = event.session();
    if (id == null) {
      return;
    }
    Key key = new Key(event.trail(), id.getMostSignificantBits(), id.getLeastSignificantBits());
    BsonDocument param = event.param().toDocument();
    Session session = sessions.get(key);
    put(
        key,
        session,
        new Client(
            cut(ClientHeaders.text(param, "clientMetadata", "application", "name")),
            cut(ClientHeaders.text(param, "clientMetadata", "driver", "name")),
            cut(ClientHeaders.text(param, "clientMetadata", "driver", "version")),
            session == null ? null : session.client.mechanism()),
        at);
  }

  /**
   * A connection signed in by {@code mechanism}; null: it is signed in no more.
   *
   * @param at time of its record
   */
  void authenticated(String trail, long high, long low, @Nullable String mechanism, long at) {
    Key key = new Key(trail, high, low);
    Session session = sessions.get(key);
    Client before = session == null ? Session.UNKNOWN : session.client;
    put(
        key,
        session,
        new Client(before.application(), before.driver(), before.driverVersion(), cut(mechanism)),
        at);
  }

  private void put(Key key, @Nullable Session known, Client client, long at) {
    latest = Math.max(latest, at);
    if (client.equals(Session.UNKNOWN)) {
      if (known != null) {
        sessions.remove(key);
        log.forgotten(known);
      }
    } else if (known == null) {
      Session session = new Session(key);
      sessions.put(key, session);
      update(session, client, at);
      forgetOld();
    } else if (!client.equals(known.client)) {
      update(known, client, at);
    }
  }

  private void update(Session session, Client client, long at) {
    session.client = client;
    session.seen = Math.max(session.seen, at);
    log.changed(session);
  }

  /** Forgets what was silent too long, measured by the time of the records. */
  void forgetOld() {
    Iterator<Session> oldest = sessions.values().iterator();
    while (oldest.hasNext()) {
      Session session = oldest.next();
      if (sessions.size() <= ENTRIES_MAX && session.seen >= latest - AGE_MAX.toMillis()) {
        return;
      }
      oldest.remove();
      log.forgotten(session);
    }
  }

  /** Writes down what has changed since the last commit. */
  void write() {
    log.write(sessions.size());
  }

  int size() {
    return sessions.size();
  }

  private static @Nullable String cut(@Nullable String text) {
    return text == null || text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX);
  }
}
