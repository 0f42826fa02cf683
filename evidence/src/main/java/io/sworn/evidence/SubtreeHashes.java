package io.sworn.evidence;

/** Where the hashes of complete subtrees come from: memory, or a file beside the archive. */
@FunctionalInterface
public interface SubtreeHashes {

  /**
   * Root over the leaves {@code [index * 2^level, (index + 1) * 2^level)}, all of which exist.
   *
   * @param level 0 for a leaf
   * @param index position among the subtrees of this level
   */
  Hash subtree(int level, long index);
}
