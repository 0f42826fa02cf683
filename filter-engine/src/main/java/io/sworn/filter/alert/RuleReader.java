package io.sworn.filter.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.event.Sha256;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.InvalidFilterException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads alert rules from YAML or JSON, several to a text. Strict: an unknown member, a wrong type
 * or a window that cannot work is refused with place, value and remedy. The form is described by
 * example in {@code docs/alerts.md}.
 */
public final class RuleReader {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final Pattern TAG = Pattern.compile("[a-z0-9_-]+\\.[a-z0-9._-]+");
  private static final int TAGS_MAX = 32;
  private static final int TEXT_CHARS_MAX = 4_000;
  private static final int GROUPS_DEFAULT = 10_000;
  private static final int GROUPS_MAX = 100_000;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LATENESS = Duration.ofMinutes(10);

  /** Longest time that an alert rule remembers. */
  static final Duration LONGEST = Duration.ofDays(400);

  private RuleReader() {}

  /**
   * All rules of a text.
   *
   * @throws InvalidRuleException with line, column, place and reason
   */
  public static List<AlertRule> read(String text) {
    List<AlertRule> rules = new ArrayList<>();
    for (RuleText.Document document : RuleText.documents(text)) {
      try {
        rules.add(rule(document.node()));
      } catch (InvalidRuleException e) {
        throw document.placed(e);
      }
    }
    if (rules.isEmpty()) {
      throw new InvalidRuleException("", "nothing is in it: a rule expected");
    }
    return rules;
  }

  /**
   * One rule.
   *
   * @throws InvalidRuleException with place and reason
   */
  public static AlertRule rule(JsonNode document) {
    RuleFields fields = new RuleFields("", document);
    String name = fields.required("name", "a name").asText();
    if (!NAME.matcher(name).matches()) {
      throw new InvalidRuleException(
          "name", "'" + name + "': lower-case letters, digits, '-', '_' and '.', at most 63");
    }
    int version = fields.number("version", 1, 1, Integer.MAX_VALUE);
    String title = limited(fields, "title", name);
    String description = limited(fields, "description", "");
    Severity severity = severity(fields);
    List<String> tags = tags(fields);
    Duration lateness = fields.duration("lateness", LATENESS, Duration.ZERO, Duration.ofDays(1));
    List<EventPath> group = new ArrayList<>();
    for (String path : fields.texts("group")) {
      group.add(path(fields, "group", path, null));
    }
    DetectionReader.Detected detected = DetectionReader.read(fields, group, lateness);
    Duration suppress =
        fields.duration("suppress", detected.suppress(), Duration.ZERO, Duration.ofDays(30));
    int groupsMax = fields.number("groups-max", GROUPS_DEFAULT, 1, GROUPS_MAX);
    Samples samples = SampleReader.read(fields);
    fields.end();
    return new AlertRule(
        name,
        version,
        title,
        description,
        severity,
        tags,
        detected.detection(),
        detected.steps(),
        suppress,
        lateness,
        groupsMax,
        hash(document),
        samples,
        document.toString());
  }

  private static String limited(RuleFields fields, String key, String otherwise) {
    String text = fields.text(key, otherwise);
    if (text.length() > TEXT_CHARS_MAX) {
      throw new InvalidRuleException(key, text.length() + " characters: at most " + TEXT_CHARS_MAX);
    }
    return text;
  }

  private static Severity severity(RuleFields fields) {
    String text = fields.text("severity", "medium");
    for (Severity severity : Severity.values()) {
      if (severity.text().equals(text)) {
        return severity;
      }
    }
    throw new InvalidRuleException(
        "severity", "'" + text + "': informational, low, medium, high or critical expected");
  }

  private static List<String> tags(RuleFields fields) {
    List<String> tags = fields.texts("tags");
    if (tags.size() > TAGS_MAX) {
      throw new InvalidRuleException("tags", tags.size() + " tags: at most " + TAGS_MAX);
    }
    for (String tag : tags) {
      if (!TAG.matcher(tag.toLowerCase(Locale.ROOT)).matches()) {
        throw new InvalidRuleException(
            "tags", "'" + tag + "': two words with a dot, such as attack.t1110");
      }
    }
    return tags;
  }

  static EventPath path(RuleFields fields, String key, String text, @Nullable JsonNode network) {
    if (!EventPath.isPath(text)) {
      throw new InvalidRuleException(
          fields.at(key),
          "'"
              + text
              + "': a dotted path such as remote.ip, or $user, $database or $collection expected");
    }
    if (network == null) {
      return EventPath.of(text);
    }
    RuleFields bits = new RuleFields(fields.at("network"), network);
    EventPath path =
        new EventPath(text, bits.number("ipv4", 32, 1, 32), bits.number("ipv6", 128, 1, 128));
    bits.end();
    return path;
  }

  /** Compiles a selection: a mapping, or a text in the relaxed form of filters. */
  static AlertRule.Step step(RuleFields fields, String name, int count, List<EventPath> group) {
    JsonNode select = fields.required("select", "a filter, such as {atype: authenticate}");
    try {
      if (select.isTextual()) {
        AuditFilter filter = AuditFilter.compileRelaxed(select.asText());
        return new AlertRule.Step(name, select.asText(), filter, count, group);
      }
      if (!select.isObject()) {
        throw fields.wrong("select", select, "a filter");
      }
      String json = select.toString();
      return new AlertRule.Step(name, json, AuditFilter.compile(json), count, group);
    } catch (InvalidFilterException e) {
      throw new InvalidRuleException(
          fields.at("select") + (e.path().isEmpty() ? "" : "." + e.path()), e.reason());
    }
  }

  static Duration window(RuleFields fields) {
    return fields.duration("within", null, SECOND, LONGEST);
  }

  /** Of what decides; another title or another sample leaves the state as it is. */
  private static String hash(JsonNode document) {
    ObjectNode decisive = ((ObjectNode) document).deepCopy();
    decisive.remove(List.of("title", "description", "severity", "tags", "samples"));
    return Sha256.hex(decisive.toString()).substring(0, 12);
  }
}
