package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.report.FrameworkReader;
import io.sworn.report.Period;
import io.sworn.report.ReportResult;
import io.sworn.report.ReportSummary;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.reports.Reports;
import io.sworn.server.trail.Actor;
import io.sworn.server.trail.SwornTrail;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Commands on the reports of a data directory, beside a running instance or without one. */
final class ReportCommands {

  private ReportCommands() {}

  /** What all of them share. */
  abstract static class OnReports implements Callable<Integer> {

    @Mixin private InstanceOptions instance = new InstanceOptions();
    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    OnReports() {}

    @Override
    public final Integer call() {
      SwornConfig config = instance.load();
      if (!Files.isDirectory(config.data())) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            "no data directory "
                + config.data()
                + ": start an instance with 'sworn up', or name its directory with --data");
      }
      return work(config);
    }

    abstract int work(SwornConfig config);

    final PrintWriter out() {
      return spec.commandLine().getOut();
    }

    final PrintWriter err() {
      return spec.commandLine().getErr();
    }

    /** Reports for looking at: nothing can be run, so that no key is needed. */
    static List<ReportSummary> reports(SwornConfig config) {
      return Reports.list(config.data());
    }

    static void json(ReportLine line, PrintWriter out) {
      out.println(new String(SwornJson.write(line), StandardCharsets.UTF_8));
    }
  }

  /** Runs one. */
  @Command(
      name = "run",
      description = {
        "Judges a framework against the archive and writes report, evidence and bundle.",
        "Works beside a running instance. Exit 0 written, 1 the archive's integrity is not"
            + " established, 2 asked for what makes no sense."
      },
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Example: sworn report run --period today",
        "Example: sworn report run --framework pci-dss-4.0.1 --period 2026-03"
      })
  static final class Run extends OnReports {

    @Option(
        names = "--framework",
        paramLabel = "NAME",
        description = "Which controls; default ${DEFAULT-VALUE}.")
    private String framework = "pci-dss-4.0.1";

    @Option(
        names = "--period",
        paramLabel = "PERIOD",
        description = {
          "today, yesterday, a day (2026-03-01), a month (2026-03), or FROM..TO of days, both"
              + " inside, or of instants, the end outside; all in UTC. Default: ${DEFAULT-VALUE}."
        })
    private String period = "today";

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
    private Format format = Format.TEXT;

    @Override
    int work(SwornConfig config) {
      FrameworkReader.builtIn(framework); // before anything is waited for
      Period span = Period.parse(period, Instant.now());
      needEvents(config.data());
      Path key = Sworn.signingKey(config.data());
      if (!Files.exists(key)) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            "no signing key " + key + ": it is beside the archive that an instance wrote");
      }
      try (Reports reports =
          Reports.open(
              config.data(),
              SigningKey.loadOrCreate(key),
              new FlowBeside(config.data()),
              SwornTrail.open(config.data()),
              Actor.operator())) {
        ReportResult result = reports.run(framework, span);
        return tell(result, reports.find(result.id()).orElseThrow());
      }
    }

    private int tell(ReportResult result, ReportSummary summary) {
      if (format == Format.JSON) {
        json(ReportLine.of(summary), out());
      } else {
        result.counts().entrySet().stream()
            .sorted(java.util.Map.Entry.comparingByKey())
            .filter(entry -> entry.getValue() > 0)
            .forEach(e -> out().printf(Locale.ROOT, "%-14s %3d%n", e.getKey(), e.getValue()));
        out().println("report  " + result.html());
        out().println("bundle  " + (Files.exists(result.bundle()) ? result.bundle() : "none"));
      }
      if (Files.exists(result.bundle())) {
        return Main.OK;
      }
      err().println("The archive's integrity is not established: " + result.html() + " says why.");
      return Main.FAILED;
    }

    private static void needEvents(Path data) {
      Path archive = data.resolve("archive");
      if (!Files.exists(archive)) {
        throw new SwornException(
            ErrorCode.INPUT,
            "no archive "
                + archive
                + ": nothing was archived yet; start an instance with 'sworn up' and"
                + " archive.enabled: true");
      }
      try (ArchiveReader reader = ArchiveReader.openReadOnly(archive)) {
        if (reader.size() == 0) {
          throw new SwornException(
              ErrorCode.INPUT,
              "the archive "
                  + archive
                  + " holds no event: let clients work against the running instance first");
        }
      } catch (SwornException e) {
        if (e.code() != ErrorCode.INTEGRITY) {
          throw e;
        }
        // A damaged archive is what a report is there to tell.
      }
    }
  }

  /** All of them. */
  @Command(
      name = "list",
      description = "The reports of a data directory, the newest run first.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn report list --format json"})
  static final class Enumerate extends OnReports {

    @Option(
        names = "--format",
        description = "${COMPLETION-CANDIDATES}, JSON one line a report; default ${DEFAULT-VALUE}.")
    private Format format = Format.TEXT;

    @Override
    int work(SwornConfig config) {
      List<ReportSummary> all = reports(config);
      if (format == Format.JSON) {
        all.forEach(report -> json(ReportLine.of(report), out()));
      } else if (all.isEmpty()) {
        err().println("no report in " + config.data() + " yet: 'sworn report run' makes one");
      } else {
        all.forEach(
            report ->
                out().println(report.at() + "  " + report.id() + "  " + ReportLine.words(report)));
      }
      return Main.OK;
    }
  }

  /** Shows one. */
  @Command(
      name = "open",
      description = {
        "Prints the path of a report's page; on a desktop, with a terminal, opens it as well."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn report open"})
  static final class Open extends OnReports {

    @Parameters(paramLabel = "ID", arity = "0..1", description = "Which; default: the newest run.")
    private @Nullable String id;

    @Option(names = "--no-browser", description = "Only prints.")
    private boolean printOnly;

    @Override
    int work(SwornConfig config) {
      List<ReportSummary> all = reports(config);
      ReportSummary report =
          all.stream()
              .filter(candidate -> id == null || candidate.id().equals(id))
              .findFirst()
              .orElseThrow(() -> missing(config, all.isEmpty()));
      out().println(report.html());
      if (!printOnly && System.console() != null) {
        Desktop.opener().ifPresent(program -> show(program, report.html()));
      }
      return Main.OK;
    }

    private SwornException missing(SwornConfig config, boolean none) {
      return new SwornException(
          ErrorCode.INPUT,
          (id == null ? "no report" : "no report '" + id + "'")
              + " in "
              + Reports.directory(config.data())
              + (none ? ": 'sworn report run' makes one" : ": 'sworn report list' shows all"));
    }

    private void show(String program, Path page) {
      try {
        new ProcessBuilder(program, page.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
      } catch (IOException e) {
        err()
            .println(
                program + " cannot be started, open the page yourself: " + LocalFiles.reason(e));
      }
    }
  }
}
