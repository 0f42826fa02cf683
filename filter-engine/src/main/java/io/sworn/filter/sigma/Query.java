package io.sworn.filter.sigma;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Builds filters in MongoDB's query language. */
final class Query {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Query() {}

  static ObjectNode all(List<ObjectNode> parts) {
    return parts.size() == 1 ? parts.get(0) : joined("$and", parts);
  }

  static ObjectNode any(List<ObjectNode> parts) {
    return parts.size() == 1 ? parts.get(0) : joined("$or", parts);
  }

  static ObjectNode not(ObjectNode part) {
    return joined("$nor", List.of(part));
  }

  private static ObjectNode joined(String operator, List<ObjectNode> parts) {
    ArrayNode list = JSON.arrayNode();
    parts.forEach(list::add);
    return JSON.objectNode().set(operator, list);
  }

  static ObjectNode is(String path, JsonNode value) {
    return JSON.objectNode().set(path, value);
  }

  static ObjectNode operator(String path, String operator, JsonNode value) {
    return is(path, JSON.objectNode().set(operator, value));
  }

  static ObjectNode regex(String path, String pattern, String options) {
    ObjectNode regex = JSON.objectNode();
    regex.put("$regex", pattern);
    if (!options.isEmpty()) {
      regex.put("$options", options);
    }
    return is(path, regex);
  }

  static JsonNode text(String text) {
    return JSON.textNode(text);
  }

  static JsonNode flag(boolean flag) {
    return JSON.booleanNode(flag);
  }
}
