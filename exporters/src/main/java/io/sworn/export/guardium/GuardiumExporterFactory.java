package io.sworn.export.guardium;

import io.sworn.export.Exporter;
import io.sworn.export.ExporterFactory;
import io.sworn.export.TlsSettings;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;

/** Makes exporters that send to Guardium. */
public final class GuardiumExporterFactory implements ExporterFactory {

  @Override
  public String name() {
    return "guardium";
  }

  @Override
  public ConfigDef settings() {
    return GuardiumSettings.definition();
  }

  @Override
  public Set<String> files() {
    return TlsSettings.files(GuardiumSettings.PREFIX);
  }

  @Override
  public Map<String, String> problems(Map<String, String> settings) {
    return GuardiumSettings.from(settings).problems();
  }

  @Override
  public Exporter create(Map<String, String> settings) {
    return new GuardiumExporter(GuardiumSettings.from(settings));
  }
}
