package io.sworn.export.connect;

import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.export.ExporterFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * What every connector of ours is told, whatever its destination.
 *
 * @param destination name in receipts, dead letters and logs
 * @param topics names of our topics
 * @param batchEvents events per delivery at most
 * @param batchBytes bytes of records per delivery at most, but at least one event
 * @param bufferBytes bytes of records that wait in memory before partitions are paused
 * @param retryMin first delay after a deferral
 * @param retryMax longest delay
 * @param worker name of the worker that runs the connector in its process, may be empty
 * @param kafka client properties for the producer of receipts and dead letters
 */
public record HostSettings(
    String destination,
    Topics topics,
    int batchEvents,
    int batchBytes,
    long bufferBytes,
    Duration retryMin,
    Duration retryMax,
    String worker,
    Map<String, Object> kafka) {

  /** Name of the destination. */
  public static final String DESTINATION = "destination";

  /** Prefix of our topics. */
  public static final String TOPIC_PREFIX = "topic.prefix";

  /** Events per delivery. */
  public static final String BATCH_EVENTS = "batch.events.max";

  /** Bytes per delivery. */
  public static final String BATCH_BYTES = "batch.bytes.max";

  /** Bytes that wait in memory. */
  public static final String BUFFER_BYTES = "buffer.bytes.max";

  /** First delay. */
  public static final String RETRY_MIN = "retry.backoff.ms";

  /** Longest delay. */
  public static final String RETRY_MAX = "retry.backoff.max.ms";

  /** Name of the worker that is asked to finish before it stops. */
  public static final String WORKER = "worker";

  /** Prefix of the client properties. */
  public static final String KAFKA_PREFIX = "kafka.";

  /** Must be {@code read_committed}. */
  public static final String ISOLATION = "consumer.override.isolation.level";

  /** Keys of how a destination is served: sizes and delays, for its operator to set. */
  public static final List<String> DELIVERY_KEYS =
      List.of(BATCH_EVENTS, BATCH_BYTES, BUFFER_BYTES, RETRY_MIN, RETRY_MAX);

  private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

  /** Kafka Connect's own keys of a sink connector, as of 4.3. */
  private static final Set<String> CONNECT_KEYS =
      Set.of(
          "name",
          "connector.class",
          "connector.plugin.version",
          "tasks.max",
          "tasks.max.enforce",
          "topics",
          "topics.regex",
          "key.converter",
          "key.converter.plugin.version",
          "value.converter",
          "value.converter.plugin.version",
          "header.converter",
          "header.converter.plugin.version",
          "config.action.reload",
          "transforms",
          "predicates",
          "task.class");

  private static final List<String> CONNECT_PREFIXES =
      List.of(
          "transforms.",
          "predicates.",
          "errors.",
          "consumer.override.",
          "producer.override.",
          "admin.override.",
          "key.converter.",
          "value.converter.",
          "header.converter.");

  /** Every key that all connectors share. */
  public static ConfigDef definition() {
    return new ConfigDef()
        .define(
            DESTINATION,
            Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            ConfigDef.LambdaValidator.with(
                (key, value) -> {
                  if (value != null && !Topics.isRouteName(value.toString())) {
                    throw new ConfigException(
                        key, value, "lower-case letters, digits and '-', at most 63 characters");
                  }
                },
                () -> "lower-case letters, digits and '-', at most 63 characters"),
            Importance.HIGH,
            "Name of the destination in receipts, dead letters, logs and the console.")
        .define(
            TOPIC_PREFIX,
            Type.STRING,
            Topics.DEFAULT_PREFIX,
            ConfigDef.LambdaValidator.with(
                (key, value) -> {
                  try {
                    new Topics(String.valueOf(value));
                  } catch (SwornException e) {
                    throw new ConfigException(key, value, e.getMessage());
                  }
                },
                () -> "ends with a dot"),
            Importance.MEDIUM,
            "Prefix of Sworn's topics; dead letters and receipts go to topics below it.")
        .define(
            BATCH_EVENTS,
            Type.INT,
            2_000,
            Range.between(1, 100_000),
            Importance.MEDIUM,
            "Events handed to the destination at once, at most.")
        .define(
            BATCH_BYTES,
            Type.INT,
            4 * 1024 * 1024,
            Range.between(1024, 64 * 1024 * 1024),
            Importance.MEDIUM,
            "Bytes of records handed to the destination at once, at most, but always one event.")
        .define(
            BUFFER_BYTES,
            Type.LONG,
            16L * 1024 * 1024,
            Range.between(1024L, 1024L * 1024 * 1024),
            Importance.MEDIUM,
            "Bytes of records that wait in memory. Above it the partitions are paused and the"
                + " backlog stays in Kafka; below half of it they go on.")
        .define(
            RETRY_MIN,
            Type.LONG,
            500L,
            Range.between(1L, 60_000L),
            Importance.LOW,
            "First delay in milliseconds after the destination deferred; doubled each time.")
        .define(
            RETRY_MAX,
            Type.LONG,
            30_000L,
            Range.between(1L, 3_600_000L),
            Importance.LOW,
            "Longest delay in milliseconds between two tries. Tries never end.")
        .define(
            WORKER,
            Type.STRING,
            "",
            Importance.LOW,
            "Name of the worker in whose process the connector runs, by which it lets its tasks"
                + " finish before it stops. Leave it out on a Connect cluster.");
  }

  /** Reads the common keys; each must be valid. */
  static HostSettings from(Map<String, String> settings) {
    AbstractConfig config = new AbstractConfig(definition(), settings, false);
    Map<String, Object> kafka = new LinkedHashMap<>();
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(KAFKA_PREFIX)) {
            kafka.put(key.substring(KAFKA_PREFIX.length()), value);
          }
        });
    return new HostSettings(
        config.getString(DESTINATION),
        new Topics(config.getString(TOPIC_PREFIX)),
        config.getInt(BATCH_EVENTS),
        config.getInt(BATCH_BYTES),
        config.getLong(BUFFER_BYTES),
        Duration.ofMillis(config.getLong(RETRY_MIN)),
        Duration.ofMillis(config.getLong(RETRY_MAX)),
        config.getString(WORKER),
        kafka);
  }

  /**
   * Whether the key is one of Kafka Connect's own or of a client of Kafka's, neither of our
   * connectors nor of how they serve a destination.
   */
  public static boolean isKafkaKey(String key) {
    return key.startsWith(KAFKA_PREFIX)
        || CONNECT_KEYS.contains(key)
        || CONNECT_PREFIXES.stream().anyMatch(key::startsWith);
  }

  /** Common keys and those of the destination. */
  static ConfigDef definition(ExporterFactory factory) {
    ConfigDef all = definition();
    factory.settings().configKeys().values().forEach(all::define);
    return all;
  }

  /**
   * What no definition of single keys finds: unknown keys, keys of Connect that must have a value.
   */
  static Map<String, List<String>> problems(ExporterFactory factory, Map<String, String> settings) {
    Map<String, List<String>> problems = new LinkedHashMap<>();
    Set<String> known = definition(factory).names();
    for (String key : settings.keySet()) {
      if (!known.contains(key) && !isKafkaKey(key)) {
        add(
            problems,
            key,
            "unknown key; known are "
                + String.join(", ", factory.keys())
                + " and the common ones, see docs/exporters.md");
      }
    }
    if (!settings.containsKey(KAFKA_PREFIX + "bootstrap.servers")) {
      add(
          problems,
          KAFKA_PREFIX + "bootstrap.servers",
          "missing: where the producer of receipts and dead letters connects, host:port");
    }
    if (!"read_committed".equals(settings.get(ISOLATION))) {
      add(
          problems,
          ISOLATION,
          "must be read_committed, got "
              + settings.get(ISOLATION)
              + ": routes are written in transactions, and an aborted one must not be delivered");
    }
    requireBytes(problems, settings, "value.converter");
    requireBytes(problems, settings, "key.converter");
    if (problems.isEmpty() && valuesAreValid(factory, settings)) {
      factory.problems(settings).forEach((key, text) -> add(problems, key, text));
    }
    return problems;
  }

  /** All problems as one text, empty if there are none. */
  static String report(ExporterFactory factory, Map<String, String> settings) {
    List<String> lines = new ArrayList<>();
    definition(factory)
        .validate(settings)
        .forEach(
            value -> value.errorMessages().forEach(text -> lines.add(value.name() + ": " + text)));
    problems(factory, settings)
        .forEach((key, texts) -> texts.forEach(text -> lines.add(key + ": " + text)));
    return String.join("\n", lines);
  }

  /** Without the client properties, which hold credentials. */
  @Override
  public String toString() {
    return "HostSettings[" + destination + "]";
  }

  private static boolean valuesAreValid(ExporterFactory factory, Map<String, String> settings) {
    return definition(factory).validate(settings).stream()
        .allMatch(value -> value.errorMessages().isEmpty());
  }

  private static void requireBytes(
      Map<String, List<String>> problems, Map<String, String> settings, String key) {
    if (!BYTES.equals(settings.get(key))) {
      add(
          problems,
          key,
          "must be " + BYTES + ", got " + settings.get(key) + ": dead letters keep the bytes");
    }
  }

  private static void add(Map<String, List<String>> problems, String key, String text) {
    problems.computeIfAbsent(key, k -> new ArrayList<>()).add(text);
  }
}
