package io.sworn.server.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OpenOffsetsTest {

  @Test
  void countsAsASetOfOffsetsDoes() {
    Random random = new Random(7);
    OpenOffsets open = new OpenOffsets();
    TreeSet<Long> expected = new TreeSet<>();
    long next = 0;
    long settled = 0;
    for (int round = 0; round < 200; round++) {
      for (int i = random.nextInt(3_000); i > 0; i--) {
        next += 1 + random.nextInt(random.nextInt(20) == 0 ? 50_000 : 3);
        open.add(next);
        expected.add(next);
      }
      assertThat(open.countFrom(settled)).isEqualTo(expected.tailSet(settled).size());
      assertThat(open.countFrom(next)).isEqualTo(expected.tailSet(next).size());
      settled += (long) (random.nextDouble() * (next - settled));
      assertThat(open.countFrom(settled)).isEqualTo(expected.tailSet(settled).size());
      open.dropBefore(settled);
      expected.headSet(settled).clear();
      assertThat(open.countFrom(0)).isEqualTo(expected.size());
    }
    open.dropBefore(next + 1);
    assertThat(open.countFrom(0)).isZero();
  }
}
