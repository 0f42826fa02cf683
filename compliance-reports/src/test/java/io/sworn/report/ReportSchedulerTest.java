package io.sworn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.report.schedule.ReportScheduler;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportSchedulerTest {

  private static final Map<String, String> PLANS = Map.of("pci-dss-4.0.1", "0 0 2 * * ?");

  @TempDir Path dir;

  private ReportScheduler start(String now, CountDownLatch runs) {
    Clock clock = Clock.fixed(Instant.parse(now), ZoneOffset.UTC);
    ReportRunner runner =
        new ReportRunner(
            dir.resolve("archive"),
            dir.resolve("reports"),
            SampleArchive.KEY,
            () -> null,
            clock,
            (framework, period, occasion) -> runs.countDown());
    return ReportScheduler.start(dir.resolve("schedule"), runner, PLANS, clock);
  }

  /** Everything that is owed at this moment; closing waits for the run in progress. */
  private List<ReportSummary> settle(String now, int expected) throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(expected);
    try (ReportScheduler scheduler = start(now, runs)) {
      assertThat(scheduler).isNotNull();
      assertThat(runs.await(30, TimeUnit.SECONDS)).as("%s runs, %s to go", expected, runs).isTrue();
    }
    return new ReportStore(dir.resolve("reports")).list();
  }

  @Test
  void daysMissedWhileNothingRanAreMadeUpAndShownAsMissed() throws InterruptedException {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    start("2026-03-01T12:00:00Z", new CountDownLatch(0)).close();
    assertThat(settle("2026-03-04T02:10:00Z", 3))
        .extracting(ReportSummary::occasion)
        .containsExactlyInAnyOrder("missed, made up late", "missed, made up late", "scheduled");
    // The next day is owed and no earlier one again.
    assertThat(settle("2026-03-05T02:10:00Z", 1)).hasSize(4);
  }

  @Test
  void allProblemsOfThePlansAreToldAtOnce() {
    assertThatThrownBy(
            () ->
                ReportScheduler.start(
                    dir,
                    new ReportRunner(dir, dir, SampleArchive.KEY, () -> null),
                    Map.of("nope", "every day"),
                    Clock.systemUTC()))
        .isInstanceOf(SwornException.class)
        .hasMessageContainingAll("framework 'nope'", "schedule 'every day'");
  }
}
