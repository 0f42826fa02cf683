package io.sworn.server.config;

import io.sworn.event.LocalFiles;
import io.sworn.event.Topics;
import io.sworn.export.ExporterFactory;
import io.sworn.export.connect.HostSettings;
import io.sworn.server.config.Section.Setting;
import io.sworn.server.connect.ExporterSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code exporters[]}. Settings are judged by the connectors' own definitions and checks, so
 * that whatever a connector would refuse is refused before anything runs.
 */
final class ExporterSection {

  private static final String SETTINGS = "settings";
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final String NAME_EXPECTED = "lower-case letters, digits and '-', at most 63";

  /** How a range of Kafka's writes itself: {@code [1,...,9]}, {@code [1,...]}, {@code [...,9]}. */
  private static final Pattern RANGE = Pattern.compile("\\[(-?\\d+)?,?\\.\\.\\.,?(-?\\d+)?]");

  /** Shortest value that is looked for in a text: a shorter one would be found everywhere. */
  private static final int VALUE_MIN = 4;

  private ExporterSection() {}

  /**
   * The destinations; a file in {@code data} if none is configured.
   *
   * @param starting whether they are about to be started: what their settings name on this machine
   *     is looked at then
   */
  static List<ExporterSpec> read(Section root, Path data, boolean starting) {
    List<ExporterSpec> exporters = new ArrayList<>();
    List<Section> given = root.sections("exporters");
    Set<String> names = new HashSet<>();
    for (Section section : given) {
      String name = section.required("name", NAME, NAME_EXPECTED);
      if (!name.isEmpty() && !names.add(name)) {
        section.wrong("name", name, "a name that no other exporter has");
      }
      String route = section.text("route", name);
      if (!route.equals(name) && !Topics.isRouteName(route)) {
        section.wrong("route", route, NAME_EXPECTED);
      }
      String type = section.text("type", "");
      String types = "one of " + String.join(", ", ExporterSpec.types());
      SortedMap<String, Setting> settings = section.settings(SETTINGS);
      if (ExporterSpec.types().contains(type)) {
        ExporterFactory factory = ExporterSpec.factory(type);
        settings.replaceAll(
            (key, setting) ->
                factory.files().contains(key)
                    ? section.file(SETTINGS + "." + key, setting)
                    : setting);
        judge(section, factory, settings, starting);
        exporters.add(new ExporterSpec(name, type, route, values(settings)));
      } else if (type.isEmpty()) {
        section.missing("type", types);
      } else {
        section.wrong("type", type, types);
      }
      section.end();
    }
    if (given.isEmpty()) {
      exporters.add(byDefault(root, data, starting));
    }
    return List.copyOf(exporters);
  }

  private static ExporterSpec byDefault(Section root, Path data, boolean starting) {
    Map<String, String> settings =
        Map.of("file.path", data.resolve("delivered/events.jsonl").toString());
    // What keeps all of the directory from being made is told with 'data'.
    if (starting && LocalFiles.obstacle(data.resolve("lock")).isEmpty()) {
      ExporterSpec.factory("file")
          .problems(settings)
          .values()
          .forEach(text -> root.told("exporters", "none is given, and of the default: " + text));
    }
    return new ExporterSpec("file", "file", "file", settings);
  }

  /** Values by key, without those whose reference leads nowhere. */
  private static Map<String, String> values(Map<String, Setting> settings) {
    Map<String, String> values = new HashMap<>();
    settings.forEach(
        (key, setting) -> {
          if (setting.value() != null) {
            values.put(key, setting.value());
          }
        });
    return values;
  }

  private static void judge(
      Section section,
      ExporterFactory factory,
      SortedMap<String, Setting> settings,
      boolean starting) {
    ConfigDef definition = definition(factory);
    boolean sound = true;
    for (Map.Entry<String, Setting> entry : settings.entrySet()) {
      sound &= entry.getValue().value() != null;
      if (!definition.names().contains(entry.getKey())) {
        unknown(section, entry.getKey(), definition);
      }
    }
    Map<String, String> values = values(settings);
    for (ConfigValue judged : definition.validate(values)) {
      if (!judged.errorMessages().isEmpty()) {
        sound = false;
        wrong(
            section,
            Objects.requireNonNull(definition.configKeys().get(judged.name())),
            settings.get(judged.name()),
            judged.errorMessages().get(0));
      }
    }
    if (sound && starting) {
      factory
          .problems(values)
          .forEach(
              (key, text) ->
                  section.told(SETTINGS + "." + key, withoutValues(text, definition, settings)));
    }
  }

  /** What may be set here: the connector's own keys, and how it serves its destination. */
  private static ConfigDef definition(ExporterFactory factory) {
    ConfigDef definition = new ConfigDef(factory.settings());
    Map<String, ConfigKey> common = HostSettings.definition().configKeys();
    HostSettings.DELIVERY_KEYS.forEach(
        key -> definition.define(Objects.requireNonNull(common.get(key))));
    return definition;
  }

  private static void unknown(Section section, String key, ConfigDef definition) {
    if (HostSettings.definition().names().contains(key) || HostSettings.isKafkaKey(key)) {
      section.told(
          SETTINGS + "." + key,
          "a key of Kafka Connect or its clients, which Sworn sets by itself: leave it out");
    } else {
      section.unknown(SETTINGS + "." + key, key, new TreeSet<>(definition.names()));
    }
  }

  private static void wrong(
      Section section, ConfigKey key, @Nullable Setting setting, String message) {
    if (setting != null && setting.value() == null) {
      return; // told already
    }
    if (setting == null || (setting.written().isEmpty() && !key.hasDefault())) {
      section.missing(SETTINGS + "." + key.name, expected(key));
    } else {
      section.wrong(
          SETTINGS + "." + key.name, shown(key, setting), expected(key) + reason(key, message));
    }
  }

  /** What a key takes, in words. */
  private static String expected(ConfigKey key) {
    String rule = key.validator == null ? "" : key.validator.toString();
    Matcher range = RANGE.matcher(rule);
    if (range.matches()) {
      String from = range.group(1) == null ? "" : " from " + range.group(1);
      String to = range.group(2) == null ? " on" : " to " + range.group(2);
      return "a whole number" + from + to;
    }
    if (key.type == Type.BOOLEAN) {
      return "true or false";
    }
    if (key.validator instanceof ConfigDef.ValidString) {
      return "one of " + rule.substring(1, rule.length() - 1);
    }
    return rule.isEmpty() || key.validator instanceof ConfigDef.NonEmptyString ? "a value" : rule;
  }

  /**
   * What a check of ours says beyond what it expects; without the value, which Kafka puts first.
   */
  private static String reason(ConfigKey key, String message) {
    String begin = " for configuration " + key.name + ": ";
    int at = message.indexOf(begin);
    if (!(key.validator instanceof ConfigDef.LambdaValidator) || at < 0) {
      return "";
    }
    String reason = message.substring(at + begin.length());
    return reason.startsWith(expected(key)) ? "" : " (" + reason + ")";
  }

  /** What the file says, unless it is a secret: a password may also stand in an address. */
  private static String shown(ConfigKey key, Setting setting) {
    if (setting.referring()) {
      return setting.written();
    }
    boolean secret = key.type == Type.PASSWORD || setting.written().contains("@");
    return secret ? "(not shown)" : setting.written();
  }

  /** A check's text without what is secret or may be: references stand for their values. */
  private static String withoutValues(
      String text, ConfigDef definition, Map<String, Setting> settings) {
    String shown = text;
    for (Map.Entry<String, Setting> entry : settings.entrySet()) {
      Setting setting = entry.getValue();
      ConfigKey key = definition.configKeys().get(entry.getKey());
      boolean secret = setting.referring() || (key != null && key.type == Type.PASSWORD);
      if (secret && setting.value() != null && setting.value().length() >= VALUE_MIN) {
        shown =
            shown.replace(setting.value(), setting.referring() ? setting.written() : "(not shown)");
      }
    }
    return shown;
  }
}
