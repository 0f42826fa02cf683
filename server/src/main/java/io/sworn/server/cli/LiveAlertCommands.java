package io.sworn.server.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.filter.AlertRuleStore;
import io.sworn.filter.FilterWarning;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.InvalidRuleException;
import io.sworn.filter.alert.RuleFiles;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.TrailEntry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands on the alert rules of a running instance; each result is one JSON object a line. */
final class LiveAlertCommands {

  private static final ObjectMapper JSON = new ObjectMapper();

  private LiveAlertCommands() {}

  /** A change, printed. */
  abstract static class Change extends LiveCommand.Change<AlertDefinition, AlertRuleStore> {

    @Override
    final AlertRuleStore open(SwornConfig config) {
      return LiveAlertCommands.open(config);
    }
  }

  private static AlertRuleStore open(SwornConfig config) {
    if (config.alerts().isEmpty()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, "alerts are switched off: set alerts.enabled to true");
    }
    return AlertRuleStore.connect(
        InstanceOptions.operator(config),
        config.kafka().topics(),
        config.alerts().orElse(List.of()));
  }

  /** What runs on the instance, or will when it is started for the first time. */
  static List<AlertDefinition> current(SwornConfig config) {
    if (!InstanceOptions.started(config)) {
      return AlertDefinition.merge(config.alerts().orElse(List.of()), List.of());
    }
    try (AlertRuleStore store = open(config)) {
      return store.list();
    }
  }

  /** One line of JSON. */
  static ObjectNode json(AlertDefinition definition) {
    ObjectNode line = JSON.createObjectNode();
    line.put("name", definition.name()).put("version", definition.version());
    line.put("enabled", definition.enabled());
    AlertRule rule = definition.compiled();
    line.put("severity", rule.severity().text()).put("type", rule.detection().type());
    line.put("title", rule.title()).put("description", rule.description());
    rule.tags().forEach(line.putArray("tags")::add);
    line.put("author", definition.author()).put("reason", definition.reason());
    if (definition.at().isAfter(Instant.EPOCH)) {
      line.put("at", definition.at().toString());
    }
    return line;
  }

  /** Writes new versions. */
  @Command(
      name = "put",
      description = {
        "Puts the rules of a file; each judges from the next event on, without a restart.",
        "Nothing is put if one of them, or a sample of one, is wrong."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn alert put failed-logins.yaml --reason 'fewer false ones'"})
  static final class Put extends Change {

    @Parameters(paramLabel = "FILE", description = "YAML or JSON, see docs/alerts.md.")
    private Path file = Path.of("");

    @Option(names = "--force", description = "Puts even a rule that can never select an event.")
    private boolean force;

    @Override
    void work(AlertRuleStore store, SwornConfig config) {
      List<AlertRule> rules = RuleFiles.read(List.of(file));
      for (AlertRule rule : rules) {
        checked(config, rule);
      }
      for (AlertRule rule : rules) {
        change(store, config, entry(rule), () -> store.put(rule, author(), reason()))
            .ifPresent(put -> print(json(put).toString()));
      }
    }

    private TrailEntry entry(AlertRule rule) {
      return TrailEntry.alertPut(rule.name(), rule.text(), reason());
    }

    /** Refuses a rule before the first one is put. */
    private void checked(SwornConfig config, AlertRule rule) {
      try {
        AlertRuleStore.check(rule);
        for (AlertRule.Step step : rule.steps()) {
          selects(rule, step);
        }
      } catch (InvalidRuleException e) {
        OwnTrail.record(config, entry(rule).refused());
        throw new SwornException(
            ErrorCode.INPUT, file + ": rule '" + rule.name() + "': " + e.getMessage(), e);
      }
    }

    private void selects(AlertRule rule, AlertRule.Step step) {
      List<FilterWarning> warnings = step.filter().warnings();
      warnings.stream()
          .filter(warning -> warning.kind() != FilterWarning.Kind.NOT_PORTABLE)
          .forEach(warning -> warn(rule.name() + ": " + warning));
      if (!force && FilterWarning.neverMatches(warnings)) {
        throw new InvalidRuleException(
            step.name() + ".select", "can never select an event; --force puts it all the same");
      }
    }
  }

  /** The history of one. */
  @Command(
      name = "versions",
      description = "Every version of one rule, oldest first.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn alert versions failed-logins"})
  static final class Versions extends LiveCommand<AlertDefinition, AlertRuleStore> {

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Override
    AlertRuleStore open(SwornConfig config) {
      return LiveAlertCommands.open(config);
    }

    @Override
    void work(AlertRuleStore store, SwornConfig config) {
      List<AlertDefinition> versions = store.versions(name);
      if (versions.isEmpty()) {
        throw new SwornException(
            ErrorCode.INPUT, "no alert rule '" + name + "': 'sworn alert list' shows all");
      }
      versions.forEach(version -> print(json(version).toString()));
    }
  }

  /** Back to an earlier version. */
  @Command(
      name = "rollback",
      description = "Writes an earlier version again, as the newest one.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn alert rollback failed-logins 1"})
  static final class Rollback extends Change {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Parameters(index = "1", paramLabel = "VERSION")
    private int version;

    @Override
    void work(AlertRuleStore store, SwornConfig config) {
      change(
              store,
              config,
              TrailEntry.alertRollback(name, version, reason()),
              () -> store.rollback(name, version, author(), reason()))
          .ifPresent(back -> print(json(back).toString()));
    }
  }

  /** Off, until it is put or rolled back. */
  @Command(
      name = "disable",
      description = "Switches a rule off, also one that comes with Sworn. Rollback brings it back.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn alert disable failed-logins --reason 'replaced by logins'"})
  static final class Disable extends Change {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Override
    void work(AlertRuleStore store, SwornConfig config) {
      disable(store, config, TrailEntry.alertDisable(name, reason()), name)
          .ifPresent(off -> print(json(off).toString()));
    }
  }
}
