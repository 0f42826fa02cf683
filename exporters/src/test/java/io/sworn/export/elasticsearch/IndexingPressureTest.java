package io.sworn.export.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IndexingPressureTest {

  private static final String WORDS =
      "rejected execution of coordinating operation [coordinating_and_primary_bytes=%d,"
          + " replica_bytes=0, all_bytes=%<d, coordinating_operation_bytes=%d, max_%s=%d]";

  @Test
  void aRequestOverTheLimitNeverFits() {
    assertThat(
            IndexingPressure.neverFits(
                String.format(WORDS, 0, 400_000, "coordinating_bytes", 300_000)))
        .isTrue();
    assertThat(
            IndexingPressure.neverFits(
                String.format(WORDS, 9, 400_000, "coordinating_and_primary_bytes", 300_000)))
        .isTrue();
  }

  @Test
  void aBusyNodeWillHaveRoomLater() {
    assertThat(
            IndexingPressure.neverFits(
                String.format(WORDS, 200_000, 150_000, "coordinating_bytes", 300_000)))
        .isFalse();
    assertThat(IndexingPressure.neverFits("circuit_breaking_exception")).isFalse();
    assertThat(IndexingPressure.neverFits("")).isFalse();
  }
}
