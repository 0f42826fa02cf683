package io.sworn.server.config;

import io.sworn.event.SwornException;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.RuleFiles;
import io.sworn.filter.alert.RulePack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code alerts}: which rules the alert engine runs. */
final class AlertSection {

  private AlertSection() {}

  /** The rules; empty if alerts are switched off. */
  static Optional<List<AlertRule>> read(Section root) {
    Section section = root.section("alerts");
    boolean enabled = section.flag("enabled", true);
    boolean pack = section.flag("pack", true);
    Path directory = section.path("directory");
    List<AlertRule> rules = pack && enabled ? RulePack.rules() : List.of();
    if (directory != null) {
      if (!Files.isDirectory(directory)) {
        section.wrong("directory", directory.toString(), "a directory");
      } else {
        try {
          rules = RuleFiles.merge(rules, RuleFiles.read(List.of(directory)));
        } catch (SwornException e) {
          section.wrong("directory", directory.toString(), "valid rules; " + e.getMessage());
        }
      }
    }
    rules = without(section, rules, enabled);
    section.end();
    return enabled ? Optional.of(rules) : Optional.empty();
  }

  private static List<AlertRule> without(Section section, List<AlertRule> rules, boolean enabled) {
    Set<String> disabled = new HashSet<>(section.texts("disabled", List.of()));
    List<AlertRule> left = new ArrayList<>(rules);
    left.removeIf(rule -> disabled.contains(rule.name()));
    Set<String> unknown = new HashSet<>(disabled);
    rules.forEach(rule -> unknown.remove(rule.name()));
    if (!unknown.isEmpty() && enabled) {
      section.wrong("disabled", String.join(", ", unknown), "names of rules, see sworn alert list");
    }
    return List.copyOf(left);
  }
}
