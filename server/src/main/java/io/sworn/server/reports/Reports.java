package io.sworn.server.reports;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import io.sworn.evidence.SigningKey;
import io.sworn.report.Period;
import io.sworn.report.ReportResult;
import io.sworn.report.ReportRunner;
import io.sworn.report.ReportStore;
import io.sworn.report.ReportSummary;
import io.sworn.report.schedule.ReportScheduler;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.identity.OwnerOnly;
import io.sworn.server.trail.Actor;
import io.sworn.server.trail.SwornTrail;
import io.sworn.server.trail.TrailEntry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The reports of one data directory. Reads the archive only, so that it works in the process that
 * writes the archive as well as beside it. Safe for any thread.
 */
public final class Reports implements AutoCloseable {

  private final ReportRunner runner;
  private final ReportStore store;
  private volatile @Nullable ReportScheduler scheduler;

  private Reports(ReportRunner runner, ReportStore store) {
    this.runner = runner;
    this.store = store;
  }

  /**
   * Opens the reports; nothing runs until it is asked for.
   *
   * @param data the instance's data directory
   * @param key signs the bundles
   * @param flow the numbers of the flow, asked once at the begin of a run; null if nobody measures
   * @param trail has each run on record before it reads the archive
   * @param actor who runs them
   */
  public static Reports open(
      Path data,
      SigningKey key,
      Supplier<@Nullable FlowSnapshot> flow,
      SwornTrail trail,
      Actor actor) {
    Path directory = OwnerOnly.directory(directory(data));
    return new Reports(
        new ReportRunner(
            data.resolve("archive"),
            directory,
            key,
            flow,
            Clock.systemUTC(),
            (framework, period, occasion) ->
                trail.append(actor, TrailEntry.reportRun(framework, period, occasion))),
        new ReportStore(directory));
  }

  /** Where the reports of a data directory are. */
  public static Path directory(Path data) {
    return data.resolve("reports");
  }

  /** All complete reports of a data directory, the newest run first. */
  public static List<ReportSummary> list(Path data) {
    return new ReportStore(directory(data)).list();
  }

  /**
   * Starts the clock: days that were missed while nothing ran are made up now.
   *
   * @param data holds the schedule's own file
   * @throws SwornException if a plan makes no sense or the file cannot be opened
   */
  public void schedule(Path data, List<SwornConfig.Report> plans) {
    if (plans.isEmpty()) {
      return; // neither Quartz nor its database is loaded for nothing
    }
    Map<String, String> crons = new TreeMap<>();
    plans.forEach(plan -> crons.put(plan.framework(), plan.cron()));
    scheduler =
        ReportScheduler.start(
            OwnerOnly.directory(data.resolve("report-schedule")), runner, crons, Clock.systemUTC());
  }

  /**
   * Runs a framework over a period.
   *
   * @throws SwornException naming what prevents it: an unknown framework, no archive, a disk
   */
  public ReportResult run(String framework, Period period) {
    return runner.run(framework, period);
  }

  /** All complete reports, the newest run first. */
  public List<ReportSummary> list() {
    return store.list();
  }

  /** The report of this id. */
  public Optional<ReportSummary> find(String id) {
    return store.find(id);
  }

  /** What the schedule could not do and does not try again, one sentence each with the remedy. */
  public List<String> problems() {
    ReportScheduler running = scheduler;
    return running == null ? List.of() : running.problems();
  }

  /** Ends a run in progress, which takes some seconds at most, and stops the clock. */
  @Override
  public void close() {
    runner.stop();
    ReportScheduler running = scheduler;
    scheduler = null;
    if (running != null) {
      running.close();
    }
  }
}
