package io.sworn.console;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line in the list of reports.
 *
 * @param id letters, digits, '.', '_' and '-', at most 128 characters, the first one a letter or
 *     digit; a report with another id is listed but cannot be opened
 * @param framework human name, e.g. {@code PCI DSS 4.0.1}
 * @param from begin of the period, inclusive
 * @param to end of the period, exclusive
 * @param createdAt when the report was made
 * @param verdicts how many controls got each verdict, in the order of display
 * @param bundle whether there is an evidence bundle to take along
 */
public record ReportSummary(
    String id,
    String framework,
    Instant from,
    Instant to,
    Instant createdAt,
    Map<String, Integer> verdicts,
    boolean bundle) {

  /** Copies the verdicts and keeps their order. */
  public ReportSummary {
    verdicts = Collections.unmodifiableMap(new LinkedHashMap<>(verdicts));
  }
}
