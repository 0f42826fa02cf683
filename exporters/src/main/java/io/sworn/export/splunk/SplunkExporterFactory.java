package io.sworn.export.splunk;

import io.sworn.export.Exporter;
import io.sworn.export.ExporterFactory;
import io.sworn.export.TlsSettings;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;

/** Makes exporters that send to Splunk. */
public final class SplunkExporterFactory implements ExporterFactory {

  @Override
  public String name() {
    return "splunk";
  }

  @Override
  public ConfigDef settings() {
    return SplunkSettings.definition();
  }

  @Override
  public Set<String> files() {
    return TlsSettings.files(SplunkSettings.PREFIX);
  }

  @Override
  public Map<String, String> problems(Map<String, String> settings) {
    return SplunkSettings.from(settings).problems();
  }

  @Override
  public int batchesInFlight(Map<String, String> settings) {
    return SplunkSettings.from(settings).batchesInFlight();
  }

  @Override
  public Exporter create(Map<String, String> settings) {
    return new SplunkExporter(SplunkSettings.from(settings));
  }
}
