package io.sworn.report;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a run left behind.
 *
 * @param id name of its directory
 * @param framework name of the framework
 * @param period span of event time
 * @param json the model
 * @param html the page
 * @param bundle the evidence; not there if the archive's integrity was not established
 * @param counts verdicts by state
 */
public record ReportResult(
    String id,
    String framework,
    Period period,
    Path json,
    Path html,
    Path bundle,
    Map<Verdict, Integer> counts) {

  /** Copies the counts. */
  public ReportResult {
    counts = Map.copyOf(counts);
  }
}
