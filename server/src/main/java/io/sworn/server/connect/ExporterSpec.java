package io.sworn.server.connect;

import java.util.Map;
import java.util.TreeMap;

/**
 * One destination: which connector feeds it from which route.
 *
 * @param name name of the destination and of the connector
 * @param type key of {@link #CONNECTORS}
 * @param route route that feeds it
 * @param settings the connector's own settings; may hold secrets
 */
public record ExporterSpec(String name, String type, String route, Map<String, String> settings) {

  /** Types of destinations and their connectors. */
  public static final Map<String, String> CONNECTORS =
      Map.of(
          "file", "io.sworn.export.file.JsonLinesSinkConnector",
          "splunk", "io.sworn.export.splunk.SplunkSinkConnector",
          "guardium", "io.sworn.export.guardium.GuardiumSinkConnector",
          "elasticsearch", "io.sworn.export.elasticsearch.ElasticsearchSinkConnector");

  /** Checks the type and copies the settings. */
  public ExporterSpec {
    if (!CONNECTORS.containsKey(type)) {
      throw new IllegalArgumentException(type);
    }
    settings = Map.copyOf(settings);
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
