package io.sworn.filter.sigma;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A rule whose detection has become a filter.
 *
 * @param document as it was read
 * @param names its id and its name, by which others refer to it
 * @param query the filter
 */
record SigmaRule(JsonNode document, List<String> names, ObjectNode query) {

  String name() {
    return names.isEmpty() ? document.path("title").asText() : names.get(0);
  }

  SigmaRule with(ObjectNode other) {
    return new SigmaRule(document, names, other);
  }
}
