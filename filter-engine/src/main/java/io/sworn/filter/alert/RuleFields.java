package io.sworn.filter.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The members of one mapping of a rule, each asked for once; what nobody asked for is refused. */
final class RuleFields {

  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(s|m|h|d)");
  private static final String DURATION_EXPECTED = "a number and s, m, h or d, such as 5m";

  private final String path;
  private final JsonNode node;
  private final Set<String> known = new HashSet<>();

  RuleFields(String path, JsonNode node) {
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      throw new InvalidRuleException(path, shown(node) + ": a mapping expected");
    }
  }

  /** Place of a member. */
  String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  @Nullable JsonNode node(String key) {
    known.add(key);
    JsonNode found = node.get(key);
    return found == null || found.isNull() ? null : found;
  }

  JsonNode required(String key, String expected) {
    JsonNode found = node(key);
    if (found == null) {
      throw new InvalidRuleException(at(key), "missing: " + expected + " expected");
    }
    return found;
  }

  String text(String key, String otherwise) {
    JsonNode found = node(key);
    if (found == null) {
      return otherwise;
    }
    if (!found.isTextual()) {
      throw wrong(key, found, "a text");
    }
    return found.asText();
  }

  int number(String key, @Nullable Integer otherwise, int min, int max) {
    String expected = "a number from " + min + " to " + max;
    JsonNode found = otherwise == null ? required(key, expected) : node(key);
    if (found == null) {
      return java.util.Objects.requireNonNull(otherwise);
    }
    if (!found.isInt() || found.asInt() < min || found.asInt() > max) {
      throw wrong(key, found, expected);
    }
    return found.asInt();
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode found = node(key);
    if (found == null) {
      return otherwise;
    }
    if (!found.isBoolean()) {
      throw wrong(key, found, "true or false");
    }
    return found.asBoolean();
  }

  Duration duration(String key, @Nullable Duration otherwise, Duration min, Duration max) {
    String expected = DURATION_EXPECTED + ", from " + text(min) + " to " + text(max);
    JsonNode found = otherwise == null ? required(key, expected) : node(key);
    if (found == null) {
      return java.util.Objects.requireNonNull(otherwise);
    }
    Duration value = found.isTextual() ? duration(found.asText()) : null;
    if (value == null || value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw wrong(key, found, expected);
    }
    return value;
  }

  /** A duration in the form of rules; null if it is none. */
  static @Nullable Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  static String text(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds % 86_400 == 0 && seconds > 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0 && seconds > 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 && seconds > 0 ? seconds / 60 + "m" : seconds + "s";
  }

  /** A text or a list of texts. */
  List<String> texts(String key) {
    JsonNode found = node(key);
    List<String> texts = new ArrayList<>();
    if (found == null) {
      return texts;
    }
    if (found.isTextual()) {
      texts.add(found.asText());
      return texts;
    }
    if (!found.isArray()) {
      throw wrong(key, found, "a text or a list of texts");
    }
    for (JsonNode item : found) {
      if (!item.isTextual()) {
        throw wrong(key, item, "a text");
      }
      texts.add(item.asText());
    }
    return texts;
  }

  InvalidRuleException wrong(String key, JsonNode found, String expected) {
    return new InvalidRuleException(at(key), shown(found) + ": " + expected + " expected");
  }

  static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  /** Refuses what nobody asked for. */
  void end() {
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.contains(key)) {
                throw new InvalidRuleException(
                    at(key), "unknown; this place knows " + new TreeSet<>(known));
              }
            });
  }
}
