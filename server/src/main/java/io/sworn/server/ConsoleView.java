package io.sworn.server;

import io.sworn.console.AlertLine;
import io.sworn.console.ConsoleAction;
import io.sworn.console.ConsoleData;
import io.sworn.console.ReportSummary;
import io.sworn.console.RuleLine;
import io.sworn.database.DatabaseServer;
import io.sworn.event.FlowSnapshot;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.server.alerts.LatestAlerts;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.reports.Reports;
import io.sworn.server.trail.Actor;
import io.sworn.server.trail.SwornTrail;
import io.sworn.server.trail.TrailEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the web page shows: the flow, the alerts and the reports, behind the database's own sign-in.
 */
record ConsoleView(
    DatabaseServer database,
    FlowMeter meter,
    @Nullable Reports reported,
    SwornTrail trail,
    LatestAlerts latest,
    Supplier<List<AlertDefinition>> definitions)
    implements ConsoleData {

  @Override
  public FlowSnapshot flow() {
    return meter.snapshot();
  }

  @Override
  public List<AlertLine> alerts() {
    return latest.read();
  }

  @Override
  public List<RuleLine> rules() {
    return definitions.get().stream().map(LatestAlerts::line).toList();
  }

  @Override
  public List<ReportSummary> reports() {
    return reported == null ? List.of() : reported.list().stream().map(ConsoleView::line).toList();
  }

  @Override
  public Optional<Path> report(String id) {
    return reported == null
        ? Optional.empty()
        : reported.find(id).map(io.sworn.report.ReportSummary::html);
  }

  @Override
  public Optional<Path> bundle(String id) {
    return reported == null
        ? Optional.empty()
        : reported.find(id).map(io.sworn.report.ReportSummary::bundle).filter(Files::exists);
  }

  private static ReportSummary line(io.sworn.report.ReportSummary report) {
    Map<String, Integer> verdicts = new LinkedHashMap<>();
    report.counts().forEach((verdict, count) -> verdicts.put(verdict.name(), count));
    return new ReportSummary(
        report.id(),
        report.title(),
        report.period().from(),
        report.period().to(),
        report.at(),
        verdicts,
        Files.exists(report.bundle()));
  }

  /** Leaves an {@code authenticate} event, whatever the outcome. */
  @Override
  public boolean signIn(String user, char[] password) {
    return database.verifyAdministrator(user, password);
  }

  /** An event of Sworn's own trail, on disk when this returns. */
  @Override
  public void audited(ConsoleAction action) {
    trail.append(
        Actor.visitor(action.user(), action.session(), action.remote(), action.local()),
        switch (action.kind()) {
          case SIGNED_IN -> TrailEntry.console("SignedIn", false, null);
          case SIGN_IN_REFUSED -> TrailEntry.console("SignInRefused", true, null);
          case SIGN_IN_THROTTLED -> TrailEntry.console("SignInThrottled", true, null);
          case SIGNED_OUT -> TrailEntry.console("SignedOut", false, null);
          case SESSION_EXPIRED -> TrailEntry.console("SessionExpired", false, null);
          case BUNDLE_TAKEN -> TrailEntry.console("BundleTaken", false, action.report());
          case REPORT_VIEWED -> TrailEntry.console("ReportViewed", false, action.report());
        });
  }
}
