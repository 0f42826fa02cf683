package io.sworn.server;

import io.sworn.console.ConsoleAction;
import io.sworn.console.ConsoleData;
import io.sworn.console.ReportSummary;
import io.sworn.database.DatabaseServer;
import io.sworn.event.FlowSnapshot;
import io.sworn.server.flow.FlowMeter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the web page shows: the flow, behind the database's own sign-in. */
record ConsoleView(DatabaseServer database, FlowMeter meter) implements ConsoleData {

  private static final Logger LOG = LoggerFactory.getLogger("io.sworn.console.actions");

  @Override
  public FlowSnapshot flow() {
    return meter.snapshot();
  }

  @Override
  public List<ReportSummary> reports() {
    return List.of();
  }

  @Override
  public Optional<Path> report(String id) {
    return Optional.empty();
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
