package io.sworn.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MerkleVectorsTest {

  private static final String[] LEAVES = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f"
  };
  private static final String[] LEAF_HASHES = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
    "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1"
  };
  private static final String[] ROOTS = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
  };
  private static final Map<String, String> NODES =
      Map.of(
          "N[0,2)", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "N[2,4)", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "N[4,6)", "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
          "N[6,8)", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "N[0,4)", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
          "N[4,7)", "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
          "N[4,8)", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");

  /** By size: "index: proof" separated by '/'. */
  private static final String[] INCLUSION = {
    "0:",
    "0: L1 / 1: L0",
    "0: L1 L2 / 1: L0 L2 / 2: N[0,2)",
    "0: L1 N[2,4) / 1: L0 N[2,4) / 2: L3 N[0,2) / 3: L2 N[0,2)",
    "0: L1 N[2,4) L4 / 1: L0 N[2,4) L4 / 2: L3 N[0,2) L4 / 3: L2 N[0,2) L4 / 4: N[0,4)",
    "0: L1 N[2,4) N[4,6) / 1: L0 N[2,4) N[4,6) / 2: L3 N[0,2) N[4,6) / 3: L2 N[0,2) N[4,6) / 4: L5"
        + " N[0,4) / 5: L4 N[0,4)",
    "0: L1 N[2,4) N[4,7) / 1: L0 N[2,4) N[4,7) / 2: L3 N[0,2) N[4,7) / 3: L2 N[0,2) N[4,7) / 4: L5"
        + " L6 N[0,4) / 5: L4 L6 N[0,4) / 6: N[4,6) N[0,4)",
    "0: L1 N[2,4) N[4,8) / 1: L0 N[2,4) N[4,8) / 2: L3 N[0,2) N[4,8) / 3: L2 N[0,2) N[4,8) / 4: L5"
        + " N[6,8) N[0,4) / 5: L4 N[6,8) N[0,4) / 6: L7 N[4,6) N[0,4) / 7: L6 N[4,6) N[0,4)"
  };

  /** By size from 2: "older size: proof". */
  private static final String[] CONSISTENCY = {
    "1: L1",
    "1: L1 L2 / 2: L2",
    "1: L1 N[2,4) / 2: N[2,4) / 3: L2 L3 N[0,2)",
    "1: L1 N[2,4) L4 / 2: N[2,4) L4 / 3: L2 L3 N[0,2) L4 / 4: L4",
    "1: L1 N[2,4) N[4,6) / 2: N[2,4) N[4,6) / 3: L2 L3 N[0,2) N[4,6) / 4: N[4,6) / 5: L4 L5 N[0,4)",
    "1: L1 N[2,4) N[4,7) / 2: N[2,4) N[4,7) / 3: L2 L3 N[0,2) N[4,7) / 4: N[4,7) / 5: L4 L5 L6"
        + " N[0,4) / 6: N[4,6) L6 N[0,4)",
    "1: L1 N[2,4) N[4,8) / 2: N[2,4) N[4,8) / 3: L2 L3 N[0,2) N[4,8) / 4: N[4,8) / 5: L4 L5 N[6,8)"
        + " N[0,4) / 6: N[4,6) N[6,8) N[0,4) / 7: L6 L7 N[4,6) N[0,4)"
  };

  /** Complete subtrees in memory, made by the tree itself. */
  private static final class Memory implements SubtreeHashes {
    private final Map<String, Hash> hashes = new HashMap<>();
    private final MerkleTree tree = new MerkleTree();

    void append(Hash leaf) {
      long at = tree.size();
      List<Hash> completed = tree.append(leaf);
      for (int level = 0; level < completed.size(); level++) {
        hashes.put(level + "/" + (at >>> level), completed.get(level));
      }
    }

    @Override
    public Hash subtree(int level, long index) {
      return hashes.get(level + "/" + index);
    }
  }

  private static Memory eight() {
    Memory memory = new Memory();
    for (String leaf : LEAVES) {
      memory.append(Hash.leaf(HexFormat.of().parseHex(leaf)));
    }
    return memory;
  }

  private static Hash named(String name) {
    return Hash.parseHex(
        name.startsWith("L") ? LEAF_HASHES[name.charAt(1) - '0'] : NODES.get(name));
  }

  private static Map<Integer, List<Hash>> table(String row) {
    Map<Integer, List<Hash>> proofs = new HashMap<>();
    for (String cell : row.split("/")) {
      String[] parts = cell.split(":", 2);
      proofs.put(
          Integer.valueOf(parts[0].strip()),
          Arrays.stream(parts[1].strip().split(" "))
              .filter(name -> !name.isEmpty())
              .map(MerkleVectorsTest::named)
              .toList());
    }
    return proofs;
  }

  @Test
  void hashesOfEmptyTreeLeafAndNodeAreThePublishedOnes() {
    assertThat(Hash.EMPTY_TREE)
        .hasToString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assertThat(new MerkleTree().root()).isEqualTo(Hash.EMPTY_TREE);
    assertThat(Hash.leaf("L123456".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .hasToString("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  }

  @Test
  void rootsOfTheStandardTreeAreThePublishedOnes() {
    MerkleTree tree = new MerkleTree();
    for (int i = 0; i < 8; i++) {
      Hash leaf = Hash.leaf(HexFormat.of().parseHex(LEAVES[i]));
      assertThat(leaf).hasToString(LEAF_HASHES[i]);
      tree.append(leaf);
      assertThat(tree.root()).hasToString(ROOTS[i]);
    }
  }

  @Test
  void everyPublishedInclusionProofIsMadeAndAcceptedAndNoMutationIs() {
    Memory memory = eight();
    for (int size = 1; size <= 8; size++) {
      for (Map.Entry<Integer, List<Hash>> row : table(INCLUSION[size - 1]).entrySet()) {
        long index = row.getKey();
        List<Hash> proof = row.getValue();
        Hash leaf = Hash.parseHex(LEAF_HASHES[(int) index]);
        Hash root = Hash.parseHex(ROOTS[size - 1]);
        assertThat(MerkleProofs.inclusion(index, size, memory)).isEqualTo(proof);
        assertThat(MerkleProofs.verifyInclusion(index, size, leaf, proof, root)).isTrue();
        for (long wrong : new long[] {index + 1, index - 1, index ^ 2, size}) {
          assertThat(MerkleProofs.verifyInclusion(wrong, size, leaf, proof, root)).isFalse();
        }
        for (long wrong : new long[] {size * 2L, size / 2L, 0}) {
          boolean accepted = MerkleProofs.verifyInclusion(index, wrong, leaf, proof, root);
          assertThat(accepted).as("index %d size %d as %d", index, size, wrong).isFalse();
        }
        assertThat(MerkleProofs.verifyInclusion(index, size, root, proof, Hash.EMPTY_TREE))
            .isFalse();
        Hash garbage = Hash.of(new byte[] {7});
        assertThat(MerkleProofs.verifyInclusion(index, size, garbage, proof, root)).isFalse();
        for (List<Hash> bad : mutations(proof, root)) {
          assertThat(MerkleProofs.verifyInclusion(index, size, leaf, bad, root)).isFalse();
        }
      }
    }
  }

  @Test
  void everyPublishedConsistencyProofIsMadeAndAcceptedAndNoMutationIs() {
    Memory memory = eight();
    for (int n = 2; n <= 8; n++) {
      for (Map.Entry<Integer, List<Hash>> row : table(CONSISTENCY[n - 2]).entrySet()) {
        long m = row.getKey();
        List<Hash> proof = row.getValue();
        Hash from = Hash.parseHex(ROOTS[(int) m - 1]);
        Hash to = Hash.parseHex(ROOTS[n - 1]);
        assertThat(MerkleProofs.consistency(m, n, memory)).isEqualTo(proof);
        assertThat(MerkleProofs.verifyConsistency(m, n, proof, from, to)).isTrue();
        assertThat(MerkleProofs.verifyConsistency(n, m, proof, from, to)).isFalse();
        assertThat(MerkleProofs.verifyConsistency(0, n, proof, from, to)).isFalse();
        assertThat(MerkleProofs.verifyConsistency(m, n, List.of(), from, to)).isFalse();
        assertThat(MerkleProofs.verifyConsistency(m, n, proof, to, from)).isFalse();
        assertThat(MerkleProofs.verifyConsistency(m, n, proof, Hash.EMPTY_TREE, to)).isFalse();
        assertThat(MerkleProofs.verifyConsistency(m, n, proof, from, Hash.EMPTY_TREE)).isFalse();
        for (long wrong : new long[] {m + 1, m - 1, m ^ 2}) {
          assertThat(MerkleProofs.verifyConsistency(wrong, n, proof, from, to)).isFalse();
        }
        for (long wrong : new long[] {n * 2L, n / 2L}) {
          assertThat(MerkleProofs.verifyConsistency(m, wrong, proof, from, to)).isFalse();
        }
        for (Hash end : List.of(from, to)) {
          for (List<Hash> bad : mutations(proof, end)) {
            assertThat(MerkleProofs.verifyConsistency(m, n, bad, from, to)).isFalse();
          }
        }
      }
    }
    Hash root = Hash.parseHex(ROOTS[3]);
    assertThat(MerkleProofs.verifyConsistency(4, 4, List.of(), root, root)).isTrue();
    assertThat(MerkleProofs.verifyConsistency(4, 4, List.of(root), root, root)).isFalse();
    assertThat(MerkleProofs.verifyConsistency(4, 4, List.of(), root, Hash.EMPTY_TREE)).isFalse();
    assertThat(MerkleProofs.verifyConsistency(0, 0, List.of(), root, root)).isFalse();
  }

  @Test
  void sizesAreUnsigned() {
    Hash leaf = Hash.leaf(new byte[0]);
    List<Hash> proof = new ArrayList<>();
    Hash root = leaf;
    for (int i = 0; i < 64; i++) {
      Hash sibling = Hash.of(new byte[] {(byte) i});
      proof.add(sibling);
      root = Hash.node(root, sibling);
    }
    assertThat(MerkleProofs.verifyInclusion(0, -1L, leaf, proof, root)).isTrue();
    assertThat(MerkleProofs.verifyInclusion(-1L, -1L, leaf, proof, root)).isFalse();
    assertThat(MerkleProofs.verifyConsistency(-1L, 1, List.of(leaf), leaf, leaf)).isFalse();
  }

  @Property(tries = 60)
  void rootsAndProofsEqualTheDefinitionForAnySize(@ForAll @IntRange(min = 1, max = 300) int size) {
    Memory memory = new Memory();
    List<Hash> leaves = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Hash leaf = Hash.leaf(new byte[] {(byte) i, (byte) (i >> 8)});
      leaves.add(leaf);
      memory.append(leaf);
    }
    Hash root = naive(leaves);
    assertThat(memory.tree.root()).isEqualTo(root);
    assertThat(MerkleTree.restore(size, memory).root()).isEqualTo(root);
    for (int i = 0; i < size; i++) {
      List<Hash> proof = MerkleProofs.inclusion(i, size, memory);
      assertThat(MerkleProofs.verifyInclusion(i, size, leaves.get(i), proof, root)).isTrue();
      List<Hash> growth = MerkleProofs.consistency(i + 1, size, memory);
      Hash old = MerkleProofs.root(i + 1, memory);
      assertThat(MerkleProofs.verifyConsistency(i + 1, size, growth, old, root)).isTrue();
    }
  }

  private static Hash naive(List<Hash> leaves) {
    if (leaves.size() == 1) {
      return leaves.get(0);
    }
    int k = Integer.highestOneBit(leaves.size() - 1);
    return Hash.node(naive(leaves.subList(0, k)), naive(leaves.subList(k, leaves.size())));
  }

  private static List<List<Hash>> mutations(List<Hash> proof, Hash root) {
    List<List<Hash>> bad = new ArrayList<>();
    for (Hash extra : List.of(root, Hash.EMPTY_TREE)) {
      List<Hash> before = new ArrayList<>(proof);
      before.add(0, extra);
      bad.add(before);
      List<Hash> after = new ArrayList<>(proof);
      after.add(extra);
      bad.add(after);
    }
    if (!proof.isEmpty()) {
      bad.add(proof.subList(0, proof.size() - 1));
      bad.add(proof.subList(1, proof.size()));
    }
    for (int i = 0; i < proof.size(); i++) {
      for (int bit = 0; bit < 256; bit += 17) {
        byte[] flipped = proof.get(i).toBytes();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        List<Hash> changed = new ArrayList<>(proof);
        changed.set(i, Hash.wrap(flipped));
        bad.add(changed);
      }
    }
    return bad;
  }
}
