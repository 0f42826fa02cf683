package io.sworn.filter.alert;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.filter.Versioned;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * One version of an alert rule that can be changed live.
 *
 * @param name of the rule
 * @param version from 1; each change is a new one, and alerts name it
 * @param enabled false: it makes no alerts
 * @param rule its text, one document of JSON or YAML
 * @param author who made this version
 * @param reason why
 * @param at when; the beginning of time for a rule that was never changed live
 */
public record AlertDefinition(
    String name,
    int version,
    boolean enabled,
    String rule,
    String author,
    String reason,
    Instant at)
    implements Versioned<AlertDefinition> {

  /** Author of the rules that nobody has changed live. */
  private static final String ORIGIN = "sworn";

  /** What a rule is that comes with Sworn or stands in the configuration. */
  public static AlertDefinition initial(AlertRule rule) {
    return new AlertDefinition(
        rule.name(),
        rule.version(),
        true,
        rule.text(),
        ORIGIN,
        "comes with Sworn or its configuration",
        Instant.EPOCH);
  }

  /** The current definition of each name: the initial ones, with those of {@code live} instead. */
  public static List<AlertDefinition> merge(
      Collection<AlertRule> initial, Collection<AlertDefinition> live) {
    TreeMap<String, AlertDefinition> merged = new TreeMap<>();
    initial.forEach(rule -> merged.put(rule.name(), initial(rule)));
    live.forEach(definition -> merged.put(definition.name(), definition));
    return new ArrayList<>(merged.values());
  }

  /**
   * The rule, with this version.
   *
   * @throws InvalidRuleException if the text is no rule of this name
   */
  public AlertRule compiled() {
    List<AlertRule> rules = RuleReader.read(rule);
    if (rules.size() != 1 || !rules.get(0).name().equals(name)) {
      throw new InvalidRuleException("name", "one rule of the name '" + name + "' expected");
    }
    return rules.get(0).as(version);
  }

  @Override
  public byte[] toBytes() {
    return SwornJson.write(new Wire(name, version, enabled, rule, author, reason, at.toString()));
  }

  @Override
  public AlertDefinition as(int newVersion, Instant time) {
    return new AlertDefinition(name, newVersion, enabled, rule, author, reason, time);
  }

  /** The same rule, switched on or off, as {@code who} wants it. */
  public AlertDefinition by(String who, String why, boolean on) {
    return new AlertDefinition(name, version, on, rule, who, why, at);
  }

  /**
   * Reads {@link #toBytes()}.
   *
   * @throws SwornException if the bytes are no definition, with the reason
   */
  public static AlertDefinition fromBytes(byte[] bytes) {
    Wire wire = SwornJson.read(bytes, Wire.class);
    if (wire.name == null
        || wire.version < 1
        || wire.rule == null
        || wire.author == null
        || wire.reason == null
        || wire.at == null) {
      throw new InvalidRuleException("", "a definition with a missing or wrong member");
    }
    try {
      return new AlertDefinition(
          wire.name,
          wire.version,
          wire.enabled,
          wire.rule,
          wire.author,
          wire.reason,
          Instant.parse(wire.at));
    } catch (DateTimeParseException e) {
      throw new InvalidRuleException("at", "'" + wire.at + "': a time expected");
    }
  }

  @SuppressWarnings("NullAway") // what is read may lack members; checked above
  private record Wire(
      @JsonProperty("name") String name,
      @JsonProperty("version") int version,
      @JsonProperty("enabled") boolean enabled,
      @JsonProperty("rule") String rule,
      @JsonProperty("author") String author,
      @JsonProperty("reason") String reason,
      @JsonProperty("at") String at) {}
}
