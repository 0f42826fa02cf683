package io.sworn.filter.stream;

import io.sworn.event.Client;
import io.sworn.event.ClientHeader;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.filter.stream.Session.Key;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link SessionBook} lies in its store: blocks, numbered upwards, of what has changed
 * between two commits. Later entries outdo earlier ones. Only the oldest block is ever deleted,
 * when nothing in it counts any more; when more than {@value #ENTRIES_PER_LIVE} times as many
 * entries are stored as there are connections, what still counts in the oldest is written anew.
 *
 * <p>Until version 1 of this form, each connection had an entry of its own under a text; those are
 * read and written anew with the first commit.
 */
final class SessionLog {

  /** The hundreds of connections of one busy commit fit into a block, and a block into a record. */
  static final int BLOCK_BYTES_MAX = 256 << 10;

  static final int ENTRIES_PER_LIVE = 3;

  /** Few connections are not worth the care. */
  static final int ENTRIES_FREE = 1_000;

  private static final byte FORM = 1;
  private static final int LEGACY_KEY_MIN = 33;

  private static final byte FORGOTTEN = 1;
  private static final byte SAME_TRAIL = 2;
  private static final byte APPLICATION = 4;
  private static final byte DRIVER = 8;
  private static final byte DRIVER_VERSION = 16;
  private static final byte MECHANISM = 32;

  /** What was written down together. */
  static final class Block {
    private final long number;
    private final List<Session> sessions = new ArrayList<>();
    private int entries;

    /** Of its connections, those that were not written down again nor forgotten since. */
    private int live;

    private Block(long number) {
      this.number = number;
    }

    private void add(Session session) {
      if (session.block != null) {
        session.block.live--;
      }
      session.block = this;
      session.stored = session.seen;
      session.changed = false;
      sessions.add(session);
      live++;
    }
  }

  private final KeyValueStore<byte[], byte[]> store;
  private final Deque<Block> blocks = new ArrayDeque<>();
  private final List<byte[]> legacy = new ArrayList<>();
  private final List<Key> forgotten = new ArrayList<>();
  private List<Session> changed = new ArrayList<>();
  private long stored;
  private long next;
  private ByteBuffer buffer = ByteBuffer.allocate(4 << 10);
  private @Nullable Key before;

  SessionLog(KeyValueStore<byte[], byte[]> store) {
    this.store = store;
  }

  /**
   * What the store holds, in the order in which it was written.
   *
   * @throws SwornException if it is damaged
   */
  List<Session> read() {
    TreeMap<Long, byte[]> stored = new TreeMap<>();
    Map<Key, Session> sessions = new LinkedHashMap<>();
    try (KeyValueIterator<byte[], byte[]> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<byte[], byte[]> entry = all.next();
        if (entry.key.length == Long.BYTES) {
          stored.put(ByteBuffer.wrap(entry.key).getLong(), entry.value);
        } else {
          Session session = readLegacy(entry.key, entry.value);
          legacy.add(entry.key);
          sessions.put(session.key, session);
        }
      }
    }
    stored.forEach((number, bytes) -> read(number, bytes, sessions));
    for (Session session : sessions.values()) {
      if (session.block == null) {
        changed(session);
      }
    }
    return new ArrayList<>(sessions.values());
  }

  private void read(long number, byte[] bytes, Map<Key, Session> sessions) {
    Block block = new Block(number);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      StoredForm.read(in, "block " + number + " of connections", FORM);
      String trail = "";
      while (in.hasRemaining()) {
        byte flags = in.get();
        trail = (flags & SAME_TRAIL) != 0 ? trail : text(in);
        Key key = new Key(trail, in.getLong(), in.getLong());
        block.entries++;
        if ((flags & FORGOTTEN) != 0) {
          Session gone = sessions.remove(key);
          if (gone != null && gone.block != null) {
            gone.block.live--;
            gone.block = null;
          }
          continue;
        }
        // A connection that was forgotten and came back is young again.
        Session session = sessions.computeIfAbsent(key, Session::new);
        session.seen = in.getLong();
        session.client =
            new Client(
                (flags & APPLICATION) == 0 ? null : text(in),
                (flags & DRIVER) == 0 ? null : text(in),
                (flags & DRIVER_VERSION) == 0 ? null : text(in),
                (flags & MECHANISM) == 0 ? null : text(in));
        block.add(session);
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "block " + number + " of connections is damaged", e);
    }
    blocks.add(block);
    stored += block.entries;
    next = number + 1;
  }

  /** The form before blocks: time and JSON, under the id in hexadecimal, a slash and the trail. */
  private static Session readLegacy(byte[] key, byte[] bytes) {
    String text = new String(key, StandardCharsets.UTF_8);
    try {
      if (text.length() >= LEGACY_KEY_MIN && bytes.length > Long.BYTES) {
        Client client =
            ClientHeader.read(Arrays.copyOfRange(bytes, Long.BYTES, bytes.length)).orElse(null);
        if (client != null) {
          Session session =
              new Session(
                  new Key(
                      text.substring(LEGACY_KEY_MIN),
                      HexFormat.fromHexDigitsToLong(text, 0, 16),
                      HexFormat.fromHexDigitsToLong(text, 16, 32)));
          session.client = client;
          session.seen = ByteBuffer.wrap(bytes).getLong();
          return session;
        }
      }
    } catch (IllegalArgumentException e) {
      throw new SwornException(ErrorCode.STORAGE, damaged(text), e);
    }
    throw new SwornException(ErrorCode.STORAGE, damaged(text));
  }

  private static String damaged(String key) {
    return "the state of connection '" + key + "' is damaged";
  }

  /** A connection is to be written down. */
  void changed(Session session) {
    if (!session.changed) {
      session.changed = true;
      changed.add(session);
    }
  }

  /** A connection is to be written down no more. */
  void forgotten(Session session) {
    session.changed = false;
    if (session.block != null) {
      session.block.live--;
      session.block = null;
      forgotten.add(session.key);
    }
  }

  /**
   * Writes down what has changed.
   *
   * @param live connections that are known
   */
  void write(int live) {
    if (changed.isEmpty() && forgotten.isEmpty()) {
      return;
    }
    dropOldest(live);
    Block block = begin();
    // First, since a connection can have come back.
    for (Key key : forgotten) {
      block = finishIfFull(block);
      write(key, FORGOTTEN);
      block.entries++;
    }
    forgotten.clear();
    List<Session> writing = changed;
    changed = new ArrayList<>();
    for (Session session : writing) {
      if (session.changed) { // and was not forgotten since
        block = finishIfFull(block);
        write(session);
        block.entries++;
        block.add(session);
      }
    }
    if (block.entries > 0) {
      finish(block);
    }
    legacy.forEach(store::delete);
    legacy.clear();
  }

  /** What of the oldest blocks still counts is written anew, if they take too much room. */
  private void dropOldest(int live) {
    while (!blocks.isEmpty()
        && (blocks.getFirst().live == 0
            || stored > ENTRIES_FREE + (long) ENTRIES_PER_LIVE * live)) {
      Block oldest = blocks.removeFirst();
      stored -= oldest.entries;
      for (Session session : oldest.sessions) {
        if (session.block == oldest) {
          session.block = null;
          changed(session);
        }
      }
      store.delete(key(oldest.number));
    }
  }

  private Block finishIfFull(Block block) {
    if (buffer.position() < BLOCK_BYTES_MAX) {
      return block;
    }
    finish(block);
    return begin();
  }

  private void finish(Block block) {
    store.put(key(block.number), Arrays.copyOf(buffer.array(), buffer.position()));
    blocks.add(block);
    stored += block.entries;
    next = block.number + 1;
  }

  private Block begin() {
    buffer.clear();
    buffer.put(FORM);
    before = null;
    return new Block(next);
  }

  private void write(Key key, int flags) {
    Key last = before;
    if (last != null && last.trail().equals(key.trail())) {
      room(1 + 2 * Long.BYTES);
      buffer.put((byte) (flags | SAME_TRAIL));
    } else {
      room(1);
      buffer.put((byte) flags);
      write(key.trail());
      room(2 * Long.BYTES);
    }
    buffer.putLong(key.high()).putLong(key.low());
    before = key;
  }

  private void write(Session session) {
    Client client = session.client;
    write(
        session.key,
        (client.application() == null ? 0 : APPLICATION)
            | (client.driver() == null ? 0 : DRIVER)
            | (client.driverVersion() == null ? 0 : DRIVER_VERSION)
            | (client.mechanism() == null ? 0 : MECHANISM));
    room(Long.BYTES);
    buffer.putLong(session.seen);
    write(client.application());
    write(client.driver());
    write(client.driverVersion());
    write(client.mechanism());
  }

  private void write(@Nullable String text) {
    if (text != null) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      room(Integer.BYTES + bytes.length);
      buffer.putInt(bytes.length).put(bytes);
    }
  }

  private void room(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger = ByteBuffer.allocate(2 * (buffer.position() + bytes));
      buffer = larger.put(buffer.flip());
    }
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] key(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }
}
