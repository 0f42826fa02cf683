package io.sworn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.ErrorCode;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import io.sworn.report.schedule.ReportScheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportSchedulerTest {

  private static final Map<String, String> PLANS = Map.of("pci-dss-4.0.1", "0 0 2 * * ?");
  private static final String DURING_THE_DAY = "2026-03-01T12:00:00Z";
  private static final String NEXT_MORNING = "2026-03-02T02:10:00Z";

  @TempDir Path dir;

  private ReportRunner runner(
      String now, Supplier<@Nullable FlowSnapshot> flow, ReportRunner.Notice notice) {
    return new ReportRunner(
        dir.resolve("archive"),
        dir.resolve("reports"),
        SampleArchive.KEY,
        flow,
        Clock.fixed(Instant.parse(now), ZoneOffset.UTC),
        notice);
  }

  private ReportScheduler start(String now, ReportRunner runner) {
    return ReportScheduler.start(
        dir.resolve("schedule"), runner, PLANS, Clock.fixed(Instant.parse(now), ZoneOffset.UTC));
  }

  private void install() {
    start(DURING_THE_DAY, runner(DURING_THE_DAY, () -> null, (f, p, o) -> {})).close();
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still waiting for: " + what).isLessThan(end);
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  private List<ReportSummary> reports() {
    return new ReportStore(dir.resolve("reports")).list();
  }

  /** Everything that is owed at this moment. */
  private List<ReportSummary> settle(String now, int runs) {
    int expected = reports().size() + runs;
    try (ReportScheduler scheduler =
        start(now, runner(now, () -> null, (framework, period, occasion) -> {}))) {
      await(expected + " reports", () -> reports().size() >= expected);
      assertThat(scheduler.problems()).isEmpty();
    }
    return reports();
  }

  @Test
  void daysMissedWhileNothingRanAreMadeUpAndShownAsMissed() {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    install();
    assertThat(settle("2026-03-04T02:10:00Z", 3))
        .extracting(ReportSummary::occasion)
        .containsExactlyInAnyOrder("missed, made up late", "missed, made up late", "scheduled");
    // The next day is owed and no earlier one again.
    assertThat(settle("2026-03-05T02:10:00Z", 1)).hasSize(4);
  }

  /** A start whose run fails at once, with what {@code notice} throws. */
  private List<String> failing(AtomicInteger runs, Runnable failure, boolean last) {
    CountDownLatch began = new CountDownLatch(1);
    ReportRunner runner =
        runner(
            NEXT_MORNING,
            () -> null,
            (framework, period, occasion) -> {
              runs.incrementAndGet();
              began.countDown();
              failure.run();
            });
    try (ReportScheduler scheduler = start(NEXT_MORNING, runner)) {
      if (last) {
        await("the day to be given up", () -> !scheduler.problems().isEmpty());
      } else {
        assertThat(began.await(30, TimeUnit.SECONDS)).as("the run begins").isTrue();
      }
      return scheduler.problems();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDayThatFailsAgainAndAgainIsGivenUpAndTold() {
    install();
    AtomicInteger runs = new AtomicInteger();
    Runnable failure =
        () -> {
          throw new SwornException(ErrorCode.STORAGE, "the disk is full");
        };
    failing(runs, failure, false);
    failing(runs, failure, false);
    assertThat(failing(runs, failure, true))
        .singleElement()
        .asString()
        .contains("pci-dss-4.0.1 of 2026-03-01", "3 times", "the disk is full")
        .endsWith("sworn report run --framework pci-dss-4.0.1 --period 2026-03-01");
    assertThat(failing(runs, failure, true)).hasSize(1);
    assertThat(runs).hasValue(3);
    // Made by hand, it is no problem any more.
    SampleArchive.fullDay().write(dir.resolve("archive"));
    runner(NEXT_MORNING, () -> null, (framework, period, occasion) -> {})
        .run("pci-dss-4.0.1", Period.day(SampleArchive.DAY));
    assertThat(settle(NEXT_MORNING, 0)).hasSize(1);
  }

  @Test
  void aDayThatEndsTheProcessIsNotTriedForEver() {
    install();
    AtomicInteger runs = new AtomicInteger();
    Runnable death =
        () -> {
          throw new OutOfMemoryError("as if the process ended here");
        };
    failing(runs, death, false);
    failing(runs, death, false);
    failing(runs, death, false);
    assertThat(failing(runs, death, true)).singleElement().asString().contains("process ended");
    assertThat(runs).hasValue(3);
  }

  @Test
  void aStopEndsTheRunInProgressAndTheNextStartMakesItUp() throws IOException {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    install();
    for (int stop = 0; stop < 4; stop++) {
      CompletableFuture<Void> measuring = new CompletableFuture<>();
      CompletableFuture<ReportRunner> stopped = new CompletableFuture<>();
      ReportRunner runner =
          runner(
              NEXT_MORNING,
              () -> {
                measuring.complete(null);
                ReportRunner own = stopped.join();
                await("the stop", () -> isStopped(own));
                return null;
              },
              (framework, period, occasion) -> {});
      stopped.complete(runner);
      ReportScheduler scheduler = start(NEXT_MORNING, runner);
      measuring.join();
      scheduler.close();
      assertThat(reports()).isEmpty();
      try (Stream<Path> left = Files.list(dir.resolve("reports"))) {
        assertThat(left).extracting(path -> path.getFileName().toString()).containsExactly(".lock");
      }
    }
    assertThat(settle(NEXT_MORNING, 1)).hasSize(1);
  }

  private static boolean isStopped(ReportRunner runner) {
    try {
      runner.check();
      return false;
    } catch (ReportStopped e) {
      return true;
    }
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
