package io.sworn.evidence;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers the subtrees that were asked for last: the proofs of neighbouring leaves share all but
 * the lowest of them. Holds a bounded number. For one thread.
 */
public final class RecentHashes implements SubtreeHashes {

  private static final int HASHES_MAX = 4_096;

  private final SubtreeHashes source;
  private final Map<Long, Hash> recent =
      new LinkedHashMap<>(2 * HASHES_MAX, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Hash> eldest) {
          return size() > HASHES_MAX;
        }
      };

  /** Remembers what {@code source} gives; its hashes never change. */
  public RecentHashes(SubtreeHashes source) {
    this.source = source;
  }

  @Override
  public Hash subtree(int level, long index) {
    // A level is below 64 and an index below 2^57: together they are one number.
    return recent.computeIfAbsent(index << 6 | level, key -> source.subtree(level, index));
  }
}
