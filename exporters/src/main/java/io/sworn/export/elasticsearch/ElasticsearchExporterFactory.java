package io.sworn.export.elasticsearch;

import io.sworn.export.Exporter;
import io.sworn.export.ExporterFactory;
import io.sworn.export.TlsSettings;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;

/** Makes exporters that store in Elasticsearch. */
public final class ElasticsearchExporterFactory implements ExporterFactory {

  @Override
  public String name() {
    return "elasticsearch";
  }

  @Override
  public ConfigDef settings() {
    return ElasticsearchSettings.definition();
  }

  @Override
  public Set<String> files() {
    return TlsSettings.files(ElasticsearchSettings.PREFIX);
  }

  @Override
  public Map<String, String> problems(Map<String, String> settings) {
    return ElasticsearchSettings.from(settings).problems();
  }

  @Override
  public Exporter create(Map<String, String> settings) {
    return new ElasticsearchExporter(ElasticsearchSettings.from(settings));
  }
}
