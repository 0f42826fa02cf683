package io.sworn.evidence;

import java.util.ArrayList;
import java.util.List;

/**
 * An append-only RFC 6962 tree that keeps only its right edge: at most 64 hashes, O(1) amortised
 * per append. For one thread.
 */
public final class MerkleTree {

  private final List<Hash> edge = new ArrayList<>();
  private long size;

  /** An empty tree. */
  public MerkleTree() {}

  /** A tree of {@code size} leaves whose edge is read from {@code hashes}. */
  public static MerkleTree restore(long size, SubtreeHashes hashes) {
    MerkleTree tree = new MerkleTree();
    for (int level = 63; level >= 0; level--) {
      if ((size >>> level & 1) == 1) {
        tree.edge.add(hashes.subtree(level, (size >>> level) - 1));
      }
    }
    tree.size = size;
    return tree;
  }

  /**
   * Adds a leaf.
   *
   * @return the subtrees that it completed, lowest first; the first one is the leaf itself
   */
  public List<Hash> append(Hash leaf) {
    List<Hash> completed = new ArrayList<>(2);
    completed.add(leaf);
    Hash hash = leaf;
    for (long k = size; (k & 1) == 1; k >>>= 1) {
      hash = Hash.node(edge.remove(edge.size() - 1), hash);
      completed.add(hash);
    }
    edge.add(hash);
    size++;
    return completed;
  }

  /** Number of leaves. */
  public long size() {
    return size;
  }

  /** {@code MTH} over all leaves. */
  public Hash root() {
    if (edge.isEmpty()) {
      return Hash.EMPTY_TREE;
    }
    Hash root = edge.get(edge.size() - 1);
    for (int i = edge.size() - 2; i >= 0; i--) {
      root = Hash.node(edge.get(i), root);
    }
    return root;
  }
}
