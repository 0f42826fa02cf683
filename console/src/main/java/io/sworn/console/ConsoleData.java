package io.sworn.console;

import io.sworn.event.FlowSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the console shows and whom it asks. Called from several threads at once. An exception shows
 * as an error page without details; the details go to the log.
 */
public interface ConsoleData {

  /** The numbers of this moment. Called about once a second for each open page, so it is cheap. */
  FlowSnapshot flow();

  /** The latest alerts, newest first; a bounded number. */
  List<AlertLine> alerts();

  /** The alert rules, by name, those that are switched off included. */
  List<RuleLine> rules();

  /** The finished reports, newest first. */
  List<ReportSummary> reports();

  /** The HTML file of a report, empty if {@code id} names none. */
  Optional<Path> report(String id);

  /** The evidence bundle of a report, empty if there is none. */
  Optional<Path> bundle(String id);

  /**
   * Whether these are the credentials of an administrator. Takes the same time for an unknown user
   * as for a wrong password. The caller wipes {@code password} afterwards.
   */
  boolean signIn(String user, char[] password);

  /**
   * Records what a visitor did. Called <em>before</em> the visitor sees the result; if it throws,
   * the visitor does not see it.
   */
  void audited(ConsoleAction action);
}
