package io.sworn.filter.matcher;

import org.jspecify.annotations.Nullable;

/** A hash table from literals to things, asked with values in place. Filled once, then read. */
final class ValueTable<T> {

  /** A literal and what it leads to. */
  private record Entry<T>(Literal literal, T thing) {}

  private static final int BITS_PER_SLOT = 8;

  // At most one slot in four is taken, and one bit in 32. Most values of events are not in the
  // table: they nearly always meet a bit that is not set, so the branch goes the same way.
  private long[] marks = new long[1];
  private int[] hashes = new int[8]; // 0 = a gap
  private @Nullable Entry<T>[] entries = array(8);
  private int size;

  @SuppressWarnings("unchecked") // an array of a generic type cannot be made otherwise
  private static <T> @Nullable Entry<T>[] array(int capacity) {
    return (@Nullable Entry<T>[]) new Entry<?>[capacity];
  }

  /** Adds a thing; a literal that is there already keeps its own. */
  void put(Literal literal, T thing) {
    if (4 * (size + 1) > hashes.length) {
      grow();
    }
    if (add(notZero(literal.valueHash()), new Entry<>(literal, thing))) {
      size++;
    }
  }

  private boolean add(int hash, Entry<T> entry) {
    int slot = slot(hash);
    for (Entry<T> other = entries[slot]; other != null; other = entries[slot]) {
      if (other.literal.equals(entry.literal)) {
        return false;
      }
      slot = slot + 1 & hashes.length - 1;
    }
    hashes[slot] = hash;
    entries[slot] = entry;
    int bit = mark(hash);
    marks[bit >>> 6] |= 1L << bit;
    return true;
  }

  private void grow() {
    int[] oldHashes = hashes;
    @Nullable Entry<T>[] old = entries;
    hashes = new int[2 * old.length];
    entries = array(2 * old.length);
    marks = new long[2 * old.length * BITS_PER_SLOT / Long.SIZE];
    for (int i = 0; i < old.length; i++) {
      Entry<T> entry = old[i];
      if (entry != null) {
        add(oldHashes[i], entry);
      }
    }
  }

  private static int notZero(int hash) {
    return hash == 0 ? 1 : hash;
  }

  private int slot(int hash) {
    return mark(hash) & hashes.length - 1;
  }

  /** The bit of a hash. */
  private int mark(int hash) {
    return (hash ^ hash >>> 15) & BITS_PER_SLOT * hashes.length - 1;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Whether some literal equals value {@code i}. */
  boolean has(Values values, int i) {
    return first(values, i) >= 0;
  }

  /** Where such a thing stands, or -1. Literals of different types can equal the same value. */
  int first(Values values, int i) {
    int hash = notZero(ValueHash.of(values, i));
    int bit = mark(hash);
    return (marks[bit >>> 6] >>> bit & 1) == 0 ? -1 : from(slot(hash), hash, values, i);
  }

  /** The next such place behind {@code at}, or -1. */
  int next(int at, Values values, int i) {
    return from(at + 1 & hashes.length - 1, hashes[at], values, i);
  }

  private int from(int begin, int hash, Values values, int i) {
    for (int at = begin; hashes[at] != 0; at = at + 1 & hashes.length - 1) {
      Entry<T> entry = entries[at];
      if (hashes[at] == hash && entry != null && entry.literal.equalTo(values, i)) {
        return at;
      }
    }
    return -1;
  }

  /** The thing at a place that {@link #first} or {@link #next} gave. */
  @Nullable T at(int place) {
    Entry<T> entry = entries[place];
    return entry == null ? null : entry.thing;
  }
}
