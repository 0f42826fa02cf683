package io.sworn.server.config;

import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.redact.Redaction;
import io.sworn.filter.redact.RedactionAction;
import io.sworn.filter.redact.RedactionRule;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.filter.redact.TokenKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys {@code routes[]} and {@code token-keys}: what each route may not get to see. */
final class RedactionSection {

  private RedactionSection() {}

  static RouteRedactions read(Section root) {
    @Nullable TokenKeys keys = keys(root);
    Map<String, Redaction> routes = new HashMap<>();
    for (Section section : root.sections("routes")) {
      String name = section.text("name", "");
      if (!Topics.isRouteName(name)) {
        section.wrong("name", name, "lower-case letters, digits and '-', at most 63");
      } else if (routes.containsKey(name)) {
        section.wrong("name", name, "a route that is not configured yet");
      }
      List<RedactionRule> rules =
          section.has("redact") ? rules(section) : Redaction.standardRules();
      try {
        routes.put(name, Redaction.of(rules, keys));
      } catch (SwornException e) {
        section.told("redact", e.getMessage() + ": name one in token-keys");
      }
      section.end();
    }
    return RouteRedactions.of(routes);
  }

  private static @Nullable TokenKeys keys(Section root) {
    Path file = root.path("token-keys");
    try {
      return file == null ? null : TokenKeys.read(file);
    } catch (SwornException e) {
      root.wrong("token-keys", String.valueOf(file), String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static RedactionAction action(Section rule) {
    String name = rule.text("action", RedactionAction.MASK.text());
    return Arrays.stream(RedactionAction.values())
        .filter(action -> action.text().equals(name))
        .findFirst()
        .orElseGet(
            () -> {
              rule.wrong(
                  "action",
                  name,
                  Arrays.stream(RedactionAction.values())
                      .map(RedactionAction::text)
                      .collect(Collectors.joining(", ", "one of ", "")));
              return RedactionAction.MASK;
            });
  }

  private static List<RedactionRule> rules(Section route) {
    List<RedactionRule> rules = new ArrayList<>();
    for (Section rule : route.sections("redact")) {
      String path = rule.text("path", "");
      RedactionAction action = action(rule);
      if (path.isEmpty()) {
        rule.missing("path", "what is redacted, dotted as in filters, such as param.args");
      } else {
        try {
          rules.add(new RedactionRule(path, action));
        } catch (SwornException e) {
          rule.told("path", String.valueOf(e.getMessage()));
        }
      }
      rule.end();
    }
    return rules;
  }
}
