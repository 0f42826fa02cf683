package io.sworn.report.html;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.report.Framework.Control;
import io.sworn.report.Framework.Responsibility;
import io.sworn.report.Report;
import io.sworn.report.Report.Evidence;
import io.sworn.report.Report.Finding;
import io.sworn.report.Report.Row;
import io.sworn.report.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Renders a report as one page without scripts and without anything from elsewhere. */
public final class ReportPage {

  private final HtmlWriter out = new HtmlWriter();
  private final Report report;

  private ReportPage(Report report) {
    this.report = report;
  }

  /** The page. */
  public static String render(Report report) {
    return new ReportPage(report).page();
  }

  private String page() {
    out.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    out.raw("style-src 'unsafe-inline'\"><title>");
    out.text(report.title()).raw(" evidence, ").time(report.period().from());
    out.raw("</title><style>\n").raw(style()).raw("</style></head><body>\n<header><div><h1>");
    out.text(report.title()).raw(" evidence report</h1><p>Period ");
    out.time(report.period().from()).raw(" to ").time(report.period().to());
    out.raw(", end excluded</p><p>Made ").time(report.at()).raw(", ");
    out.text(report.occasion()).raw("</p><p class=\"name\">").text(report.id());
    out.raw("</p></div></header>\n<main>\n");
    new ReliabilitySection(out, report.reliability()).write();
    summary();
    report.findings().forEach(this::finding);
    responsibilities();
    out.raw("<footer>The evidence supports or does not support a control; whether an organisation");
    out.raw(" complies is for its assessor to say.</footer>\n</main></body></html>\n");
    return out.toString();
  }

  private void summary() {
    out.raw("<section id=\"summary\"><h2>Verdicts</h2><div class=\"figures\">");
    report
        .counts()
        .forEach(
            (verdict, count) -> {
              if (count > 0 || verdict != Verdict.NOT_APPLICABLE) {
                out.raw("<div><b>").number(count).raw("</b>");
                badge(verdict);
                out.raw("</div>");
              }
            });
    out.raw("</div><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Control</th>");
    out.raw("<th scope=\"col\">Title</th><th scope=\"col\">Verdict</th>");
    out.raw("<th scope=\"col\">Because</th></tr></thead><tbody>");
    for (Finding finding : report.findings()) {
      Control control = finding.control();
      out.raw("<tr><td><a href=\"#c-").text(control.id()).raw("\">").text(control.id());
      out.raw("</a></td>").cell(control.title()).raw("<td>");
      badge(finding.verdict());
      out.raw("</td>").cell(finding.because()).raw("</tr>");
    }
    out.raw("</tbody></table></div></section>\n");
  }

  private void finding(Finding finding) {
    Control control = finding.control();
    out.raw("<section id=\"c-").text(control.id()).raw("\"><div class=\"head\"><h2>");
    out.text(control.id()).raw(" &nbsp;").text(control.title()).raw("</h2>");
    badge(finding.verdict());
    out.raw("</div><p class=\"because\">").text(finding.because()).raw("</p><p>Asks: ");
    out.text(control.asks()).raw("</p><p class=\"note\">").text(control.why()).raw("</p>");
    if (!control.parameters().isEmpty()) {
      out.raw("<h3>Parameters</h3><table><tbody>");
      control
          .parameters()
          .forEach(
              (name, values) ->
                  out.raw("<tr><th scope=\"row\">")
                      .text(name)
                      .raw("</th>")
                      .cell(String.join(", ", values))
                      .raw("</tr>"));
      out.raw("</tbody></table>");
    }
    Evidence evidence = finding.evidence();
    if (evidence != null) {
      evidence(evidence);
    }
    if (finding.sql() != null) {
      out.raw("<details><summary>The query</summary><pre>").text(finding.sql());
      out.raw("</pre></details>");
    }
    out.raw("</section>\n");
  }

  private void evidence(Evidence evidence) {
    out.raw("<h3>Evidence</h3><p>");
    out.number(evidence.total()).raw(evidence.total() == 1 ? " row, " : " rows, ");
    out.number(evidence.violations()).raw(" against the control. ");
    if (evidence.rows().size() < evidence.total()) {
      out.raw("<strong>Only the first ").number(evidence.rows().size());
      out.raw(" are shown here.</strong> ");
    }
    out.raw("All rows are in the bundle, in <code>").text(evidence.file());
    out.raw("</code>. <em>idx</em> is the place in the signed log.</p>");
    if (evidence.rows().isEmpty()) {
      return;
    }
    out.raw("<div class=\"scroll\"><table><thead><tr>");
    evidence.columns().forEach(c -> out.raw("<th scope=\"col\">").text(heading(c)).raw("</th>"));
    out.raw("</tr></thead><tbody>");
    for (Row row : evidence.rows()) {
      out.raw(row.violation() ? "<tr class=\"bad\">" : "<tr>");
      for (int i = 0; i < row.cells().size(); i++) {
        String value = row.cells().get(i);
        out.raw(opening(evidence.columns().get(i))).text(shown(evidence, i, value)).raw("</td>");
      }
      out.raw("</tr>");
    }
    out.raw("</tbody></table></div>");
  }

  private static String heading(String column) {
    return column.equals("ts") ? "time, UTC" : column.replace('_', ' ');
  }

  private static String opening(String column) {
    return switch (column) {
      case "idx" -> "<td class=\"n\">";
      case "id" -> "<td class=\"id event\">";
      case "ts" -> "<td class=\"ts\">";
      default -> "<td>";
    };
  }

  private static @Nullable String shown(Evidence evidence, int column, @Nullable String value) {
    if (value != null && evidence.columns().get(column).equals("ts")) {
      return value.replace('T', ' ').replace("Z", "");
    }
    if (value != null && evidence.columns().get(column).equals("roles") && value.length() > 1) {
      return value.substring(1, value.length() - 1).replace(",", ", ");
    }
    return value;
  }

  private void responsibilities() {
    if (report.responsibilities().isEmpty()) {
      return;
    }
    out.raw("<section id=\"responsibilities\"><h2>Who answers for what</h2><div class=\"scroll\">");
    out.raw("<table><thead><tr><th scope=\"col\">Topic</th><th scope=\"col\">Platform</th>");
    out.raw("<th scope=\"col\">Sworn</th><th scope=\"col\">Customer</th>");
    out.raw("<th scope=\"col\">Evidence</th></tr></thead><tbody>");
    for (Responsibility row : report.responsibilities()) {
      out.raw("<tr>").cell(row.topic()).cell(row.platform()).cell(row.sworn());
      out.cell(row.customer()).cell(row.evidence()).raw("</tr>");
    }
    out.raw("</tbody></table></div></section>\n");
  }

  private void badge(Verdict verdict) {
    out.raw("<span class=\"badge ").raw(verdict.name()).raw("\">");
    out.text(verdict.name().replace('_', ' ').toUpperCase(Locale.ROOT)).raw("</span>");
  }

  private static String style() {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is not packaged");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SwornException(ErrorCode.INTERNAL, "report.css: " + e, e);
    }
  }
}
