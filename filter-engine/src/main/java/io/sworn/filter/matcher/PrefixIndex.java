package io.sworn.filter.matcher;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds all prefixes of a text: they are the greatest prefix not above the text, if it is one, and
 * the prefixes of that, which are known beforehand. Only prefixes are searched whose first bytes,
 * as many as all prefixes have, are those of the text; most texts have none.
 */
final class PrefixIndex {

  /** A pattern, its literal prefix, and what it leads to. */
  record Entry(byte[] prefix, PatternTest pattern, Partition target) {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  private final Entry[] entries;
  private final byte[][] prefixes;
  private final int[] parents;
  private final int shortest;
  private final int leadBytes;
  private final long[] leads;
  private final int[] begins;
  private final int[] ends;

  PrefixIndex(List<Entry> all) {
    List<Entry> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparing(Entry::prefix, Arrays::compareUnsigned));
    entries = sorted.toArray(new Entry[0]);
    prefixes = new byte[entries.length][];
    parents = new int[entries.length];
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < entries.length; i++) {
      byte[] prefix = entries[i].prefix();
      prefixes[i] = prefix;
      least = Math.min(least, prefix.length);
      int parent = i - 1;
      while (parent >= 0 && !begins(prefix, 0, prefix.length, prefixes[parent])) {
        parent = parents[parent];
      }
      parents[i] = parent;
    }
    shortest = least;
    leadBytes = Math.min(least, Long.BYTES);
    int capacity = Integer.highestOneBit(Math.max(4, 4 * entries.length - 1));
    leads = new long[capacity];
    begins = new int[capacity];
    ends = new int[capacity];
    for (int i = 0; i < entries.length; i++) {
      long lead = lead(prefixes[i], 0);
      int slot = slot(lead);
      if (ends[slot] == 0) {
        leads[slot] = lead;
        begins[slot] = i;
      }
      ends[slot] = i + 1;
    }
  }

  /** The first bytes as a number. */
  private long lead(byte[] text, int start) {
    if (leadBytes == Long.BYTES) {
      return EncodedBson.int64(text, start);
    }
    long lead = 0;
    for (int i = 0; i < leadBytes; i++) {
      lead = lead << 8 | text[start + i] & 0xFF;
    }
    return lead;
  }

  /** Where a lead stands in the table, or would. At most half of the table is taken. */
  private int slot(long lead) {
    long h = lead * 0x9E37_79B9_7F4A_7C15L;
    int slot = (int) (h >>> 32) & leads.length - 1;
    while (ends[slot] != 0 && leads[slot] != lead) {
      slot = slot + 1 & leads.length - 1;
    }
    return slot;
  }

  private static boolean begins(byte[] text, int start, int length, byte[] prefix) {
    return length >= prefix.length
        && Arrays.equals(text, start, start + prefix.length, prefix, 0, prefix.length);
  }

  void visit(Judging judging, Values values, int i) {
    int type = values.type(i);
    if (type == EncodedBson.REGEX) {
      stored(judging, values, i);
      return;
    }
    if (type != EncodedBson.STRING && type != EncodedBson.SYMBOL) {
      return;
    }
    byte[] b = values.buffer(i);
    int start = values.start(i);
    int length = values.length(i);
    if (length < shortest) {
      return;
    }
    int slot = slot(lead(b, start));
    if (ends[slot] == 0) {
      return;
    }
    int at = lastNotAbove(b, start, length, begins[slot], ends[slot]);
    while (at >= 0 && !begins(b, start, length, prefixes[at])) {
      at = parents[at];
    }
    for (; at >= 0; at = parents[at]) {
      entries[at].target().visit(judging);
    }
  }

  /** Before {@code begin} if all of the range are above. */
  private int lastNotAbove(byte[] b, int start, int length, int begin, int end) {
    int low = begin;
    int high = end;
    while (low < high) {
      int middle = low + high >>> 1;
      byte[] prefix = prefixes[middle];
      if (Arrays.compareUnsigned(prefix, 0, prefix.length, b, start, start + length) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == begin ? -1 : low - 1;
  }

  /** A pattern that is stored as a value equals only itself. */
  private void stored(Judging judging, Values values, int i) {
    for (Entry entry : entries) {
      if (entry.pattern().of(judging, values, i) == Truth.YES) {
        entry.target().visit(judging);
      }
    }
  }
}
