package io.sworn.server.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.report.ReportSummary;
import java.nio.file.Files;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A report as programs read it, one JSON object a line.
 *
 * @param id name of its directory
 * @param title the framework for people
 * @param from first instant of the period
 * @param to first instant after it
 * @param at when it ran
 * @param occasion why it ran
 * @param verdicts controls by verdict
 * @param html the page
 * @param bundle the evidence; null if the archive's integrity was not established
 */
record ReportLine(
    @JsonProperty("id") String id,
    @JsonProperty("title") String title,
    @JsonProperty("from") String from,
    @JsonProperty("to") String to,
    @JsonProperty("at") String at,
    @JsonProperty("occasion") String occasion,
    @JsonProperty("verdicts") SortedMap<String, Integer> verdicts,
    @JsonProperty("html") String html,
    @JsonProperty("bundle") @Nullable String bundle) {

  static ReportLine of(ReportSummary report) {
    SortedMap<String, Integer> verdicts = new TreeMap<>();
    report.counts().forEach((verdict, count) -> verdicts.put(verdict.name(), count));
    return new ReportLine(
        report.id(),
        report.title(),
        report.period().from().toString(),
        report.period().to().toString(),
        report.at().toString(),
        report.occasion(),
        verdicts,
        report.html().toString(),
        Files.exists(report.bundle()) ? report.bundle().toString() : null);
  }

  /** The verdicts for people, such as {@code 3 FAIL, 10 PASS}. */
  static String words(ReportSummary report) {
    return report.counts().entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .map(entry -> entry.getValue() + " " + entry.getKey().name().replace('_', ' '))
        .collect(Collectors.joining(", "));
  }
}
