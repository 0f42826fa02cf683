package io.sworn.server;

import io.sworn.console.ConsoleAction;
import io.sworn.console.ConsoleData;
import io.sworn.console.ReportSummary;
import io.sworn.database.DatabaseServer;
import io.sworn.event.FlowSnapshot;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.reports.Reports;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the web page shows: the flow and the reports, behind the database's own sign-in. */
record ConsoleView(DatabaseServer database, FlowMeter meter, @Nullable Reports reported)
    implements ConsoleData {

  private static final Logger LOG = LoggerFactory.getLogger("io.sworn.console.actions");

  @Override
  public FlowSnapshot flow() {
    return meter.snapshot();
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

  private static ReportSummary line(io.sworn.report.ReportSummary report) {
    Map<String, Integer> verdicts = new LinkedHashMap<>();
    report.counts().forEach((verdict, count) -> verdicts.put(verdict.name(), count));
    return new ReportSummary(
        report.id(),
        report.title(),
        report.period().from(),
        report.period().to(),
        report.at(),
        verdicts);
  }

  /** Leaves an {@code authenticate} event, whatever the outcome. */
  @Override
  public boolean signIn(String user, char[] password) {
    return database.verifyAdministrator(user, password);
  }

  @Override
  public void audited(ConsoleAction action) {
    LOG.info("{}", action);
  }
}
