package io.sworn.filter.stream;

import io.sworn.event.TrailAccount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The trails of one partition. Written to a store of the topology before each commit, so that they
 * are committed with the events that they count.
 */
final class TrailBook {

  static final String STORE = "trails";

  private final KeyValueStore<String, byte[]> store;
  private final Map<String, TrailState> trails = new HashMap<>();
  private final List<TrailState> unwritten = new ArrayList<>();

  /** Changed since their account was told. */
  private final List<TrailState> untold = new ArrayList<>();

  /** Changed since their minute was told. */
  private final Set<TrailState> counted = new LinkedHashSet<>();

  /** Takes up what the store holds. */
  TrailBook(KeyValueStore<String, byte[]> store) {
    this.store = store;
    try (KeyValueIterator<String, byte[]> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        TrailState state = TrailState.fromBytes(entry.key, entry.value);
        trails.put(entry.key, state);
        state.untold = true;
        untold.add(state); // its last account may have missed the last commit
      }
    }
  }

  /** The state of a trail, to be changed. */
  TrailState open(String trail) {
    TrailState state = trails.get(trail);
    if (state == null) {
      state = new TrailState(trail);
      trails.put(trail, state);
    }
    if (!state.changed) {
      state.changed = true;
      unwritten.add(state);
    }
    if (!state.untold) {
      state.untold = true;
      untold.add(state);
    }
    return state;
  }

  /** All of them. */
  Collection<TrailState> all() {
    return Collections.unmodifiableCollection(trails.values());
  }

  /** Writes down what has changed since the last commit. */
  void write() {
    for (TrailState state : unwritten) {
      store.put(state.trail(), state.toBytes());
      state.changed = false;
    }
    unwritten.clear();
  }

  /** Gives the accounts of those that have changed to {@code out}. */
  void account(long now, Consumer<TrailAccount> out) {
    for (TrailState state : untold) {
      state.untold = false;
      out.accept(state.account(now));
    }
    counted.addAll(untold);
    untold.clear();
  }

  /**
   * Gives those to {@code out} whose account was told since the last call, as the minute that they
   * count in may have changed.
   */
  void minutes(Consumer<TrailState> out) {
    counted.forEach(out);
    counted.clear();
  }
}
