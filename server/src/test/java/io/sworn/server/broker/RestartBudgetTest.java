package io.sworn.server.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestartBudgetTest {

  private static final Instant START = Instant.ofEpochSecond(1_700_000_000L);

  @Test
  void theFirstRestartComesAtOnceAndTheNextOnesEverLater() {
    RestartBudget budget = new RestartBudget(10, Duration.ofMinutes(10));
    List<Long> seconds = new ArrayList<>();
    for (int death = 0; death < 10; death++) {
      seconds.add(budget.next(START.plusSeconds(death)).orElseThrow().toSeconds());
    }
    assertThat(seconds).containsExactly(0L, 1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L, 30L);
    assertThat(budget.next(START.plusSeconds(11))).isEmpty();
  }

  @Test
  void whatLiesLongBackIsForgiven() {
    RestartBudget budget = new RestartBudget(1, Duration.ofMinutes(10));
    assertThat(budget.next(START)).contains(Duration.ZERO);
    assertThat(budget.next(START.plusSeconds(599))).isEmpty();
    assertThat(budget.next(START.plusSeconds(601))).contains(Duration.ZERO);
  }
}
