package io.sworn.server.filters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.filter.InvalidFilterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a file says of a filter: the filter alone, or {@code {"filter": {...}, "routes": ["splunk"],
 * "shadow": true}} with at least one of the latter two.
 *
 * @param filter the filter's text
 * @param routes where kept events go, if the file says so
 * @param shadow whether the filter is only to judge and count
 */
public record FilterFile(String filter, Optional<List<String>> routes, boolean shadow) {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Set<String> MEMBERS = Set.of("filter", "routes", "shadow");

  /** Longer texts are no filters anyway, and whoever compiles them says so. */
  private static final int LENGTH_MAX = 2 << 20;

  /**
   * Reads a file's text; the filter itself is not checked.
   *
   * @throws InvalidFilterException if what stands beside the filter is wrong
   */
  public static FilterFile parse(String text) {
    if (text.length() > LENGTH_MAX) {
      return alone(text);
    }
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return alone(text); // its compiler names the place
    }
    if (!json.path("filter").isObject() || !(json.has("routes") || json.has("shadow"))) {
      return alone(text);
    }
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!MEMBERS.contains(name)) {
                throw new InvalidFilterException(
                    name, "not a member of a definition: filter, routes, shadow");
              }
            });
    if (json.has("shadow") && !json.path("shadow").isBoolean()) {
      throw new InvalidFilterException("shadow", json.path("shadow") + ": true or false");
    }
    Optional<List<String>> routes =
        json.has("routes") ? Optional.of(names(json.path("routes"))) : Optional.empty();
    return new FilterFile(json.path("filter").toString(), routes, json.path("shadow").asBoolean());
  }

  private static List<String> names(JsonNode routes) {
    List<String> names = new ArrayList<>();
    for (JsonNode route : routes) {
      if (!route.isTextual()) {
        throw new InvalidFilterException("routes", route + ": the name of a route");
      }
      names.add(route.asText());
    }
    if (!routes.isArray() || names.isEmpty()) {
      throw new InvalidFilterException("routes", routes + ": an array of at least one route");
    }
    return names;
  }

  private static FilterFile alone(String text) {
    return new FilterFile(text, Optional.empty(), false);
  }
}
