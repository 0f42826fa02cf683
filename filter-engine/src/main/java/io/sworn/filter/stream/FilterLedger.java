package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.FilterAccount;
import io.sworn.event.SwornException;
import io.sworn.filter.Decision;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterSet;
import io.sworn.filter.matcher.Judging;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Which version of each filter judges one partition, from which offset on, and how often it
 * matched. Kept in a store of the topology, so that what it says is committed together with the
 * judgements: after any crash a version judges from the offset that was told, or none was told yet.
 * One entry a filter; what an older version did remains in the topic of accounts alone.
 */
final class FilterLedger {

  static final String STORE = "filters";
  private static final byte FORM = 1;
  private static final byte ENABLED = 1;
  private static final byte SHADOW = 2;

  /** What one version did here. */
  private static final class Entry {
    final String name;
    final int version;
    final boolean enabled;
    final boolean shadow;
    final long from;
    long hits;
    long undecidable;

    /** It has counted since it was written down. */
    boolean counted;

    Entry(String name, int version, boolean enabled, boolean shadow, long from) {
      this.name = name;
      this.version = version;
      this.enabled = enabled;
      this.shadow = shadow;
      this.from = from;
    }

    byte[] toBytes() {
      return ByteBuffer.allocate(2 + Integer.BYTES + 3 * Long.BYTES)
          .put(FORM)
          .putInt(version)
          .put((byte) ((enabled ? ENABLED : 0) | (shadow ? SHADOW : 0)))
          .putLong(from)
          .putLong(hits)
          .putLong(undecidable)
          .array();
    }

    static Entry fromBytes(String name, byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      try {
        StoredForm.read(in, "the state of filter '" + name + "'", FORM);
        int version = in.getInt();
        byte flags = in.get();
        Entry entry =
            new Entry(name, version, (flags & ENABLED) != 0, (flags & SHADOW) != 0, in.getLong());
        entry.hits = in.getLong();
        entry.undecidable = in.getLong();
        return entry;
      } catch (BufferUnderflowException e) {
        throw new SwornException(
            ErrorCode.STORAGE, "the state of filter '" + name + "' ends too early", e);
      }
    }
  }

  private final int partition;
  private final KeyValueStore<String, byte[]> store;
  private final Consumer<FilterAccount> out;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final Set<String> changed = new LinkedHashSet<>();
  private final Set<String> unwritten = new LinkedHashSet<>();
  private Entry[] numbered = new Entry[0];

  /** Takes up what the store holds; accounts are given to {@code out}. */
  FilterLedger(int partition, KeyValueStore<String, byte[]> store, Consumer<FilterAccount> out) {
    this.partition = partition;
    this.store = store;
    this.out = out;
    try (KeyValueIterator<String, byte[]> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        entries.put(entry.key, Entry.fromBytes(entry.key, entry.value));
        changed.add(entry.key); // its last account may have missed the last commit
      }
    }
  }

  /** Filters of which {@code filters} has an older version than has judged here already. */
  List<String> outdated(FilterSet filters) {
    List<String> names = new ArrayList<>();
    for (Entry entry : entries.values()) {
      FilterDefinition known = filters.known().get(entry.name);
      if (known != null && known.version() < entry.version) {
        names.add(entry.name);
      }
    }
    return names;
  }

  /** From {@code offset} on, {@code filters} judge; says so at once for each that is new here. */
  void begin(FilterSet filters, long offset, long now) {
    for (Entry entry : List.copyOf(entries.values())) {
      if (!filters.known().containsKey(entry.name)) {
        end(entry, offset, now);
        entries.remove(entry.name);
        store.delete(entry.name);
      }
    }
    for (FilterDefinition definition : filters.known().values()) {
      Entry former = entries.get(definition.name());
      if (former != null && former.version == definition.version()) {
        continue;
      }
      if (former != null) {
        end(former, offset, now);
      }
      Entry entry =
          new Entry(
              definition.name(),
              definition.version(),
              definition.enabled(),
              definition.shadow(),
              offset);
      entries.put(entry.name, entry);
      save(entry);
      out.accept(account(entry, -1, now));
    }
    number(filters.definitions());
  }

  private void number(Collection<FilterDefinition> judging) {
    numbered = new Entry[judging.size()];
    int number = 0;
    for (FilterDefinition definition : judging) {
      Entry entry = entries.get(definition.name());
      if (entry == null) {
        throw new IllegalStateException("every filter that judges is known");
      }
      numbered[number++] = entry;
    }
  }

  /** Counts what {@code judging} found for its event. */
  void count(Judging judging) {
    for (int i = 0; i < judging.kept(); i++) {
      int number = judging.kept(i);
      Entry entry = numbered[number];
      entry.hits++;
      entry.undecidable += judging.decision(number) == Decision.UNDECIDABLE ? 1 : 0;
      if (!entry.counted) {
        entry.counted = true;
        unwritten.add(entry.name);
        changed.add(entry.name);
      }
    }
  }

  /** Writes down what was counted since the last commit. */
  void write() {
    for (String name : unwritten) {
      Entry entry = entries.get(name);
      if (entry != null) {
        save(entry);
      }
    }
    unwritten.clear();
  }

  /** Tells the accounts of what has changed. */
  void account(long now) {
    for (String name : changed) {
      Entry entry = entries.get(name);
      if (entry != null) {
        out.accept(account(entry, -1, now));
      }
    }
    changed.clear();
  }

  private void end(Entry entry, long offset, long now) {
    out.accept(account(entry, offset, now));
    changed.remove(entry.name);
  }

  private void save(Entry entry) {
    entry.counted = false;
    store.put(entry.name, entry.toBytes());
    changed.add(entry.name);
  }

  private FilterAccount account(Entry e, long until, long now) {
    return new FilterAccount(
        e.name,
        e.version,
        partition,
        e.enabled,
        e.shadow,
        e.from,
        until,
        e.hits,
        e.undecidable,
        now);
  }
}
