package io.sworn.filter.stream;

import io.sworn.event.AuditEvent;
import io.sworn.event.Client;
import io.sworn.event.ClientHeader;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one partition's trails told of themselves: {@code clientMetadata} names
 * application and driver, {@code authenticate} the mechanism, and both carry the connection's
 * {@code uuid} as every later message of it does. In a store of the topology, so that it is
 * committed with the events that told it. Bounded: a connection of which nothing came for {@link
 * #AGE_MAX} is forgotten, and beyond {@value #ENTRIES_MAX} those that were silent longest.
 */
final class SessionBook {

  static final String STORE = "sessions";

  /** About 20 MB in memory. */
  static final int ENTRIES_MAX = 50_000;

  static final Duration AGE_MAX = Duration.ofDays(7);

  /** A connection at work is not put into the store for every event. */
  private static final Duration SEEN_EXACT = Duration.ofHours(1);

  /** What a client says of itself can have any length; drivers allow themselves 128 bytes. */
  private static final int TEXT_MAX = 256;

  private static final Client NOTHING = new Client(null, null, null, null);

  private record Key(String trail, long high, long low) {
    String text() {
      return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low) + "/" + trail;
    }

    static Key of(String text) {
      return new Key(
          text.substring(33),
          HexFormat.fromHexDigitsToLong(text, 0, 16),
          HexFormat.fromHexDigitsToLong(text, 16, 32));
    }
  }

  private final KeyValueStore<String, byte[]> store;

  /** The one that was silent longest comes first. */
  private final LinkedHashMap<Key, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

  private long latest;

  /** Takes up what the store holds. */
  SessionBook(KeyValueStore<String, byte[]> store) {
    this.store = store;
    List<Map.Entry<Key, Session>> all = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> stored = store.all()) {
      while (stored.hasNext()) {
        KeyValue<String, byte[]> entry = stored.next();
        all.add(Map.entry(Key.of(entry.key), read(entry.key, entry.value)));
      }
    }
    all.sort(
        Comparator.<Map.Entry<Key, Session>>comparingLong(entry -> entry.getValue().seen)
            .thenComparing(entry -> entry.getKey().text()));
    for (Map.Entry<Key, Session> entry : all) {
      sessions.put(entry.getKey(), entry.getValue());
      latest = Math.max(latest, entry.getValue().seen);
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
    Key key = new Key(trail, high, low);
    Session session = sessions.get(key);
    if (session != null) {
      latest = Math.max(latest, at);
      session.seen = Math.max(session.seen, at);
      if (session.seen - session.stored > SEEN_EXACT.toMillis()) {
        save(key, session);
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
    put(
        key,
        new Client(
            cut(Session.text(param, "clientMetadata", "application", "name")),
            cut(Session.text(param, "clientMetadata", "driver", "name")),
            cut(Session.text(param, "clientMetadata", "driver", "version")),
            known(key).mechanism()),
        at);
  }

  /**
   * A connection signed in by {@code mechanism}; null: it is signed in no more.
   *
   * @param at time of its record
   */
  void authenticated(String trail, long high, long low, @Nullable String mechanism, long at) {
    Key key = new Key(trail, high, low);
    put(key, with(known(key), cut(mechanism)), at);
  }

  private Client known(Key key) {
    Session session = sessions.get(key);
    return session == null ? NOTHING : session.client();
  }

  private void put(Key key, Client client, long at) {
    latest = Math.max(latest, at);
    if (client.equals(NOTHING)) {
      if (sessions.remove(key) != null) {
        store.delete(key.text());
      }
    } else if (!client.equals(known(key))) {
      Session session = new Session(client, at);
      sessions.put(key, session);
      save(key, session);
      forgetOld();
    }
  }

  private static Client with(Client before, @Nullable String mechanism) {
    return new Client(before.application(), before.driver(), before.driverVersion(), mechanism);
  }

  /** Forgets what was silent too long, measured by the time of the records. */
  void forgetOld() {
    Iterator<Map.Entry<Key, Session>> oldest = sessions.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Key, Session> entry = oldest.next();
      if (sessions.size() <= ENTRIES_MAX && entry.getValue().seen >= latest - AGE_MAX.toMillis()) {
        return;
      }
      oldest.remove();
      store.delete(entry.getKey().text());
    }
  }

  int size() {
    return sessions.size();
  }

  private void save(Key key, Session session) {
    byte[] client = ClientHeader.write(session.client());
    store.put(
        key.text(),
        ByteBuffer.allocate(Long.BYTES + client.length).putLong(session.seen).put(client).array());
    session.stored = session.seen;
  }

  private static Session read(String key, byte[] bytes) {
    if (bytes.length > Long.BYTES) {
      Client client =
          ClientHeader.read(Arrays.copyOfRange(bytes, Long.BYTES, bytes.length)).orElse(null);
      if (client != null) {
        Session session = new Session(client, ByteBuffer.wrap(bytes).getLong());
        session.stored = session.seen;
        return session;
      }
    }
    throw new SwornException(ErrorCode.STORAGE, "the state of connection " + key + " is damaged");
  }

  private static @Nullable String cut(@Nullable String text) {
    return text == null || text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX);
  }
}
