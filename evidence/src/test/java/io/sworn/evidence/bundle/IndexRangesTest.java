package io.sworn.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class IndexRangesTest {

  @Test
  void holdsWhatASetOfNumbersHolds() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      IndexRanges ranges = new IndexRanges();
      SortedSet<Long> expected = new TreeSet<>();
      for (int i = 0; i < 12; i++) {
        long from = random.nextInt(40);
        long to = from + random.nextInt(6);
        ranges.add(from, to);
        for (long at = from; at < to; at++) {
          expected.add(at);
        }
      }
      List<Long> found = new ArrayList<>();
      ranges.iterator().forEachRemaining((long at) -> found.add(at));
      assertThat(found).containsExactlyElementsOf(expected);
      assertThat(ranges.count()).isEqualTo(expected.size());
    }
  }
}
