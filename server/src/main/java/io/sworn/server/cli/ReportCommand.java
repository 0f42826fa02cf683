package io.sworn.server.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything about evidence reports. */
@Command(
    name = "report",
    description = "Runs compliance reports over the archive, lists and opens them.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ReportCommands.Run.class,
      ReportCommands.Enumerate.class,
      ReportCommands.Open.class
    },
    footer = {"", "Example: sworn report run --period today"})
final class ReportCommand implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  ReportCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name what to do, or ask with --help.");
  }
}
