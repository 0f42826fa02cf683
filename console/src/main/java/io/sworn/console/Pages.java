package io.sworn.console;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.sworn.event.FlowSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the pages. The templates were compiled with the module and escape what they show. */
final class Pages {

  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Pages.class.getClassLoader(), Pages.class.getPackageName());

  String signIn(String formToken, @Nullable String message) {
    Map<String, @Nullable Object> params = new HashMap<>();
    params.put("page", new Page("Sign in", "", null));
    params.put("formToken", formToken);
    params.put("message", message);
    return render("signIn.jte", params);
  }

  String flow(Session session, FlowSnapshot flow) {
    return render("flow.jte", Map.of("page", new Page("Flow", "/", session), "flow", flow));
  }

  /** The part of the flow page that changes. */
  String flowNumbers(FlowSnapshot flow) {
    return render("flowNumbers.jte", Map.of("flow", flow));
  }

  String alerts(Session session, List<AlertLine> alerts, List<RuleLine> rules) {
    return render(
        "alerts.jte",
        Map.of("page", new Page("Alerts", "/alerts", session), "alerts", alerts, "rules", rules));
  }

  String reports(Session session, List<ReportSummary> reports) {
    return render(
        "reports.jte",
        Map.of("page", new Page("Reports", "/reports", session), "reports", reports));
  }

  String report(Session session, ReportSummary report) {
    return render(
        "report.jte",
        Map.of("page", new Page(report.framework(), "/reports", session), "report", report));
  }

  String problem(@Nullable Session session, String headline, String advice) {
    return render(
        "problem.jte",
        Map.of("page", new Page(headline, "", session), "headline", headline, "advice", advice));
  }

  private String render(String template, Map<String, ?> params) {
    StringOutput output = new StringOutput();
    engine.render(template, new HashMap<String, Object>(params), output);
    return output.toString();
  }
}
