package io.sworn.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One mapping of the file. Asks for keys by name; {@link #end} reports what nobody asked for. */
final class Section {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):([^}]+)}");

  private final String path;
  private final JsonNode node;
  private final Problems problems;
  private final Path base;
  private final UnaryOperator<@Nullable String> environment;
  private final Set<String> asked = new TreeSet<>();

  Section(
      String path,
      JsonNode node,
      Problems problems,
      Path base,
      UnaryOperator<@Nullable String> environment) {
    boolean absent = node.isMissingNode() || node.isNull();
    if (!absent && !node.isObject()) {
      problems.wrong(path.isEmpty() ? "file" : path, node.toString(), "a mapping of keys");
    }
    this.path = path;
    this.node = node.isObject() ? node : MissingNode.getInstance();
    this.problems = problems;
    this.base = base;
    this.environment = environment;
  }

  Section section(String key) {
    return new Section(key(key), at(key), problems, base, environment);
  }

  /** Whether the key is there, even with an empty list. */
  boolean has(String key) {
    return !at(key).isMissingNode();
  }

  List<Section> sections(String key) {
    JsonNode list = at(key);
    List<Section> sections = new ArrayList<>();
    if (!list.isMissingNode() && !list.isArray()) {
      problems.wrong(key(key), list.toString(), "a list");
    }
    if (list.isArray()) {
      for (int i = 0; i < list.size(); i++) {
        sections.add(
            new Section(key(key) + "[" + i + "]", list.get(i), problems, base, environment));
      }
    }
    return sections;
  }

  String text(String key, String otherwise) {
    JsonNode value = at(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isValueNode()) {
      problems.wrong(key(key), value.toString(), "one value");
      return otherwise;
    }
    return resolve(key, value.asText());
  }

  String required(String key, Pattern pattern, String expected) {
    String value = text(key, "");
    if (value.isEmpty()) {
      problems.missing(key(key), expected);
    } else if (!pattern.matcher(value).matches()) {
      wrong(key, value, expected);
    }
    return value;
  }

  boolean flag(String key, boolean otherwise) {
    String value = text(key, String.valueOf(otherwise));
    if (!value.equals("true") && !value.equals("false")) {
      wrong(key, value, "true or false");
    }
    return value.equals("true");
  }

  int number(String key, int otherwise, int min, int max) {
    String value = text(key, String.valueOf(otherwise));
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number out of range is.
    }
    wrong(key, value, "a number from " + min + " to " + max);
    return otherwise;
  }

  /** A path; relative ones start at the directory of the file. */
  @Nullable Path path(String key) {
    String value = text(key, "");
    return value.isEmpty() ? null : file(key, value, value);
  }

  /** Null if it is no path, which is told, with {@code shown} for the value. */
  private @Nullable Path file(String key, String value, String shown) {
    try {
      return base.resolve(value).normalize();
    } catch (InvalidPathException e) {
      wrong(key, shown, "the path of a file");
      return null;
    }
  }

  InetSocketAddress address(String key, String otherwise) {
    String value = text(key, otherwise);
    String expected = "address:port, such as 127.0.0.1:27017";
    int colon = value.lastIndexOf(':');
    try {
      if (colon > 0) {
        InetAddress host = InetAddress.getByName(value.substring(0, colon));
        return new InetSocketAddress(host, Integer.parseInt(value.substring(colon + 1)));
      }
    } catch (UnknownHostException | IllegalArgumentException e) {
      // Told below, with what is expected.
    }
    wrong(key, value, expected);
    return InetSocketAddress.createUnresolved("127.0.0.1", 0);
  }

  List<String> texts(String key, List<String> otherwise) {
    JsonNode list = at(key);
    if (list.isMissingNode() || list.isNull()) {
      return otherwise;
    }
    List<String> texts = new ArrayList<>();
    if (!list.isArray()) {
      problems.wrong(key(key), list.toString(), "a list");
    }
    list.forEach(item -> texts.add(resolve(key, item.asText())));
    return texts;
  }

  /**
   * A value of a mapping with free keys.
   *
   * @param written as the file says it, with its references
   * @param value what it means; null if it has none, which is told already
   */
  record Setting(String written, @Nullable String value) {

    /** Whether something came from outside of the file: it may be a secret. */
    boolean referring() {
      return REFERENCE.matcher(written).find();
    }
  }

  /** All keys of a mapping with free keys; a list of values is joined with commas. */
  SortedMap<String, Setting> settings(String key) {
    JsonNode mapping = at(key);
    SortedMap<String, Setting> all = new TreeMap<>();
    if (!absent(mapping) && !mapping.isObject()) {
      problems.wrong(key(key), mapping.toString(), "a mapping of keys");
    }
    for (Map.Entry<String, JsonNode> entry : mapping.properties()) {
      if (!absent(entry.getValue())) {
        all.put(entry.getKey(), setting(key + "." + entry.getKey(), entry.getValue()));
      }
    }
    return all;
  }

  /** The setting with a relative path made to start at the directory of the file. */
  Setting file(String key, Setting setting) {
    String value = setting.value();
    if (value == null || value.isBlank()) {
      return setting;
    }
    Path path = file(key, value, setting.written());
    return new Setting(setting.written(), path == null ? null : path.toString());
  }

  private Setting setting(String key, JsonNode value) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : value.isArray() ? value : List.of(value)) {
      if (!item.isValueNode()) {
        problems.told(key(key), "expected one value, or a list of values");
        return new Setting("", null);
      }
      texts.add(item.asText());
    }
    String written = String.join(",", texts);
    return new Setting(written, resolved(key, written));
  }

  private static boolean absent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  void missing(String key, String expected) {
    problems.missing(key(key), expected);
  }

  void told(String key, String text) {
    problems.told(key(key), text);
  }

  void unknown(String key, String name, Collection<String> known) {
    problems.unknown(key(key), name, known);
  }

  /** What came through a reference may be a secret: then the reference is told, not its value. */
  void wrong(String key, String value, String expected) {
    JsonNode given = node.path(key);
    boolean referring = REFERENCE.matcher(given.toString()).find();
    String written = given.isValueNode() ? given.asText() : given.toString();
    problems.wrong(key(key), referring ? written : value, expected);
  }

  /** Reports keys that nobody asked for. */
  void end() {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!asked.contains(name)) {
                problems.unknown(key(name), name, asked);
              }
            });
  }

  private JsonNode at(String key) {
    asked.add(key);
    return node.path(key);
  }

  private String key(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Replaces {@code ${env:NAME}} and {@code ${file:PATH}}; the value itself is never told. */
  private String resolve(String key, String text) {
    return Objects.requireNonNullElse(resolved(key, text), "");
  }

  /** Null if a reference leads nowhere, which is told. */
  private @Nullable String resolved(String key, String text) {
    Matcher matcher = REFERENCE.matcher(text);
    StringBuilder resolved = new StringBuilder();
    boolean complete = true;
    while (matcher.find()) {
      String name = matcher.group(2);
      boolean variable = matcher.group(1).equals("env");
      String value = variable ? environment.apply(name) : read(name);
      if (value == null) {
        complete = false;
        problems.wrong(
            key(key),
            matcher.group(),
            variable
                ? "an environment variable " + name + " that is set"
                : "a readable file " + base.resolve(name));
        continue;
      }
      matcher.appendReplacement(resolved, Matcher.quoteReplacement(value));
    }
    return complete ? matcher.appendTail(resolved).toString() : null;
  }

  private @Nullable String read(String name) {
    try {
      return Files.readString(base.resolve(name)).strip();
    } catch (IOException e) {
      return null; // the caller tells it, with the key
    }
  }
}
