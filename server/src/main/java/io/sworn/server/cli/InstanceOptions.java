package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.server.ClientProperties;
import io.sworn.server.Role;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which instance a command means. */
final class InstanceOptions {

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Configuration; without it sworn.yaml here if it exists, else the defaults.")
  private @Nullable Path config;

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DIR",
      description = "Data directory; default: what the configuration says, else ./data.")
  private @Nullable Path data;

  /** The configuration, for a command beside a running instance. */
  SwornConfig load() {
    return load(SwornConfig::loadBeside);
  }

  /** The configuration, for a start: judged with what these roles find on this machine. */
  SwornConfig loadToStart(Set<Role> roles) {
    return load((file, directory) -> SwornConfig.load(file, directory, roles));
  }

  private SwornConfig load(BiFunction<@Nullable Path, @Nullable Path, SwornConfig> reader) {
    Path here = Path.of("sworn.yaml");
    return reader.apply(config == null && Files.exists(here) ? here : config, data);
  }

  /** Whether there is an instance, or was one, whose Kafka can be asked. */
  static boolean started(SwornConfig config) {
    return config.kafka().properties().isPresent()
        || Files.exists(Sworn.operatorProperties(config.data()));
  }

  /** Client properties with which a person reaches the instance's Kafka. */
  static Map<String, Object> operator(SwornConfig config) {
    Path file =
        config.kafka().properties().orElseGet(() -> Sworn.operatorProperties(config.data()));
    if (!Files.exists(file)) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "no instance was ever started on "
              + config.data()
              + ": start one with 'sworn up', or name its directory with --data");
    }
    return ClientProperties.read(file);
  }
}
