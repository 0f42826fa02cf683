package io.sworn.server.cli;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.End;
import io.sworn.event.SwornJson;
import io.sworn.server.config.SwornConfig;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells how a running instance is. */
@Command(
    name = "status",
    description = "Health and the numbers that must add up. Exit 0 healthy, 1 not.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn status --format json"})
final class StatusCommand implements Callable<Integer> {

  @Mixin private InstanceOptions instance = new InstanceOptions();

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format = Format.TEXT;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  StatusCommand() {}

  @Override
  public Integer call() {
    SwornConfig config = instance.load();
    Optional<StatusFile> read = StatusFile.read(config.data());
    PrintWriter out = spec.commandLine().getOut();
    if (read.isEmpty()) {
      spec.commandLine().getErr().println("no instance runs on " + config.data());
      return Main.FAILED;
    }
    StatusFile status = read.get();
    if (format == Format.JSON) {
      out.println(new String(SwornJson.write(status), StandardCharsets.UTF_8));
    } else {
      print(status, out);
    }
    return status.healthy() ? Main.OK : Main.FAILED;
  }

  private static String counted(FlowSnapshot flow, End end, long number) {
    return flow.counts(end) ? Long.toString(number) : "not counted here";
  }

  private static void print(StatusFile status, PrintWriter out) {
    out.println("database  " + status.database());
    out.println(
        "events    emitted "
            + counted(status.flow(), End.EMITTED, status.flow().emitted())
            + ", archived "
            + counted(status.flow(), End.ARCHIVED, status.flow().archived())
            + ", judged "
            + status.flow().judged()
            + ", duplicates "
            + status.flow().duplicates()
            + ", gaps "
            + status.flow().gaps()
            + ", undecidable "
            + status.flow().undecidable());
    out.printf(
        Locale.ROOT,
        "%-20s %-16s %10s %10s %12s %10s  %s%n",
        "destination",
        "route",
        "kept",
        "delivered",
        "dead letters",
        "in flight",
        "state");
    status
        .flow()
        .destinations()
        .forEach(
            (name, flow) ->
                out.printf(
                    Locale.ROOT,
                    "%-20s %-16s %10d %10d %12d %10d  %s%n",
                    name,
                    flow.route(),
                    flow.kept(),
                    flow.delivered(),
                    flow.deadLetters(),
                    flow.inFlight(),
                    status.destinations().getOrDefault(name, "?")));
    status
        .flow()
        .destinations()
        .forEach(
            (name, flow) -> {
              if (flow.acknowledged() > 0) {
                out.println(
                    "lost      up to "
                        + flow.acknowledged()
                        + " events of "
                        + name
                        + ", acknowledged: sworn losses list");
              }
            });
    status.troubles().forEach(trouble -> out.println("TROUBLE   " + trouble));
    status
        .filters()
        .forEach((filter, hits) -> out.println("filter    " + filter + " hits " + hits));
  }
}
