package io.sworn.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProvedHashesTest {

  private record Place(int level, long index) {}

  private final Map<Place, Hash> hashes = new HashMap<>();
  private final MerkleTree tree = new MerkleTree();

  private void grow() {
    long leaf = tree.size();
    List<Hash> completed = tree.append(Hash.leaf(new byte[] {(byte) leaf, (byte) (leaf >> 8)}));
    for (int level = 0; level < completed.size(); level++) {
      hashes.put(new Place(level, leaf >> level), completed.get(level));
    }
  }

  private ProvedHashes proved() {
    return new ProvedHashes(
        (level, index) -> hashes.get(new Place(level, index)), tree.size(), tree.root());
  }

  @Test
  void whatLeadsToTheRootIsHandedOut() {
    for (int size = 1; size <= 70; size++) {
      grow();
      ProvedHashes proved = proved();
      hashes.forEach(
          (place, hash) -> assertThat(proved.subtree(place.level, place.index)).isEqualTo(hash));
    }
    assertThatThrownBy(() -> proved().subtree(0, 70)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyOtherHashIsRefusedWithTheEventsBelowIt() {
    for (int size = 1; size <= 37; size++) {
      grow();
    }
    for (Place place : List.copyOf(hashes.keySet())) {
      Hash good = hashes.put(place, Hash.EMPTY_TREE);
      assertThatThrownBy(() -> proved().subtree(place.level, place.index))
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("do not lead to the signed root");
      hashes.put(place, good == null ? Hash.EMPTY_TREE : good);
    }
    hashes.put(new Place(0, 9), Hash.EMPTY_TREE);
    assertThatThrownBy(() -> proved().subtree(0, 8)).hasMessageContaining("events 8 to 9");
    assertThat(proved().subtree(0, 7)).isEqualTo(hashes.get(new Place(0, 7)));
  }
}
