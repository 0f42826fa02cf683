package io.sworn.report;

import io.sworn.event.ErrorCode;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.evidence.archive.ArchiveStatus;
import io.sworn.evidence.bundle.CustodyRecord;
import io.sworn.evidence.bundle.EvidenceBundle;
import io.sworn.report.Report.Finding;
import io.sworn.report.Report.Reliability;
import io.sworn.report.Report.Trail;
import io.sworn.report.html.ReportPage;
import io.sworn.report.sql.EventDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes reports. Equal archive, flow, period and clock give equal bytes. One run at a time for a
 * directory of reports, also among processes; a report appears complete or not at all. Safe for any
 * thread.
 */
public final class ReportRunner {

  private static final Logger LOG = LoggerFactory.getLogger(ReportRunner.class);
  private static final ConcurrentMap<Path, Object> LOCKS = new ConcurrentHashMap<>();
  private static final String PART = ".part-";
  private static final int VERSIONS_MAX = 10_000;
  private static final List<String> NOT_PROVED =
      List.of(
          "What happened while a source did not audit, or past the server on its disk.",
          "That a person, and not somebody with the person's secret, acted.",
          "What a permitted command returned, or that data was not copied afterwards.",
          "Configuration: locks, password rules, TLS and retention are settings, not events.",
          "The time itself: event times are those of the sources' clocks.",
          "Work of people: reviews, approvals and answers to findings need their signatures.");

  private final Path archive;
  private final Path reports;
  private final SigningKey key;
  private final Supplier<@Nullable FlowSnapshot> flow;
  private final Clock clock;
  private final Notice notice;
  private volatile boolean stopped;
  private volatile @Nullable EventDatabase current;

  /** Told of a run; what it throws prevents the run. */
  @FunctionalInterface
  public interface Notice {

    /** The framework is about to be judged over the period. */
    void running(String framework, Period period, String occasion);
  }

  /** A runner by the clock of the system that tells nobody. */
  public ReportRunner(
      Path archive, Path reports, SigningKey key, Supplier<@Nullable FlowSnapshot> flow) {
    this(archive, reports, key, flow, Clock.systemUTC(), (framework, period, occasion) -> {});
  }

  /**
   * A runner.
   *
   * @param flow asked once, at the begin of a run; null if nobody measures it
   * @param notice told of each run before it begins, so that it becomes an audit event
   */
  public ReportRunner(
      Path archive,
      Path reports,
      SigningKey key,
      Supplier<@Nullable FlowSnapshot> flow,
      Clock clock,
      Notice notice) {
    this.archive = archive;
    this.reports = reports.toAbsolutePath().normalize();
    this.key = key;
    this.flow = flow;
    this.clock = clock;
    this.notice = notice;
  }

  /** Runs on request. */
  public ReportResult run(String framework, Period period) {
    return run(framework, period, "on request");
  }

  /**
   * Runs a framework over a period. An earlier report of the same period stays; this one gets the
   * next version.
   *
   * @param occasion why it runs, printed on the report
   * @throws SwornException with {@link ErrorCode#CONFIGURATION} for an unknown framework, {@link
   *     ErrorCode#INPUT} if there is no archive, {@link ErrorCode#STORAGE} if a disk fails
   * @throws ReportStopped after {@link #stop}
   */
  public ReportResult run(String framework, Period period, String occasion) {
    return run(FrameworkReader.builtIn(framework), period, occasion);
  }

  /** Runs a framework of the caller's own. */
  public ReportResult run(Framework framework, Period period, String occasion) {
    check();
    notice.running(framework.name(), period, occasion);
    try {
      return alone(framework, period, occasion);
    } catch (SwornException e) {
      check(); // a query that was cancelled says so in its own words
      throw e;
    }
  }

  /** Ends a run in progress within moments, and refuses further ones. */
  public void stop() {
    stopped = true;
    EventDatabase database = current;
    if (database != null) {
      database.cancel();
    }
  }

  /** Whether there is a report of the framework over the period. */
  public boolean reported(String framework, Period period) {
    return Files.exists(reports.resolve(base(framework, period)));
  }

  void check() {
    if (stopped) {
      throw new ReportStopped();
    }
  }

  private ReportResult alone(Framework framework, Period period, String occasion) {
    synchronized (LOCKS.computeIfAbsent(reports, path -> new Object())) {
      try {
        Files.createDirectories(reports);
        try (FileChannel lock =
                FileChannel.open(
                    reports.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock alone = lock.lock()) {
          if (!alone.isValid()) {
            throw new IllegalStateException("a lock that was just taken is valid");
          }
          return write(framework, period, occasion);
        }
      } catch (IOException | UncheckedIOException e) {
        throw new SwornException(
            ErrorCode.STORAGE, "reports " + reports + ": " + LocalFiles.reason(e, reports), e);
      }
    }
  }

  private ReportResult write(Framework framework, Period period, String occasion)
      throws IOException {
    deleteParts();
    String id = freeId(framework.name(), period);
    Path part = reports.resolve(PART + id);
    Files.createDirectories(part.resolve("evidence"));
    // Asked first: what these numbers count as archived is then in the snapshot.
    FlowSnapshot measured = flow.get();
    Instant begin = clock.instant();
    Instant now = begin.truncatedTo(ChronoUnit.SECONDS);
    Path scratch = Files.createDirectories(part.resolve("scratch"));
    try (ArchiveSnapshot snapshot =
        ArchiveSnapshot.read(archive, period, key, scratch, this::check)) {
      current = snapshot.database();
      Reliability reliability = reliability(snapshot, measured);
      Evaluation evaluation =
          new Evaluation(
              snapshot.database(),
              reliability,
              period,
              begin,
              part.resolve("evidence"),
              this::check,
              earlier(framework.name(), period));
      List<Finding> findings = framework.controls().stream().map(evaluation::judge).toList();
      Report report =
          new Report(
              id,
              framework.name(),
              framework.title(),
              period,
              now,
              occasion,
              counts(findings),
              reliability,
              findings,
              framework.responsibilities());
      Files.write(part.resolve("report.json"), ReportJson.write(report));
      Files.writeString(
          part.resolve("report.html"),
          ReportPage.render(ReportJson.read(part.resolve("report.json"))));
      if (reliability.integrity().sound()) {
        bundle(snapshot, part, report);
      }
      current = null;
      snapshot.close();
      delete(scratch);
      check();
      Path home = reports.resolve(id);
      Files.move(part, home, StandardCopyOption.ATOMIC_MOVE);
      return new ReportResult(
          id,
          framework.name(),
          period,
          home.resolve("report.json"),
          home.resolve("report.html"),
          home.resolve(id + ".zip"),
          report.counts());
    } finally {
      current = null;
      delete(part);
    }
  }

  private void bundle(ArchiveSnapshot snapshot, Path part, Report report) throws IOException {
    ArchiveReader reader = snapshot.reader();
    Checkpoint checkpoint = snapshot.checkpoint();
    if (reader == null || checkpoint == null) {
      throw new IllegalStateException("a sound archive has a reader and a checkpoint");
    }
    EvidenceBundle bundle =
        EvidenceBundle.over(reader, checkpoint, key)
            .check(this::check)
            .file("report.json", part.resolve("report.json"))
            .file("report.html", part.resolve("report.html"));
    snapshot.into(bundle);
    for (Finding finding : report.findings()) {
      if (finding.evidence() != null) {
        String file = finding.evidence().file();
        bundle.file(file, part.resolve(file));
      }
    }
    bundle.custody(
        new CustodyRecord("rendered", report.at(), "compliance-reports", report.occasion()));
    bundle.write(part.resolve(report.id() + ".zip"));
  }

  private Reliability reliability(ArchiveSnapshot snapshot, @Nullable FlowSnapshot measured) {
    ArchiveReader reader = snapshot.reader();
    Report.Integrity integrity = snapshot.integrity(key);
    List<Trail> trails = new ArrayList<>();
    long conflicts = 0;
    long unreadable = 0;
    if (reader != null) {
      ArchiveStatus status = reader.status();
      status
          .trails()
          .forEach(
              (name, t) -> trails.add(new Trail(name, t.first(), t.last(), t.count(), t.gaps())));
      conflicts = status.conflicts();
      unreadable = status.unreadable();
    }
    Reliability facts =
        new Reliability(
            List.of(),
            measured,
            trails,
            conflicts,
            unreadable,
            integrity,
            snapshot.coverage(),
            NOT_PROVED);
    return new Reliability(
        problems(facts, snapshot.unsigned()),
        facts.flow(),
        trails,
        conflicts,
        unreadable,
        integrity,
        facts.coverage(),
        NOT_PROVED);
  }

  private static List<String> problems(Reliability facts, long unsigned) {
    List<String> problems = new ArrayList<>();
    if (!facts.integrity().sound()) {
      problems.add("Integrity is not established: " + facts.integrity().problem() + ".");
    }
    if (facts.gaps() > 0) {
      problems.add(facts.gaps() + " sequences are missing from the archive.");
    }
    if (facts.conflicts() > 0) {
      problems.add(facts.conflicts() + " records came twice with different content.");
    }
    if (facts.unreadable() > 0) {
      problems.add(facts.unreadable() + " records could not be read as events.");
    }
    if (unsigned > 0) {
      problems.add(unsigned + " events of the period are not signed yet and are left out.");
    }
    FlowSnapshot flow = facts.flow();
    if (flow == null) {
      problems.add("The flow was not measured: completeness before the archive is open.");
    } else if (!flow.counts(FlowSnapshot.End.EMITTED)) {
      problems.add(
          "What is emitted is counted elsewhere: completeness before the archive is open.");
    } else if (flow.emitted() != flow.archived()) {
      problems.add(flow.emitted() + " events were emitted, " + flow.archived() + " archived.");
    }
    if (flow != null && flow.lost() > 0) {
      problems.add(
          "Up to "
              + flow.lost()
              + " events were deleted before a destination had them, "
              + flow.acknowledged()
              + " of them acknowledged.");
    }
    if (facts.coverage().events() == 0) {
      problems.add("The period holds no event.");
    }
    return problems;
  }

  private static SortedMap<Verdict, Integer> counts(List<Finding> findings) {
    SortedMap<Verdict, Integer> counts = new TreeMap<>();
    for (Verdict verdict : Verdict.values()) {
      counts.put(verdict, 0);
    }
    findings.forEach(finding -> counts.merge(finding.verdict(), 1, Integer::sum));
    return counts;
  }

  private String freeId(String framework, Period period) {
    String base = base(framework, period);
    for (int version = 1; version <= VERSIONS_MAX; version++) {
      String id = version == 1 ? base : base + "_v" + version;
      if (!Files.exists(reports.resolve(id))) {
        return id;
      }
    }
    throw new SwornException(
        ErrorCode.STORAGE, base + ": " + VERSIONS_MAX + " versions are there; remove old ones");
  }

  /** The first report of the same period; null if there is none that can be read. */
  private @Nullable ReportSummary earlier(String framework, Period period) {
    try {
      return new ReportStore(reports).find(base(framework, period)).orElse(null);
    } catch (SwornException e) {
      LOG.warn("an earlier report of the period counts as none: {}", e.toString());
      return null;
    }
  }

  private static String base(String framework, Period period) {
    return framework + "_" + compact(period.from()) + "_" + compact(period.to());
  }

  private static String compact(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString().replace("-", "").replace(":", "");
  }

  /** A process that was killed leaves its part; who holds the lock knows that nobody uses it. */
  private void deleteParts() throws IOException {
    List<Path> parts;
    try (Stream<Path> children = Files.list(reports)) {
      parts = children.filter(c -> c.getFileName().toString().startsWith(PART)).toList();
    }
    for (Path part : parts) {
      delete(part);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
