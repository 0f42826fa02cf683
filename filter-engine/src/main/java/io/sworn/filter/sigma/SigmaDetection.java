package io.sworn.filter.sigma;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.filter.alert.InvalidRuleException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code detection} of a rule as a filter. */
final class SigmaDetection {

  private SigmaDetection() {}

  /**
   * Selections and condition as one filter.
   *
   * @throws InvalidRuleException with place and reason
   */
  static ObjectNode query(JsonNode detection, String path) {
    if (!detection.isObject()) {
      throw new InvalidRuleException(path, "a mapping of selections and a condition expected");
    }
    JsonNode condition = detection.get("condition");
    if (condition == null) {
      throw new InvalidRuleException(path + ".condition", "missing");
    }
    if (detection.has("timeframe")) {
      throw new InvalidRuleException(
          path + ".timeframe", "obsolete since Sigma 2: write a correlation of type event_count");
    }
    Map<String, ObjectNode> selections = new LinkedHashMap<>();
    detection
        .properties()
        .forEach(
            entry -> {
              if (!entry.getKey().equals("condition")) {
                selections.put(
                    entry.getKey(), selection(entry.getValue(), path + "." + entry.getKey()));
              }
            });
    if (selections.isEmpty()) {
      throw new InvalidRuleException(path, "no selection in it");
    }
    List<ObjectNode> any = new ArrayList<>();
    if (condition.isArray()) {
      condition.forEach(one -> any.add(new SigmaCondition(one.asText(), selections, path).query()));
    } else {
      any.add(new SigmaCondition(condition.asText(), selections, path).query());
    }
    return Query.any(any);
  }

  private static ObjectNode selection(JsonNode node, String path) {
    if (node.isObject() && !node.isEmpty()) {
      List<ObjectNode> parts = new ArrayList<>();
      node.properties()
          .forEach(
              entry -> {
                if (entry.getKey().startsWith("|") || entry.getKey().isEmpty()) {
                  throw keywords(path);
                }
                parts.add(SigmaItem.query(entry.getKey(), entry.getValue(), path));
              });
      return Query.all(parts);
    }
    if (node.isArray() && !node.isEmpty()) {
      List<ObjectNode> parts = new ArrayList<>();
      for (int i = 0; i < node.size(); i++) {
        if (!node.get(i).isObject()) {
          throw keywords(path);
        }
        parts.add(selection(node.get(i), path + "[" + i + "]"));
      }
      return Query.any(parts);
    }
    if (node.isTextual()) {
      throw keywords(path);
    }
    throw new InvalidRuleException(path, "a mapping or a list of mappings expected");
  }

  private static InvalidRuleException keywords(String path) {
    return new InvalidRuleException(
        path, "keywords search the whole text of an event, filters compare fields: name the field");
  }
}
