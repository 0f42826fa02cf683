package io.sworn.export.file;

import io.sworn.export.Exporter;
import io.sworn.export.ExporterFactory;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;

/** Makes exporters that append to a file. */
public final class JsonLinesExporterFactory implements ExporterFactory {

  @Override
  public String name() {
    return "file";
  }

  @Override
  public ConfigDef settings() {
    return JsonLinesSettings.definition();
  }

  @Override
  public Set<String> files() {
    return Set.of(JsonLinesSettings.PATH);
  }

  @Override
  public Map<String, String> problems(Map<String, String> settings) {
    return JsonLinesSettings.from(settings).problems();
  }

  /** One file, one writer. */
  @Override
  public int parallelMax() {
    return 1;
  }

  @Override
  public Exporter create(Map<String, String> settings) {
    return new JsonLinesExporter(JsonLinesSettings.from(settings));
  }
}
