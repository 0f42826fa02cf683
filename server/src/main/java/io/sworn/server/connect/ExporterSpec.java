package io.sworn.server.connect;

import io.sworn.export.ExporterFactory;
import io.sworn.export.connect.ExporterSinkConnector;
import io.sworn.export.elasticsearch.ElasticsearchExporterFactory;
import io.sworn.export.elasticsearch.ElasticsearchSinkConnector;
import io.sworn.export.file.JsonLinesExporterFactory;
import io.sworn.export.file.JsonLinesSinkConnector;
import io.sworn.export.guardium.GuardiumExporterFactory;
import io.sworn.export.guardium.GuardiumSinkConnector;
import io.sworn.export.splunk.SplunkExporterFactory;
import io.sworn.export.splunk.SplunkSinkConnector;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One destination: which connector feeds it from which route.
 *
 * @param name name of the destination and of the connector
 * @param type one of {@link #types}
 * @param route route that feeds it
 * @param settings the connector's own settings; may hold secrets
 */
public record ExporterSpec(String name, String type, String route, Map<String, String> settings) {

  /** Beginning of the names of the consumer groups in which Kafka Connect reads for a connector. */
  public static final String GROUPS = "connect-";

  /** What serves one type. */
  private record Kind(Class<? extends ExporterSinkConnector> connector, ExporterFactory factory) {}

  private static final Map<String, Kind> KINDS =
      Map.of(
          "file",
          new Kind(JsonLinesSinkConnector.class, new JsonLinesExporterFactory()),
          "splunk",
          new Kind(SplunkSinkConnector.class, new SplunkExporterFactory()),
          "guardium",
          new Kind(GuardiumSinkConnector.class, new GuardiumExporterFactory()),
          "elasticsearch",
          new Kind(ElasticsearchSinkConnector.class, new ElasticsearchExporterFactory()));

  /** Checks the type and copies the settings. */
  public ExporterSpec {
    if (!KINDS.containsKey(type)) {
      throw new IllegalArgumentException(type);
    }
    settings = Map.copyOf(settings);
  }

  /** Types of destinations. */
  public static SortedSet<String> types() {
    return new TreeSet<>(KINDS.keySet());
  }

  /** What makes exporters of a type, and knows its settings. */
  public static ExporterFactory factory(String type) {
    return kind(type).factory();
  }

  /** Class of the connector, for Connect. */
  String connector() {
    return kind(type).connector().getName();
  }

  private static Kind kind(String type) {
    return Objects.requireNonNull(KINDS.get(type), type);
  }

  /** The consumer group that holds how far this destination has come. */
  public String group() {
    return GROUPS + name;
  }

  /** Without values: they may be secrets. */
  @Override
  public String toString() {
    return "ExporterSpec["
        + name
        + ", "
        + type
        + ", route "
        + route
        + ", "
        + new TreeMap<>(settings).keySet()
        + "]";
  }
}
