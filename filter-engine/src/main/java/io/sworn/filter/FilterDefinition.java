package io.sworn.filter;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One version of a filter: what it keeps and where that goes.
 *
 * @param name lower-case letters, digits, '-', '_' and '.', at most 63
 * @param version from 1; each change is a new one
 * @param enabled false: nothing is kept by it
 * @param shadow true: judges and counts, but nothing travels because of it
 * @param filter the JSON text
 * @param routes where kept events go, at least one
 * @param author who made this version
 * @param reason why
 * @param at when
 */
public record FilterDefinition(
    String name,
    int version,
    boolean enabled,
    boolean shadow,
    String filter,
    List<String> routes,
    String author,
    String reason,
    Instant at)
    implements Versioned<FilterDefinition> {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final int ROUTES_MAX = 64;

  /**
   * Checks everything but the filter's text.
   *
   * @throws InvalidFilterException with the member and what was expected
   */
  public FilterDefinition {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidFilterException(
          "name", "'" + name + "': lower-case letters, digits, '-', '_' and '.', at most 63");
    }
    if (version < 1) {
      throw new InvalidFilterException("version", version + ": from 1");
    }
    routes = routes.stream().distinct().sorted().toList();
    if (routes.isEmpty() || routes.size() > ROUTES_MAX) {
      throw new InvalidFilterException("routes", "1 to " + ROUTES_MAX + " routes expected");
    }
    for (String route : routes) {
      if (!Topics.isRouteName(route)) {
        throw new InvalidFilterException(
            "routes", "'" + route + "': lower-case letters, digits and '-', at most 63");
      }
    }
  }

  /** The JSON that travels in the topic of filters. */
  @Override
  public byte[] toBytes() {
    return SwornJson.write(
        new Wire(name, version, enabled, shadow, filter, routes, author, reason, at.toString()));
  }

  @Override
  public FilterDefinition as(int newVersion, Instant time) {
    return new FilterDefinition(
        name, newVersion, enabled, shadow, filter, routes, author, reason, time);
  }

  /**
   * Reads {@link #toBytes()}.
   *
   * @throws SwornException if the bytes are no definition, with the reason
   */
  public static FilterDefinition fromBytes(byte[] bytes) {
    Wire wire = SwornJson.read(bytes, Wire.class);
    try {
      return new FilterDefinition(
          wire.name,
          wire.version,
          wire.enabled,
          wire.shadow,
          wire.filter,
          wire.routes,
          wire.author,
          wire.reason,
          Instant.parse(wire.at));
    } catch (NullPointerException | DateTimeParseException e) {
      throw new InvalidFilterException("", "a definition with a missing or wrong member");
    }
  }

  private record Wire(
      @JsonProperty("name") String name,
      @JsonProperty("version") int version,
      @JsonProperty("enabled") boolean enabled,
      @JsonProperty("shadow") boolean shadow,
      @JsonProperty("filter") String filter,
      @JsonProperty("routes") List<String> routes,
      @JsonProperty("author") String author,
      @JsonProperty("reason") String reason,
      @JsonProperty("at") String at) {}
}
