package io.sworn.evidence;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hashes from a source that nobody vouches for, each proved against a root that somebody signed
 * before it is handed out. Cheap for neighbours, which share all but the lowest subtrees. Holds a
 * bounded number. For one thread.
 */
public final class ProvedHashes implements SubtreeHashes {

  private static final int HASHES_MAX = 4_096;

  private final SubtreeHashes source;
  private final long size;

  /** The subtrees that make up the root; nothing complete is above them. */
  private final Map<Long, Hash> edge = new HashMap<>();

  private final Map<Long, Hash> proved =
      new LinkedHashMap<>(2 * HASHES_MAX, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Hash> eldest) {
          return size() > HASHES_MAX;
        }
      };

  /**
   * Proves what {@code source} says of the first {@code size} leaves.
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if it does not lead to {@code root}
   */
  public ProvedHashes(SubtreeHashes source, long size, Hash root) {
    this.source = source;
    this.size = size;
    Hash found =
        MerkleTree.restore(
                size,
                (level, index) -> {
                  Hash hash = source.subtree(level, index);
                  edge.put(key(level, index), hash);
                  return hash;
                })
            .root();
    if (!found.equals(root)) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          "the hashes over " + size + " events do not lead to the signed root");
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if it is not what the root was made of
   */
  @Override
  public Hash subtree(int level, long index) {
    long key = key(level, index);
    Hash known = edge.get(key);
    if (known == null) {
      known = proved.get(key);
    }
    return known == null ? prove(level, index) : known;
  }

  private Hash prove(int level, long index) {
    if (index < 0 || index >= size >>> level) {
      throw new IllegalArgumentException(
          "no subtree " + index + " of level " + level + " in a tree of " + size);
    }
    Hash above = subtree(level + 1, index >> 1);
    Hash left = source.subtree(level, index & ~1L);
    Hash right = source.subtree(level, index | 1);
    if (!Hash.node(left, right).equals(above)) {
      long first = (index & ~1L) << level;
      throw new SwornException(
          ErrorCode.INTEGRITY,
          "the hashes of events "
              + first
              + " to "
              + (first + (2L << level) - 1)
              + " do not lead to the signed root");
    }
    proved.put(key(level, index & ~1L), left);
    proved.put(key(level, index | 1), right);
    return (index & 1) == 0 ? left : right;
  }

  private static long key(int level, long index) {
    return index << 6 | level; // a level is below 64 and an index below 2^57
  }
}
