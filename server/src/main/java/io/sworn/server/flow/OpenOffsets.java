package io.sworn.server.flow;

import java.util.Arrays;

/** Ascending offsets of one partition that some destination has not settled yet. */
final class OpenOffsets {

  private long[] offsets = new long[64];
  private int head;
  private int tail;

  void add(long offset) {
    if (tail == offsets.length) {
      int size = tail - head;
      offsets =
          size < offsets.length / 2
              ? Arrays.copyOfRange(offsets, head, head + offsets.length)
              : Arrays.copyOfRange(offsets, head, head + 2 * offsets.length);
      head = 0;
      tail = size;
    }
    offsets[tail++] = offset;
  }

  /** How many are at or behind {@code offset}. */
  int countFrom(long offset) {
    return tail - position(offset);
  }

  /** Forgets those before {@code offset}: everybody has settled them. */
  void dropBefore(long offset) {
    head = position(offset);
  }

  private int position(long offset) {
    int found = Arrays.binarySearch(offsets, head, tail, offset);
    return found >= 0 ? found : -found - 1;
  }
}
