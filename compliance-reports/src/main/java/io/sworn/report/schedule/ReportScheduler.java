package io.sworn.report.schedule;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.report.FrameworkReader;
import io.sworn.report.Period;
import io.sworn.report.ReportRunner;
import io.sworn.report.ReportStopped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.quartz.CronExpression;
import org.quartz.CronScheduleBuilder;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports on each finished day (UTC) when its schedule fires. Days that were missed while nothing
 * ran are made up at the start and say so on the report. Safe for any thread.
 */
public final class ReportScheduler implements AutoCloseable {

  /** Days made up in one go; older ones are left for {@link ReportRunner#run}. */
  public static final int MADE_UP_MAX = 31;

  /** Runs of a day that did not end well before it is given up. */
  static final int ATTEMPTS_MAX = 3;

  /** A run in progress ends sooner: it looks at the signal with each event, row and line. */
  private static final long STOP_SECONDS_MAX = 20;

  private static final Logger LOG = LoggerFactory.getLogger(ReportScheduler.class);

  private final ReportRunner runner;
  private final RunLedger ledger;
  private final Map<String, CronExpression> plans;
  private final Clock clock;
  private final Scheduler quartz;
  private final ReentrantLock running = new ReentrantLock();

  /** Days that are not tried any more, by framework; a copy of what the ledger says. */
  private final Map<String, SortedMap<LocalDate, String>> givenUp = new ConcurrentHashMap<>();

  private ReportScheduler(
      ReportRunner runner,
      RunLedger ledger,
      Map<String, CronExpression> plans,
      Clock clock,
      Scheduler quartz) {
    this.runner = runner;
    this.ledger = ledger;
    this.plans = plans;
    this.clock = clock;
    this.quartz = quartz;
  }

  /**
   * Starts the schedule and makes up what was missed, in the background.
   *
   * @param directory holds the schedule's file; one process at a time
   * @param plans cron expression of Quartz, in UTC, by framework
   * @throws SwornException with {@link ErrorCode#CONFIGURATION} and all problems of the plans, or
   *     {@link ErrorCode#STORAGE} if the file cannot be opened
   */
  public static ReportScheduler start(
      Path directory, ReportRunner runner, Map<String, String> plans, Clock clock) {
    Map<String, CronExpression> parsed = parse(plans);
    try {
      Files.createDirectories(directory);
      // H2 would close the file at the first sign of the process's end, before Quartz is done.
      String url =
          "jdbc:h2:file:"
              + directory.toAbsolutePath().resolve("schedule")
              + ";DB_CLOSE_ON_EXIT=FALSE";
      RunLedger ledger = new RunLedger(url);
      ledger.create();
      Scheduler quartz = new StdSchedulerFactory(properties(url)).getScheduler();
      ReportScheduler owner = new ReportScheduler(runner, ledger, parsed, clock, quartz);
      owner.begin();
      return owner;
    } catch (SchedulerException | IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          "report schedule " + directory + ": " + LocalFiles.reason(e, directory),
          e);
    }
  }

  /** What is wrong with a cron expression; empty if it can be used. */
  public static Optional<String> problem(String cron) {
    try {
      new CronExpression(cron);
      return Optional.empty();
    } catch (ParseException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, CronExpression> parse(Map<String, String> plans) {
    List<String> problems = new ArrayList<>();
    Map<String, CronExpression> parsed = new TreeMap<>();
    plans.forEach(
        (framework, cron) -> {
          if (!FrameworkReader.names().contains(framework)) {
            problems.add("framework '" + framework + "': one of " + FrameworkReader.names());
          }
          try {
            CronExpression expression = new CronExpression(cron);
            expression.setTimeZone(TimeZone.getTimeZone("UTC"));
            parsed.put(framework, expression);
          } catch (ParseException e) {
            problems.add(
                "schedule '"
                    + cron
                    + "' of "
                    + framework
                    + ": Quartz cron expected, such as"
                    + " \"0 0 2 * * ?\"; "
                    + e.getMessage());
          }
        });
    if (!problems.isEmpty()) {
      throw new SwornException(ErrorCode.CONFIGURATION, String.join("\n", problems));
    }
    return parsed;
  }

  private static Properties properties(String url) {
    Properties p = new Properties();
    p.setProperty(
        "org.quartz.scheduler.instanceName", "reports-" + Integer.toHexString(url.hashCode()));
    p.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
    p.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
    p.setProperty("org.quartz.threadPool.threadCount", "1");
    p.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
    p.setProperty("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
    p.setProperty("org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX");
    p.setProperty(
        "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.StdJDBCDelegate");
    p.setProperty("org.quartz.jobStore.dataSource", "ds");
    p.setProperty("org.quartz.jobStore.useProperties", "true");
    p.setProperty(
        "org.quartz.dataSource.ds.connectionProvider.class", H2ConnectionProvider.class.getName());
    p.setProperty("org.quartz.dataSource.ds.url", url);
    return p;
  }

  private void begin() throws SchedulerException {
    quartz.getContext().put(ReportJob.OWNER, this);
    quartz.clear();
    for (Map.Entry<String, CronExpression> plan : plans.entrySet()) {
      String framework = plan.getKey();
      if (ledger.began(framework).isEmpty()) {
        // Days before the installation are not owed.
        ledger.record(framework, today().minusDays(1), RunLedger.BEGAN, "");
      }
      givenUp.put(framework, ledger.givenUp(framework));
      JobDetail job =
          JobBuilder.newJob(ReportJob.class)
              .withIdentity(framework)
              .usingJobData(ReportJob.FRAMEWORK, framework)
              .storeDurably()
              .requestRecovery()
              .build();
      quartz.scheduleJob(
          job,
          TriggerBuilder.newTrigger()
              .withIdentity(framework)
              .withSchedule(
                  CronScheduleBuilder.cronSchedule(plan.getValue())
                      .inTimeZone(TimeZone.getTimeZone("UTC"))
                      .withMisfireHandlingInstructionFireAndProceed())
              .build());
      quartz.triggerJob(job.getKey());
    }
    quartz.start();
  }

  /** Reports on every day that is due and not on record, the oldest first. */
  void settle(String framework) {
    CronExpression cron = plans.get(framework);
    if (cron == null) {
      return;
    }
    running.lock();
    try {
      settle(framework, cron);
    } catch (ReportStopped e) {
      LOG.info("report {}: stopped; what is owed is made up after the next start", framework);
    } finally {
      running.unlock();
    }
  }

  private void settle(String framework, CronExpression cron) {
    Set<LocalDate> settled = ledger.settled(framework);
    LocalDate from = ledger.began(framework).orElse(today());
    LocalDate bound = today().minusDays(MADE_UP_MAX);
    for (LocalDate day = from.isBefore(bound) ? bound : from;
        day.isBefore(today());
        day = day.plusDays(1)) {
      if (!settled.contains(day) && due(cron, day, clock.instant())) {
        run(framework, day, late(cron, day) ? "missed, made up late" : "scheduled");
      }
    }
  }

  /**
   * An attempt is on disk before its run begins: one that ends the process counts as well, and the
   * day is not tried for ever.
   */
  private void run(String framework, LocalDate day, String occasion) {
    int before = ledger.attempts(framework, day);
    if (before >= ATTEMPTS_MAX) {
      giveUp(framework, day, "the process ended during the last of " + before + " runs");
      return;
    }
    ledger.attempts(framework, day, before + 1);
    try {
      String id = runner.run(framework, Period.day(day), occasion).id();
      ledger.record(framework, day, RunLedger.DONE, id + " (" + occasion + ")");
    } catch (ReportStopped e) {
      ledger.attempts(framework, day, before);
      throw e;
    } catch (SwornException e) {
      if (before + 1 >= ATTEMPTS_MAX) {
        giveUp(framework, day, String.valueOf(e.getMessage()));
        return;
      }
      LOG.error(
          "report {} of {} failed, attempt {} of {}; the next firing tries again",
          framework,
          day,
          before + 1,
          ATTEMPTS_MAX,
          e);
      ledger.record(framework, day, RunLedger.FAILED, String.valueOf(e.getMessage()));
    }
  }

  private void giveUp(String framework, LocalDate day, String reason) {
    ledger.record(framework, day, RunLedger.GIVEN_UP, reason);
    givenUp.put(framework, ledger.givenUp(framework));
    LOG.error("{}", told(framework, day, reason));
  }

  private static String told(String framework, LocalDate day, String reason) {
    return "the report "
        + framework
        + " of "
        + day
        + " was begun "
        + ATTEMPTS_MAX
        + " times and never made ("
        + reason
        + "); it is not tried again: sworn report run --framework "
        + framework
        + " --period "
        + day;
  }

  /**
   * Days of the last {@link #MADE_UP_MAX} that are not tried any more and have no report, one
   * sentence each with the remedy.
   */
  public List<String> problems() {
    LocalDate bound = today().minusDays(MADE_UP_MAX);
    List<String> problems = new ArrayList<>();
    new TreeMap<>(givenUp)
        .forEach(
            (framework, days) ->
                days.tailMap(bound)
                    .forEach(
                        (day, reason) -> {
                          if (!runner.reported(framework, Period.day(day))) {
                            problems.add(told(framework, day, reason));
                          }
                        }));
    return problems;
  }

  private static boolean due(CronExpression cron, LocalDate day, Instant now) {
    Date fire = fire(cron, day);
    return fire != null && !fire.toInstant().isAfter(now);
  }

  /** Late once the firing after the due one has passed or an hour has gone by. */
  private boolean late(CronExpression cron, LocalDate day) {
    Date fire = fire(cron, day);
    return fire != null && fire.toInstant().plusSeconds(3600).isBefore(clock.instant());
  }

  private static @org.jspecify.annotations.Nullable Date fire(CronExpression cron, LocalDate day) {
    Instant end = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    return cron.getNextValidTimeAfter(Date.from(end.minusSeconds(1)));
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /** Ends a run in progress, which takes some seconds at most, and stops. */
  @Override
  public void close() {
    try {
      quartz.standby();
      runner.stop();
      boolean idle = running.tryLock(STOP_SECONDS_MAX, TimeUnit.SECONDS);
      if (idle) {
        running.unlock();
      } else {
        LOG.warn("a report did not end within {} s and is left behind", STOP_SECONDS_MAX);
      }
      quartz.shutdown(idle);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.INTERNAL, "report schedule: stop was interrupted", e);
    } catch (SchedulerException e) {
      throw new SwornException(ErrorCode.STORAGE, "report schedule: " + LocalFiles.reason(e), e);
    }
  }
}
