package io.sworn.filter.sigma;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.filter.alert.InvalidRuleException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A {@code correlation} as the part of an alert rule that says what makes an alert. */
final class SigmaCorrelation {

  private static final Set<String> KNOWN =
      Set.of("type", "rules", "group-by", "timespan", "condition", "aliases", "generate");

  private final JsonNode correlation;
  private final List<SigmaRule> rules;
  private final ObjectNode target;

  private SigmaCorrelation(JsonNode correlation, List<SigmaRule> rules, ObjectNode target) {
    this.correlation = correlation;
    this.rules = rules;
    this.target = target;
  }

  /**
   * Writes type, selections, grouping and window into {@code target}.
   *
   * @param rules the rules that it refers to, in its order
   * @throws InvalidRuleException with place and reason
   */
  static void write(JsonNode correlation, List<SigmaRule> rules, ObjectNode target) {
    correlation
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!KNOWN.contains(name)) {
                throw wrong(name, "unknown to specification 2.1.0");
              }
            });
    new SigmaCorrelation(correlation, rules, target).write();
  }

  private void write() {
    String type = correlation.path("type").asText();
    switch (type) {
      case "event_count" -> {
        grouping(rules.get(0));
        counted("threshold");
      }
      case "value_count" -> {
        grouping(rules.get(0));
        JsonNode field = correlation.path("condition").path("field");
        if (field.isArray() && field.size() == 1) {
          field = field.get(0);
        }
        if (field.isArray() && field.size() > 1) {
          throw wrong(
              "condition.field",
              field
                  + ": the values of one field can be counted, not those of several together;"
                  + " name one");
        }
        if (!field.isTextual()) {
          throw wrong("condition.field", "missing: the field whose values are counted");
        }
        target.put("of", SigmaField.of(field.asText(), place("condition.field")).group());
        counted("distinct");
      }
      case "temporal", "temporal_ordered" -> steps(type.equals("temporal_ordered"));
      case "value_sum", "value_avg", "value_percentile" ->
          throw wrong("type", "'" + type + "': alert rules count, they do not calculate");
      default ->
          throw wrong(
              "type",
              "'" + type + "': event_count, value_count, temporal or temporal_ordered expected");
    }
    target.put("within", timespan());
  }

  private void counted(String type) {
    if (correlation.has("aliases")) {
      throw wrong("aliases", "only sequences (temporal) can group each rule by fields of its own");
    }
    target.set("select", Query.any(rules.stream().map(SigmaRule::query).toList()));
    target.put("type", type);
    target.put("count", least());
  }

  /**
   * From how many on. An upper bound cannot be told before the window is over, so it is refused.
   */
  private int least() {
    JsonNode condition = correlation.path("condition");
    if (!condition.isObject()) {
      throw wrong("condition", "missing: such as {gte: 10}");
    }
    int least = -1;
    for (var names = condition.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      JsonNode value = condition.get(name);
      switch (name) {
        case "field" -> {}
        case "gte", "gt" -> {
          if (!value.isInt()) {
            throw wrong("condition." + name, value + ": a whole number expected");
          }
          least = Math.max(least, value.asInt() + (name.equals("gt") ? 1 : 0));
        }
        default ->
            throw wrong(
                "condition." + name,
                "only gt and gte: an alert is raised when the number is reached, and whether it"
                    + " stays below or equal is not known then");
      }
    }
    if (least < 2) {
      throw wrong("condition", "gte of at least 2 expected; for single events use the rule itself");
    }
    return least;
  }

  private void steps(boolean ordered) {
    JsonNode condition = correlation.get("condition");
    if (condition != null && condition.path("gte").asInt() != rules.size()) {
      throw wrong("condition", "a sequence needs all of its rules: leave the condition out");
    }
    grouping(rules.get(0));
    target.put("type", "sequence");
    target.put("ordered", ordered);
    ArrayNode steps = target.putArray("steps");
    for (SigmaRule rule : rules) {
      ObjectNode step = steps.addObject();
      step.put("name", rule.name());
      step.set("select", rule.query());
      ArrayNode group = step.putArray("group");
      groups(rule).forEach(group::add);
    }
  }

  private void grouping(SigmaRule first) {
    ArrayNode group = target.putArray("group");
    groups(first).forEach(group::add);
  }

  private List<String> groups(SigmaRule rule) {
    List<String> paths = new ArrayList<>();
    for (JsonNode name : correlation.path("group-by")) {
      JsonNode alias = correlation.path("aliases").path(name.asText());
      String field = name.asText();
      if (alias.isObject()) {
        JsonNode own =
            rule.names().stream()
                .map(alias::path)
                .filter(JsonNode::isTextual)
                .findFirst()
                .orElseThrow(
                    () -> wrong("aliases." + name.asText(), "says nothing of rule " + rule.name()));
        field = own.asText();
      }
      paths.add(SigmaField.of(field, place("group-by")).group());
    }
    return paths;
  }

  private String timespan() {
    String text = correlation.path("timespan").asText();
    if (text.matches("[1-9]\\d{0,2}w")) { // not in the specification, but as clear as days
      return 7 * Integer.parseInt(text.substring(0, text.length() - 1)) + "d";
    }
    if (!text.matches("[1-9]\\d{0,5}[smhd]")) {
      throw wrong(
          "timespan",
          "'" + text + "': a number and s, m, h, d or w expected; write months and years in days");
    }
    return text;
  }

  private static String place(String member) {
    return "correlation." + member;
  }

  static InvalidRuleException wrong(String member, String reason) {
    return new InvalidRuleException(place(member), reason);
  }
}
