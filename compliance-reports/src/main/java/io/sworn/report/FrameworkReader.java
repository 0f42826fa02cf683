package io.sworn.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.report.Framework.Control;
import io.sworn.report.Framework.Need;
import io.sworn.report.Framework.Responsibility;
import io.sworn.report.Framework.Rule;
import io.sworn.report.sql.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads frameworks and tells all problems of a file at once, each with its place. */
public final class FrameworkReader {

  private static final List<String> BUILT_IN = List.of("pci-dss-4.0.1");
  private static final Set<String> TOP = Set.of("name", "title", "controls", "responsibilities");
  private static final Set<String> CONTROL =
      Set.of(
          "id", "title", "asks", "why", "metric", "rule", "needs", "found", "clean", "parameters");
  private static final Set<String> RESPONSIBILITY =
      Set.of("topic", "platform", "sworn", "customer", "evidence");
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,40}");
  private static final int VALUES_MAX = 1000;

  private final List<String> problems = new ArrayList<>();

  private FrameworkReader() {}

  /** Names of the frameworks that come with the product. */
  public static List<String> names() {
    return BUILT_IN;
  }

  /**
   * A framework that comes with the product.
   *
   * @throws SwornException with {@link ErrorCode#CONFIGURATION} if there is none of this name
   */
  public static Framework builtIn(String name) {
    if (!BUILT_IN.contains(name)) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, "framework '" + name + "': one of " + BUILT_IN + " expected");
    }
    try (InputStream in = FrameworkReader.class.getResourceAsStream(name + ".yaml")) {
      if (in == null) {
        throw new IllegalStateException(name + ".yaml is not packaged");
      }
      return read(name + ".yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SwornException(ErrorCode.INTERNAL, name + ".yaml: " + e, e);
    }
  }

  /**
   * Reads a framework.
   *
   * @param place names the text in messages
   * @throws SwornException with {@link ErrorCode#CONFIGURATION} and all problems, one a line
   */
  public static Framework read(String place, String yaml) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, place + ": not YAML: " + e.getOriginalMessage(), e);
    }
    FrameworkReader reader = new FrameworkReader();
    Framework framework = reader.framework(root);
    if (!reader.problems.isEmpty()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, place + ":\n  " + String.join("\n  ", reader.problems));
    }
    return framework;
  }

  private Framework framework(JsonNode root) {
    known("", root, TOP);
    List<Control> controls = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    JsonNode list = root.path("controls");
    if (!list.isArray() || list.isEmpty()) {
      problems.add("controls: a list with at least one control expected");
    }
    for (int i = 0; i < list.size(); i++) {
      Control control = control("controls[" + i + "]", list.get(i));
      if (!ids.add(control.id())) {
        problems.add("controls[" + i + "].id: '" + control.id() + "' is there twice");
      }
      controls.add(control);
    }
    List<Responsibility> responsibilities = new ArrayList<>();
    JsonNode rows = root.path("responsibilities");
    for (int i = 0; i < rows.size(); i++) {
      String at = "responsibilities[" + i + "]";
      JsonNode row = rows.get(i);
      known(at, row, RESPONSIBILITY);
      responsibilities.add(
          new Responsibility(
              text(at, row, "topic"),
              row.path("platform").asText(),
              row.path("sworn").asText(),
              row.path("customer").asText(),
              row.path("evidence").asText()));
    }
    return new Framework(
        identifier("name", text("", root, "name")),
        text("", root, "title"),
        controls,
        responsibilities);
  }

  private Control control(String at, JsonNode node) {
    known(at, node, CONTROL);
    Rule rule = choice(at, node, "rule", Rule.class, Rule.CAPTURED, true);
    boolean sql = rule == Rule.CAPTURED || rule == Rule.NONE;
    String metric = node.path("metric").isTextual() ? node.path("metric").asText() : null;
    if (sql && metric == null) {
      problems.add(at + ".metric: missing; rule '" + node.path("rule").asText() + "' needs one");
    } else if (!sql && metric != null) {
      problems.add(at + ".metric: rule '" + node.path("rule").asText() + "' takes none");
    } else if (metric != null && !Metric.exists(metric)) {
      problems.add(at + ".metric: '" + metric + "': there is no such .sql file");
    }
    List<Need> needs = new ArrayList<>();
    for (JsonNode need : node.path("needs")) {
      try {
        needs.add(Need.valueOf(need.asText()));
      } catch (IllegalArgumentException e) {
        problems.add(
            at + ".needs: '" + need.asText() + "': one of " + Arrays.toString(Need.values()));
      }
    }
    return new Control(
        identifier(at + ".id", text(at, node, "id")),
        text(at, node, "title"),
        text(at, node, "asks"),
        text(at, node, "why"),
        metric,
        rule,
        List.copyOf(needs),
        choice(at, node, "found", Verdict.class, Verdict.FAIL, false),
        choice(at, node, "clean", Verdict.class, Verdict.PASS, false),
        parameters(at + ".parameters", node.path("parameters")));
  }

  private SortedMap<String, List<String>> parameters(String at, JsonNode node) {
    SortedMap<String, List<String>> all = new TreeMap<>();
    if (!node.isMissingNode() && !node.isObject()) {
      problems.add(at + ": names with values expected");
    }
    node.properties()
        .forEach(
            entry -> {
              List<String> values = new ArrayList<>();
              JsonNode value = entry.getValue();
              (value.isArray() ? value : List.of(value)).forEach(v -> values.add(v.asText()));
              if (value.isObject() || values.size() > VALUES_MAX) {
                problems.add(
                    at + "." + entry.getKey() + ": a value or up to " + VALUES_MAX + " values");
              }
              all.put(entry.getKey(), List.copyOf(values));
            });
    return all;
  }

  private void known(String at, JsonNode node, Set<String> keys) {
    if (!node.isObject()) {
      problems.add((at.isEmpty() ? "file" : at) + ": keys with values expected");
    }
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (!keys.contains(key)) {
                problems.add(dotted(at, key) + ": unknown key; known: " + sorted(keys));
              }
            });
  }

  private String text(String at, JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isValueNode() || value.asText().isBlank()) {
      problems.add(dotted(at, key) + ": missing; a text expected");
      return "?";
    }
    return value.asText();
  }

  private String identifier(String at, String value) {
    if (!value.equals("?") && !ID.matcher(value).matches()) {
      problems.add(at + ": '" + value + "': letters, digits, dot and hyphen expected, up to 41");
    }
    return value;
  }

  private <E extends Enum<E>> E choice(
      String at, JsonNode node, String key, Class<E> type, E fallback, boolean required) {
    String value = node.path(key).asText();
    if (value.isEmpty() && !required) {
      return fallback;
    }
    for (E one : type.getEnumConstants()) {
      if (one.name().equals(value.toUpperCase(Locale.ROOT))) {
        return one;
      }
    }
    problems.add(
        dotted(at, key) + ": '" + value + "': one of " + Arrays.toString(type.getEnumConstants()));
    return fallback;
  }

  private static String dotted(String at, String key) {
    return at.isEmpty() ? key : at + "." + key;
  }

  private static List<String> sorted(Set<String> keys) {
    return keys.stream().sorted().toList();
  }
}
