package io.sworn.report;

import io.sworn.event.FlowSnapshot;
import io.sworn.report.Framework.Control;
import io.sworn.report.Framework.Need;
import io.sworn.report.Framework.Rule;
import io.sworn.report.Report.Evidence;
import io.sworn.report.Report.Finding;
import io.sworn.report.Report.Reliability;
import io.sworn.report.Report.Row;
import io.sworn.report.sql.EventDatabase;
import io.sworn.report.sql.Metric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides controls. The gates come before the rules: what was never captured or cannot be trusted
 * is {@link Verdict#NO_DATA}, and where sequences are missing nothing is a {@link Verdict#PASS}.
 */
final class Evaluation {

  static final int ROWS_SHOWN_MAX = 25;

  /** Characters of a cell that model and page show; the CSV has all of them. */
  static final int CELL_SHOWN_MAX = 500;

  private final EventDatabase database;
  private final Reliability reliability;
  private final Period period;
  private final Instant now;
  private final Path evidenceDirectory;
  private final Runnable check;
  private final @Nullable ReportSummary earlier;

  Evaluation(
      EventDatabase database,
      Reliability reliability,
      Period period,
      Instant now,
      Path evidenceDirectory,
      Runnable check,
      @Nullable ReportSummary earlier) {
    this.check = check;
    this.earlier = earlier;
    this.database = database;
    this.reliability = reliability;
    this.period = period;
    this.now = now;
    this.evidenceDirectory = evidenceDirectory;
  }

  Finding judge(Control control) {
    check.run();
    return switch (control.rule()) {
      case INTEGRITY -> integrity(control);
      case PIPELINE -> pipeline(control);
      case TIMELY -> timely(control);
      case CAPTURED, NONE -> events(control);
    };
  }

  private Finding integrity(Control control) {
    Report.Integrity integrity = reliability.integrity();
    return integrity.sound()
        ? finding(
            control,
            Verdict.PASS,
            reliability.coverage().events()
                + " events of the period were read again and hash to what the tree of "
                + integrity.treeSize()
                + " events holds; its root is the signed one.")
        : finding(control, Verdict.FAIL, "A check failed: " + integrity.problem() + ".");
  }

  private Finding pipeline(Control control) {
    FlowSnapshot flow = reliability.flow();
    if (!reliability.integrity().sound()) {
      return finding(control, Verdict.NO_DATA, "The archive's integrity is not established.");
    }
    if (flow == null) {
      return finding(
          control, Verdict.NO_DATA, "Nobody measured the flow when the report ran, so it is open.");
    }
    long missing = reliability.gaps() + flow.gaps() + reliability.conflicts() + flow.lost();
    boolean counted = flow.counts(FlowSnapshot.End.EMITTED);
    if (missing > 0 || (counted && flow.archived() > flow.emitted())) {
      return finding(
          control,
          Verdict.FAIL,
          "Detected: "
              + reliability.gaps()
              + " sequences missing in the archive, "
              + flow.gaps()
              + " on the way, "
              + reliability.conflicts()
              + " conflicting records, up to "
              + flow.lost()
              + " events deleted before a destination had them ("
              + flow.acknowledged()
              + " of them acknowledged); "
              + (counted ? flow.emitted() + " emitted, " : "")
              + flow.archived()
              + " archived.");
    }
    if (!counted) {
      return finding(
          control,
          Verdict.NO_DATA,
          "What is emitted is counted by another process than the one that ran the report, so it"
              + " is open. Nothing is known to be missing.");
    }
    long dead = flow.destinations().values().stream().mapToLong(d -> d.deadLetters()).sum();
    long onTheWay = flow.destinations().values().stream().mapToLong(d -> d.inFlight()).sum();
    long unjudged = Math.max(0, flow.emitted() - flow.judged());
    long open = flow.emitted() - flow.archived() + unjudged + onTheWay;
    if (dead + open + reliability.unreadable() > 0) {
      return finding(
          control,
          Verdict.NEEDS_REVIEW,
          "Detected, and for a person to answer: "
              + dead
              + " dead letters, "
              + reliability.unreadable()
              + " unreadable records, "
              + open
              + " on the way.");
    }
    return finding(
        control,
        Verdict.PASS,
        "No gap, conflict or dead letter: "
            + flow.emitted()
            + " events emitted, "
            + flow.archived()
            + " archived, all deliveries settled.");
  }

  private Finding timely(Control control) {
    List<String> hours = control.parameters().getOrDefault("hours", List.of("26"));
    long hoursMax = Long.parseLong(hours.get(0));
    Duration after = Duration.between(period.to(), now);
    if (after.isNegative()) {
      return finding(
          control, Verdict.NEEDS_REVIEW, "The period had not ended when the report ran.");
    }
    String when = "The review ran " + after.toHours() + " h after the period's end; at most ";
    Duration allowed = Duration.ofHours(hoursMax);
    if (after.compareTo(allowed) <= 0) {
      return finding(control, Verdict.PASS, when + hoursMax + " h are allowed.");
    }
    ReportSummary before = earlier;
    if (before != null
        && !before.at().isBefore(period.to())
        && Duration.between(period.to(), before.at()).compareTo(allowed) <= 0) {
      // Its own bundle proves that, not this one.
      return finding(
          control,
          Verdict.NEEDS_REVIEW,
          when
              + hoursMax
              + " h are allowed. The report "
              + before.id()
              + " of the same period was made in time; see its bundle.");
    }
    return finding(control, Verdict.FAIL, when + hoursMax + " h are allowed.");
  }

  private Finding events(Control control) {
    if (!reliability.integrity().sound()) {
      return finding(
          control, Verdict.NO_DATA, "The archive's integrity is not established; no event counts.");
    }
    Found found = run(control);
    for (Need need : control.needs()) {
      if (!Boolean.TRUE.equals(reliability.coverage().classes().get(need))) {
        return found.finding(
            Verdict.NO_DATA,
            "The period holds no " + words(need) + ": they were not captured or did not happen.");
      }
    }
    if (reliability.coverage().events() == 0) {
      return found.finding(Verdict.NO_DATA, "The period holds no event at all.");
    }
    return decide(control, found);
  }

  private Finding decide(Control control, Found found) {
    boolean captured = control.rule() == Rule.CAPTURED;
    if (captured && found.total == 0) {
      return found.finding(
          Verdict.NO_DATA, "No such event in the period, so nothing shows that it is captured.");
    }
    if (found.total == 0) {
      return found.finding(
          Verdict.NO_DATA, "The period holds no event that this control could be judged by.");
    }
    if (found.violations > 0) {
      return found.finding(
          control.found(),
          found.violations
              + " of "
              + found.total
              + (found.total == 1 ? " row speaks" : " rows speak")
              + " against the control.");
    }
    String clean =
        captured
            ? found.total
                + (found.total == 1 ? " such event is" : " such events are")
                + " on record"
            : "None of " + found.total + " rows that were judged speaks against the control";
    if (reliability.gaps() > 0 && control.clean() == Verdict.PASS) {
      return found.finding(
          Verdict.NEEDS_REVIEW,
          clean + ", but " + reliability.gaps() + " sequences are missing from the archive.");
    }
    return found.finding(
        control.clean(),
        clean + (control.clean() == Verdict.PASS ? "." : "; the rest is for a person to decide."));
  }

  private static String words(Need need) {
    return switch (need) {
      case AUTH -> "successful login";
      case ALLOWED -> "permitted command";
      case DENIED -> "refused command";
    };
  }

  private Found run(Control control) {
    String metric = control.metric();
    if (metric == null) {
      throw new IllegalStateException(control.id() + " has no metric");
    }
    String sql = Metric.sql(metric);
    Found found = new Found(control, sql, "evidence/" + control.id() + ".csv");
    Path csv = evidenceDirectory.resolve(control.id() + ".csv");
    Path body = evidenceDirectory.resolve(control.id() + ".rows");
    try {
      try (Writer rows = Files.newBufferedWriter(body)) {
        found.columns = database.query(sql, control.parameters(), found.into(rows));
      }
      // The header is known only after the query; the rows follow it.
      try (Writer out = Files.newBufferedWriter(csv)) {
        List<@Nullable String> header = new ArrayList<>(found.columns);
        out.write(Csv.line(header, "violation"));
        try (var lines = Files.newBufferedReader(body)) {
          lines.transferTo(out);
        }
      }
      Files.delete(body);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Finding finding(Control control, Verdict verdict, String because) {
    return new Finding(control, verdict, because, null, null);
  }

  /** Collects the rows of one metric: all into the file, the first ones for the page. */
  private static final class Found {
    private final Control control;
    private final String sql;
    private final String file;
    private final List<Row> violating = new ArrayList<>();
    private final List<Row> others = new ArrayList<>();
    private List<String> columns = List.of();
    private long total;
    private long violations;

    Found(Control control, String sql, String file) {
      this.control = control;
      this.sql = sql;
      this.file = file;
    }

    EventDatabase.RowSink into(Writer out) {
      return (cells, violation) -> {
        total++;
        violations += violation ? 1 : 0;
        List<Row> shown = violation ? violating : others;
        if (shown.size() < ROWS_SHOWN_MAX) {
          String id = cells.get(1);
          shown.add(new Row(violation, id == null ? "" : id, shortened(cells)));
        }
        try {
          out.write(Csv.line(cells, Boolean.toString(violation)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      };
    }

    private static List<@Nullable String> shortened(List<@Nullable String> cells) {
      List<@Nullable String> shown = new ArrayList<>(cells);
      shown.replaceAll(
          cell ->
              cell == null || cell.length() <= CELL_SHOWN_MAX
                  ? cell
                  : cell.substring(0, CELL_SHOWN_MAX)
                      + " (cut; "
                      + cell.length()
                      + " characters in the CSV)");
      return Collections.unmodifiableList(shown);
    }

    Finding finding(Verdict verdict, String because) {
      List<Row> rows = new ArrayList<>(violating);
      rows.addAll(others.subList(0, Math.min(others.size(), ROWS_SHOWN_MAX - violating.size())));
      return new Finding(
          control, verdict, because, sql, new Evidence(file, total, violations, columns, rows));
    }
  }
}
