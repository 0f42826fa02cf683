package io.sworn.report.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EventDatabaseTest {

  /** Never ends by itself within the time of a test. */
  private static final String ENDLESS =
      "SELECT count(*) AS n, false AS violation FROM range(10000000) a, range(10000000) b"
          + " WHERE (a.range * b.range) % 7 = 3";

  @TempDir Path scratch;

  @Test
  void aQueryThatIsCancelledBeforeItBeganDoesNotRun() {
    try (EventDatabase database = EventDatabase.open(scratch)) {
      Map<String, List<String>> cancelsWhenAsked =
          new AbstractMap<>() {
            @Override
            public Set<Entry<String, List<String>>> entrySet() {
              database.cancel(); // the query has been asked for and is not in the engine yet
              return Set.of();
            }
          };
      assertThatThrownBy(() -> database.query(ENDLESS, cancelsWhenAsked, (cells, bad) -> {}))
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("cancelled");
      assertThatThrownBy(() -> database.query("SELECT 1, false", Map.of(), (cells, bad) -> {}))
          .isInstanceOf(SwornException.class);
    }
  }

  @Test
  void aQueryIsEndedWhereverTheCancelMeetsIt() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      try (EventDatabase database = EventDatabase.open(scratch)) {
        CountDownLatch asked = new CountDownLatch(1);
        Thread other =
            new Thread(
                () -> {
                  try {
                    asked.await();
                    database.cancel();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        other.start();
        asked.countDown(); // the race is the point: before, at or after the begin of the query
        assertThatThrownBy(() -> database.query(ENDLESS, Map.of(), (cells, bad) -> {}))
            .isInstanceOf(SwornException.class);
        other.join();
      }
    }
  }

  @Test
  void aQueryIsEndedWhileItsRowsAreFetched() {
    AtomicLong rows = new AtomicLong();
    try (EventDatabase database = EventDatabase.open(scratch)) {
      Thread other = new Thread(database::cancel);
      assertThatThrownBy(
              () ->
                  database.query(
                      "SELECT range AS n, false AS violation FROM range(1000000000000)",
                      Map.of(),
                      (cells, bad) -> {
                        if (rows.incrementAndGet() == 10_000) {
                          other.start();
                        }
                      }))
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("cancelled");
    }
  }

  @Test
  void aCancelAfterTheQueryFindsNothingToEnd() {
    try (EventDatabase database = EventDatabase.open(scratch)) {
      assertThat(database.query("SELECT 1 AS n, false AS violation", Map.of(), (cells, bad) -> {}))
          .containsExactly("n");
      database.cancel();
    }
  }
}
