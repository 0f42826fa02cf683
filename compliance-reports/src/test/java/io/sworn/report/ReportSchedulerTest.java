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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportSchedulerTest {

  private static final Map<String, String> PLANS = Map.of("pci-dss-4.0.1", "0 0 2 * * ?");

  @TempDir Path dir;

  private ReportScheduler start(String now) {
    Clock clock = Clock.fixed(Instant.parse(now), ZoneOffset.UTC);
    ReportRunner runner =
        new ReportRunner(
            dir.resolve("archive"),
            dir.resolve("reports"),
            SampleArchive.KEY,
            () -> null,
            clock,
            result -> {});
    return ReportScheduler.start(dir.resolve("schedule"), runner, PLANS, clock);
  }

  private List<ReportSummary> await(int count) throws InterruptedException {
    ReportStore store = new ReportStore(dir.resolve("reports"));
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (store.list().size() < count && System.nanoTime() < deadline) {
      Thread.sleep(50);
    }
    return store.list();
  }

  @Test
  void daysMissedWhileNothingRanAreMadeUpAndShownAsMissed() throws InterruptedException {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    start("2026-03-01T12:00:00Z").close();
    try (ReportScheduler scheduler = start("2026-03-04T02:10:00Z")) {
      assertThat(scheduler).isNotNull();
      assertThat(await(3))
          .extracting(ReportSummary::occasion)
          .containsExactlyInAnyOrder("missed, made up late", "missed, made up late", "scheduled");
    }
    try (ReportScheduler again = start("2026-03-04T03:30:00Z")) {
      assertThat(again).isNotNull();
    }
    assertThat(new ReportStore(dir.resolve("reports")).list()).hasSize(3);
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
