package io.sworn.filter.matcher;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A hash table from literals to things, asked with values in place. Filled once, then read. */
final class ValueTable<T> {

  private int[] hashes = new int[8];
  private @Nullable Literal[] literals = new Literal[8];
  private List<@Nullable T> things = empty(8);
  private int size;

  private static <T> List<@Nullable T> empty(int capacity) {
    List<@Nullable T> list = new ArrayList<>(capacity);
    for (int i = 0; i < capacity; i++) {
      list.add(null);
    }
    return list;
  }

  /** Adds a thing; a literal that is there already keeps its own. */
  void put(Literal literal, T thing) {
    if (2 * (size + 1) > hashes.length) {
      grow();
    }
    int hash = literal.valueHash();
    int slot = slot(hash);
    for (Literal other = literals[slot]; other != null; other = literals[slot]) {
      if (other.equals(literal)) {
        return;
      }
      slot = slot + 1 & hashes.length - 1;
    }
    hashes[slot] = hash;
    literals[slot] = literal;
    things.set(slot, thing);
    size++;
  }

  private void grow() {
    ValueTable<T> bigger = new ValueTable<>();
    int capacity = 2 * hashes.length;
    bigger.hashes = new int[capacity];
    bigger.literals = new Literal[capacity];
    bigger.things = empty(capacity);
    for (int i = 0; i < hashes.length; i++) {
      Literal literal = literals[i];
      T thing = things.get(i);
      if (literal != null && thing != null) {
        bigger.put(literal, thing);
      }
    }
    hashes = bigger.hashes;
    literals = bigger.literals;
    things = bigger.things;
  }

  private int slot(int hash) {
    return (hash ^ hash >>> 15) & hashes.length - 1;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The first thing whose literal equals value {@code i}, or null. */
  @Nullable T find(Values values, int i) {
    int at = first(values, i);
    return at < 0 ? null : things.get(at);
  }

  /** Where such a thing stands, or -1. Literals of different types can equal the same value. */
  int first(Values values, int i) {
    int hash = ValueHash.of(values, i);
    return from(slot(hash), hash, values, i);
  }

  /** The next such place behind {@code at}, or -1. */
  int next(int at, Values values, int i) {
    return from(at + 1 & hashes.length - 1, hashes[at], values, i);
  }

  private int from(int begin, int hash, Values values, int i) {
    for (int at = begin; ; at = at + 1 & hashes.length - 1) {
      Literal literal = literals[at];
      if (literal == null) {
        return -1;
      }
      if (hashes[at] == hash && literal.equalTo(values, i)) {
        return at;
      }
    }
  }

  /** The thing at a place that {@link #first} or {@link #next} gave. */
  @Nullable T at(int place) {
    return things.get(place);
  }
}
