package io.sworn.report;

import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedMap;

/**
 * A report in a list.
 *
 * @param id name of its directory
 * @param title the framework for people
 * @param period span of event time
 * @param at when it ran
 * @param occasion why it ran
 * @param counts verdicts by state
 * @param directory where its files are
 */
public record ReportSummary(
    String id,
    String title,
    Period period,
    Instant at,
    String occasion,
    SortedMap<Verdict, Integer> counts,
    Path directory) {

  /** The page. */
  public Path html() {
    return directory.resolve("report.html");
  }

  /** The evidence; may be missing, see {@link ReportResult}. */
  public Path bundle() {
    return directory.resolve(id + ".zip");
  }
}
