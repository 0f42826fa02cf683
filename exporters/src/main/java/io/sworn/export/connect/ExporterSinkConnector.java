package io.sworn.export.connect;

import io.sworn.export.ExporterFactory;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.sink.SinkConnector;

/**
 * The part of a sink connector that does not depend on the destination: all problems of the
 * settings are found at once, and keys that nobody knows are problems.
 */
public abstract class ExporterSinkConnector extends SinkConnector {

  private final ExporterFactory factory;
  private Map<String, String> settings = Map.of();

  /** A connector for the exporters of {@code factory}. */
  protected ExporterSinkConnector(ExporterFactory factory) {
    this.factory = factory;
  }

  @Override
  public final ConfigDef config() {
    return HostSettings.definition(factory);
  }

  @Override
  public final Config validate(Map<String, String> given) {
    Config config = super.validate(given);
    List<ConfigValue> values = new java.util.ArrayList<>(config.configValues());
    HostSettings.problems(factory, given)
        .forEach(
            (key, texts) -> {
              ConfigValue value =
                  values.stream()
                      .filter(known -> known.name().equals(key))
                      .findFirst()
                      .orElseGet(
                          () -> {
                            ConfigValue fresh = new ConfigValue(key);
                            values.add(fresh);
                            return fresh;
                          });
              texts.forEach(value::addErrorMessage);
            });
    return new Config(values);
  }

  /**
   * Takes the settings.
   *
   * @throws ConfigException with every problem, a line each
   */
  @Override
  public final void start(Map<String, String> given) {
    String problems = HostSettings.report(factory, given);
    if (!problems.isEmpty()) {
      throw new ConfigException("these settings cannot be used:\n" + problems);
    }
    settings = Map.copyOf(given);
  }

  @Override
  public final List<Map<String, String>> taskConfigs(int tasksMax) {
    return Collections.nCopies(Math.min(tasksMax, factory.parallelMax()), settings);
  }

  @Override
  public final void stop() {
    // Tasks hold everything that must be released.
  }

  @Override
  public final String version() {
    String version = ExporterSinkConnector.class.getPackage().getImplementationVersion();
    return version == null ? "unreleased" : version;
  }
}
