package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.MinuteAccount;
import io.sworn.event.SwornException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The minutes of one partition's trails, apart from the one that each trail counts in at the
 * moment, which lies in its {@link TrailState}. In a store of the topology, so that they are
 * committed with what they count. Bounded: a minute goes when it is {@link
 * MinuteAccount#KEPT_MINUTES} old, and the oldest ones go when there are more than {@value
 * #ENTRIES_MAX}.
 */
final class MinuteBook {

  static final String STORE = "minutes";

  /** About 20 MB in memory: ten days of ten trails that are never silent. */
  static final int ENTRIES_MAX = 150_000;

  /** An event that claims a time further ahead counts in the minute in which it was appended. */
  private static final long AHEAD_MINUTES_MAX = 5;

  private static final long MINUTE_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final long MINUTE_MICROS = MINUTE_MILLIS * 1_000;
  private static final byte TOLD = 0;
  private static final byte CHANGED = 1;

  /** Where accounts go. */
  interface Out {
    /** Tells an account. */
    void tell(MinuteAccount account);

    /** Takes one back whose time has passed. */
    void forget(String trail, String minute, long now);
  }

  private final KeyValueStore<String, byte[]> store;
  private final Out out;
  private final TreeMap<Long, Set<String>> trails = new TreeMap<>();
  private final Set<String> changed = new LinkedHashSet<>();
  private int entries;

  /** Takes up what the store holds. */
  MinuteBook(KeyValueStore<String, byte[]> store, Out out) {
    this.store = store;
    this.out = out;
    try (KeyValueIterator<String, byte[]> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        know(trail(entry.key), minute(entry.key));
        if (entry.value[0] == CHANGED) {
          changed.add(entry.key);
        }
      }
    }
  }

  /**
   * In which minute an event counts.
   *
   * @param micros time of the event
   * @param appendedMillis time of its record
   * @param nowMillis the time now
   */
  static long minute(long micros, long appendedMillis, long nowMillis) {
    long minute = Math.floorDiv(micros, MINUTE_MICROS);
    long latest = Math.floorDiv(appendedMillis, MINUTE_MILLIS);
    if (minute > latest + AHEAD_MINUTES_MAX) {
      minute = latest;
    }
    return minute < oldest(nowMillis) ? MinuteCounts.BEFORE : minute;
  }

  private static long oldest(long nowMillis) {
    return nowMillis / MINUTE_MILLIS - MinuteAccount.KEPT_MINUTES;
  }

  /** What a trail has counted in a minute, to be counted on. */
  MinuteCounts open(String trail, long minute) {
    byte[] bytes = store.get(key(trail, minute));
    return bytes == null ? new MinuteCounts(minute) : read(trail, bytes);
  }

  /** Puts a minute aside in which a trail counts no more at the moment. */
  void close(String trail, MinuteCounts counts) {
    String key = key(trail, counts.minute);
    store.put(key, bytes(CHANGED, counts));
    changed.add(key);
    know(trail, counts.minute);
  }

  /** Writes the accounts of minutes that have changed, and takes back those that are too old. */
  void account(long now) {
    for (String key : changed) {
      byte[] bytes = store.get(key);
      if (bytes != null) {
        String trail = trail(key);
        MinuteCounts counts = read(trail, bytes);
        out.tell(counts.account(trail, now));
        store.put(key, bytes(TOLD, counts));
      }
    }
    changed.clear();
    while (!trails.isEmpty() && (trails.firstKey() < oldest(now) || entries > ENTRIES_MAX)) {
      forget(trails.pollFirstEntry(), now);
    }
  }

  private void forget(Map.Entry<Long, Set<String>> oldest, long now) {
    for (String trail : oldest.getValue()) {
      store.delete(key(trail, oldest.getKey()));
      out.forget(trail, MinuteCounts.name(oldest.getKey()), now);
      entries--;
    }
  }

  /** Remembers that a minute was told of a trail, and has to be taken back some time. */
  void know(String trail, long minute) {
    // What is left over of all older minutes stays, once for each trail.
    if (minute != MinuteCounts.BEFORE
        && trails.computeIfAbsent(minute, m -> new TreeSet<>()).add(trail)) {
      entries++;
    }
  }

  private static byte[] bytes(byte state, MinuteCounts counts) {
    ByteBuffer out = ByteBuffer.allocate(1 + counts.size());
    out.put(state);
    counts.write(out);
    return out.array();
  }

  private static MinuteCounts read(String trail, byte[] bytes) {
    try {
      return MinuteCounts.read(ByteBuffer.wrap(bytes, 1, bytes.length - 1));
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "a minute of trail '" + trail + "' ends too early", e);
    }
  }

  private static String key(String trail, long minute) {
    return minute + "/" + trail;
  }

  private static String trail(String key) {
    return key.substring(key.indexOf('/') + 1);
  }

  private static long minute(String key) {
    return Long.parseLong(key.substring(0, key.indexOf('/')));
  }
}
