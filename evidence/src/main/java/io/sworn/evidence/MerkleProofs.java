package io.sworn.evidence;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes and checks the two proofs of an RFC 6962 tree. Sizes and indices are unsigned 64-bit in the
 * checks. Stateless.
 */
public final class MerkleProofs {

  private MerkleProofs() {}

  /** Root over the first {@code size} leaves. */
  public static Hash root(long size, SubtreeHashes hashes) {
    return size == 0 ? Hash.EMPTY_TREE : range(0, size, hashes);
  }

  /** {@code PATH(index, D[size])} of RFC 6962 section 2.1.1, leaf to root. */
  public static List<Hash> inclusion(long index, long size, SubtreeHashes hashes) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("no leaf " + index + " in a tree of " + size);
    }
    List<Hash> path = new ArrayList<>();
    path(index, 0, size, hashes, path);
    return path;
  }

  /** {@code PROOF(from, D[to])} of RFC 6962 section 2.1.2. */
  public static List<Hash> consistency(long from, long to, SubtreeHashes hashes) {
    if (from < 1 || from > to) {
      throw new IllegalArgumentException("no consistency proof from " + from + " to " + to);
    }
    List<Hash> proof = new ArrayList<>();
    subproof(from, 0, to, true, hashes, proof);
    return proof;
  }

  /** Checks an inclusion proof as RFC 9162 section 2.1.3.2 does. */
  public static boolean verifyInclusion(
      long index, long size, Hash leaf, List<Hash> proof, Hash root) {
    if (Long.compareUnsigned(index, size) >= 0) {
      return false;
    }
    long fn = index;
    long sn = size - 1;
    Hash r = leaf;
    for (Hash p : proof) {
      if (sn == 0) {
        return false;
      }
      if ((fn & 1) == 1 || fn == sn) {
        r = Hash.node(p, r);
        while ((fn & 1) == 0 && fn != 0) {
          fn >>>= 1;
          sn >>>= 1;
        }
      } else {
        r = Hash.node(r, p);
      }
      fn >>>= 1;
      sn >>>= 1;
    }
    return sn == 0 && r.equals(root);
  }

  /** Checks a consistency proof as RFC 9162 section 2.1.4.2 does. */
  public static boolean verifyConsistency(
      long from, long to, List<Hash> proof, Hash fromRoot, Hash toRoot) {
    if (from == 0 || Long.compareUnsigned(from, to) > 0) {
      return false;
    }
    if (from == to) {
      return proof.isEmpty() && fromRoot.equals(toRoot);
    }
    if (proof.isEmpty()) {
      return false;
    }
    List<Hash> path = new ArrayList<>(proof);
    if ((from & (from - 1)) == 0) {
      path.add(0, fromRoot);
    }
    long fn = from - 1;
    long sn = to - 1;
    while ((fn & 1) == 1) {
      fn >>>= 1;
      sn >>>= 1;
    }
    Hash fr = path.get(0);
    Hash sr = path.get(0);
    for (Hash c : path.subList(1, path.size())) {
      if (sn == 0) {
        return false;
      }
      if ((fn & 1) == 1 || fn == sn) {
        fr = Hash.node(c, fr);
        sr = Hash.node(c, sr);
        while ((fn & 1) == 0 && fn != 0) {
          fn >>>= 1;
          sn >>>= 1;
        }
      } else {
        sr = Hash.node(sr, c);
      }
      fn >>>= 1;
      sn >>>= 1;
    }
    return sn == 0 && fr.equals(fromRoot) && sr.equals(toRoot);
  }

  private static void path(long m, long from, long n, SubtreeHashes hashes, List<Hash> path) {
    if (n == 1) {
      return;
    }
    long k = Long.highestOneBit(n - 1);
    if (m < k) {
      path(m, from, k, hashes, path);
      path.add(range(from + k, n - k, hashes));
    } else {
      path(m - k, from + k, n - k, hashes, path);
      path.add(range(from, k, hashes));
    }
  }

  private static void subproof(
      long m, long from, long n, boolean whole, SubtreeHashes hashes, List<Hash> proof) {
    if (m == n) {
      if (!whole) {
        proof.add(range(from, n, hashes));
      }
      return;
    }
    long k = Long.highestOneBit(n - 1);
    if (m <= k) {
      subproof(m, from, k, whole, hashes, proof);
      proof.add(range(from + k, n - k, hashes));
    } else {
      subproof(m - k, from + k, n - k, false, hashes, proof);
      proof.add(range(from, k, hashes));
    }
  }

  /** Root over {@code n} leaves from {@code from}, a multiple of the largest subtree inside. */
  private static Hash range(long from, long n, SubtreeHashes hashes) {
    if ((n & (n - 1)) == 0) {
      int level = Long.numberOfTrailingZeros(n);
      return hashes.subtree(level, from >>> level);
    }
    long k = Long.highestOneBit(n - 1);
    return Hash.node(range(from, k, hashes), range(from + k, n - k, hashes));
  }
}
