package io.sworn.server.flow;

import java.util.BitSet;
import java.util.TreeMap;

/**
 * Offsets of one partition that some destination has not settled yet. One bit an offset: a
 * destination that stays away for a week may leave hundreds of millions.
 */
final class OpenOffsets {

  private static final int BLOCK_BITS = 16;
  private static final int BLOCK = 1 << BLOCK_BITS;

  /** Number of a block of offsets to those of them that are open. */
  private final TreeMap<Long, BitSet> blocks = new TreeMap<>();

  void add(long offset) {
    blocks.computeIfAbsent(offset >> BLOCK_BITS, block -> new BitSet()).set(within(offset));
  }

  /** How many are at or behind {@code offset}. */
  long countFrom(long offset) {
    long first = offset >> BLOCK_BITS;
    long count = 0;
    for (BitSet block : blocks.tailMap(first, false).values()) {
      count += block.cardinality();
    }
    BitSet begun = blocks.get(first);
    return begun == null ? count : count + begun.get(within(offset), BLOCK).cardinality();
  }

  /** Forgets those before {@code offset}: everybody has settled them. */
  void dropBefore(long offset) {
    long first = offset >> BLOCK_BITS;
    blocks.headMap(first, false).clear();
    BitSet begun = blocks.get(first);
    if (begun != null) {
      begun.clear(0, within(offset));
    }
  }

  private static int within(long offset) {
    return (int) (offset & (BLOCK - 1));
  }
}
