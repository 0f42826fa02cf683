package io.sworn.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.mongo.AuditFileReader;
import io.sworn.filter.alert.Alert;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.RuleCounts;
import io.sworn.filter.alert.RuleFiles;
import io.sworn.filter.alert.RulePack;
import io.sworn.filter.alert.RuleTrial;
import io.sworn.filter.alert.Samples;
import io.sworn.filter.sigma.SigmaImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Everything about alert rules. */
@Command(
    name = "alert",
    description = {
      "Lists alert rules, changes live ones, tries them on recorded events, imports Sigma rules."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      AlertCommand.Enumerate.class,
      LiveAlertCommands.Put.class,
      LiveAlertCommands.Versions.class,
      LiveAlertCommands.Rollback.class,
      LiveAlertCommands.Disable.class,
      AlertCommand.Try.class,
      AlertCommand.Import.class
    },
    footer = {"", "Example: sworn alert test --events auditLog.json"})
final class AlertCommand implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  AlertCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name what to do, or ask with --help.");
  }

  /** Which rules are meant. */
  static final class Which {
    @Option(
        names = "--rules",
        paramLabel = "PATH",
        description = "Files or directories with rules; default: the rules that come with Sworn.")
    private List<Path> paths = List.of();

    List<AlertRule> rules() {
      return paths.isEmpty() ? RulePack.rules() : RuleFiles.read(paths);
    }
  }

  /** Prints rules. */
  @Command(
      name = "list",
      description = {
        "Prints the rules of the instance, or those of files: name, version, state, severity, type,",
        "and who changed them when and why.",
        "Before the first start of an instance: the rules that it will begin with."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn alert list --rules my-rules/"})
  static final class Enumerate implements Callable<Integer> {

    @Option(
        names = "--rules",
        paramLabel = "PATH",
        description = "Files or directories with rules, in place of those of the instance.")
    private List<Path> paths = List.of();

    @picocli.CommandLine.Mixin private InstanceOptions instance = new InstanceOptions();

    @Option(names = "--format", paramLabel = "FORMAT", description = "text or json.")
    private String format = "text";

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Enumerate() {}

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      List<AlertDefinition> rules =
          paths.isEmpty()
              ? LiveAlertCommands.current(instance.load())
              : RuleFiles.read(paths).stream().map(AlertDefinition::initial).toList();
      for (AlertDefinition definition : rules) {
        ObjectNode line = LiveAlertCommands.json(definition);
        if (format.equals("json")) {
          out.println(JSON.writeValueAsString(line));
        } else {
          out.printf(
              "%-40s %-4s %-13s %-10s %s%s%n",
              definition.label(),
              definition.enabled() ? "on" : "off",
              line.path("severity").asText(),
              line.path("type").asText(),
              line.path("title").asText(),
              line.has("at")
                  ? " (" + definition.author() + ", " + definition.at() + reason(definition) + ")"
                  : "");
        }
      }
      return Main.OK;
    }

    private static String reason(AlertDefinition definition) {
      return definition.reason().isEmpty() ? "" : ": " + definition.reason();
    }
  }

  /** Tries rules out. */
  @Command(
      name = "test",
      description = {
        "Judges recorded events, one JSON line for each alert, with the lines that made it.",
        "With --samples: runs the samples of the rules themselves; exit 1 if one is wrong."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn alert test --rules my-rules/ --events auditLog.json"})
  static final class Try implements Callable<Integer> {

    @picocli.CommandLine.Mixin private Which which = new Which();

    @Option(
        names = "--events",
        paramLabel = "FILE",
        description = "Audit file, JSON lines or BSON; default: standard input.")
    private @Nullable Path events;

    @Option(
        names = "--until",
        paramLabel = "TIME",
        description = "Nothing else came up to this time, such as 2026-03-02T10:00:00Z.")
    private @Nullable String until;

    @Option(names = "--samples", description = "Runs the rules' own samples.")
    private boolean samples;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Try() {}

    @Override
    public Integer call() throws IOException {
      List<AlertRule> rules = which.rules();
      return samples ? samples(rules) : events(rules);
    }

    private int samples(List<AlertRule> rules) {
      int wrong = 0;
      PrintWriter out = spec.commandLine().getOut();
      for (AlertRule rule : rules) {
        Samples own = rule.samples();
        wrong += own.fires().isEmpty() ? said(out, rule, "has no firing sample") : 0;
        wrong += own.silent().isEmpty() ? said(out, rule, "has no silent sample") : 0;
        for (String problem : RuleTrial.problems(rule)) {
          wrong += said(out, rule, problem);
        }
      }
      out.println(rules.size() + " rules, " + wrong + " wrong");
      return wrong == 0 ? Main.OK : Main.FAILED;
    }

    private static int said(PrintWriter out, AlertRule rule, String what) {
      out.println(rule.name() + ": " + what);
      return 1;
    }

    private int events(List<AlertRule> rules) throws IOException {
      RuleTrial trial = new RuleTrial(rules);
      Instant end = end();
      try (AuditFileReader reader = RecordedEvents.open(events)) {
        for (AuditFileReader.Entry entry = reader.next(); entry != null; entry = reader.next()) {
          BsonDocument message = entry.message();
          if (message == null || !message.isDateTime("ts")) {
            String reason = message == null ? entry.error() : "member 'ts' is no date";
            spec.commandLine().getErr().println("line " + entry.number() + ": " + reason);
            continue;
          }
          print(trial.add(message, entry.number()));
        }
      }
      if (end != null) {
        print(trial.until(end));
      }
      summary(trial.counts());
      return Main.OK;
    }

    private @Nullable Instant end() {
      try {
        return until == null ? null : Instant.parse(until);
      } catch (DateTimeParseException e) {
        throw new SwornException(
            ErrorCode.INPUT, "--until '" + until + "': such as 2026-03-02T10:00:00Z expected");
      }
    }

    private void print(List<Alert> alerts) throws IOException {
      for (Alert alert : alerts) {
        ObjectNode line = JSON.createObjectNode();
        line.put("rule", alert.rule()).put("severity", alert.severity().text());
        line.put("title", alert.title());
        ObjectNode group = line.putObject("group");
        alert.group().forEach(group::put);
        line.put("from", alert.from().toString()).put("to", alert.to().toString());
        line.put("count", alert.count());
        ArrayNode where = line.putArray("lines");
        alert.samples().forEach(id -> where.add(RuleTrial.number(id)));
        alert.values().forEach(line.putArray("values")::add);
        line.put("suppressed", alert.suppressed());
        spec.commandLine().getOut().println(JSON.writeValueAsString(line));
      }
    }

    private void summary(Map<String, RuleCounts> counts) {
      PrintWriter err = spec.commandLine().getErr();
      counts.forEach(
          (rule, c) -> {
            if (c.matched() > 0) {
              err.printf(
                  "%s: %d selected, %d alerts, %d suppressed, %d late, %d given up%n",
                  rule, c.matched(), c.alerts(), c.suppressed(), c.late(), c.evicted());
            }
          });
      err.flush();
    }
  }

  /** Makes rules of Sigma. */
  @Command(
      name = "import",
      description = {
        "Makes alert rules of Sigma rules and correlations; files given together may refer to each"
            + " other.",
        "What cannot be expressed is told with place and reason; exit 1 then."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn alert import --out my-rules/ sigma/*.yml"})
  static final class Import implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files or directories.")
    private List<Path> paths = List.of();

    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "Writes one file for each rule; default: all to standard output.")
    private @Nullable Path out;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Import() {}

    @Override
    public Integer call() throws IOException {
      Map<String, String> texts = new LinkedHashMap<>();
      for (Path path : paths) {
        Map<String, String> found = RuleFiles.texts(path);
        if (found.isEmpty()) {
          throw new SwornException(
              ErrorCode.INPUT, path + ": no file that ends in .yaml, .yml or .json");
        }
        texts.putAll(found);
      }
      SigmaImport.Result result = SigmaImport.read(texts);
      YAMLMapper yaml = new YAMLMapper();
      for (JsonNode document : result.documents()) {
        String text = yaml.writeValueAsString(document);
        if (out == null) {
          spec.commandLine().getOut().print(text);
        } else {
          Files.createDirectories(out);
          Files.writeString(out.resolve(document.path("name").asText() + ".yaml"), text);
        }
      }
      PrintWriter err = spec.commandLine().getErr();
      result.refused().forEach(refusal -> err.println("refused: " + refusal));
      err.println(result.documents().size() + " imported, " + result.refused().size() + " refused");
      return result.refused().isEmpty() ? Main.OK : Main.FAILED;
    }
  }
}
