package io.sworn.server.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornJson;
import io.sworn.server.identity.OwnerOnly;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a running instance is, written by it every second into {@code status.json}.
 *
 * @param pid process of the instance
 * @param database where it listens
 * @param healthy whether there is no trouble
 * @param troubles what is wrong, one sentence each
 * @param destinations state of each connector
 * @param flow the numbers that must add up
 * @param filters events that each filter matched in the version that judges now
 */
record StatusFile(
    @JsonProperty("pid") long pid,
    @JsonProperty("database") String database,
    @JsonProperty("healthy") boolean healthy,
    @JsonProperty("troubles") List<String> troubles,
    @JsonProperty("destinations") Map<String, String> destinations,
    @JsonProperty("flow") FlowSnapshot flow,
    @JsonProperty("filters") Map<String, Long> filters) {

  /** One that an earlier version wrote has neither filters nor troubles. */
  StatusFile {
    troubles = Objects.requireNonNullElse(troubles, List.of());
    filters = Objects.requireNonNullElse(filters, Map.of());
  }

  /** Older than this, nobody writes it any more. */
  static final Duration AGE_MAX = Duration.ofSeconds(15);

  void write(Path data) {
    OwnerOnly.write(
        data.resolve("status.json"), new String(SwornJson.write(this), StandardCharsets.UTF_8));
  }

  /** What the running instance wrote; empty if none runs. */
  static Optional<StatusFile> read(Path data) {
    Path file = data.resolve("status.json");
    try {
      if (Files.notExists(file)) {
        return Optional.empty();
      }
      StatusFile status = SwornJson.read(Files.readAllBytes(file), StatusFile.class);
      long age = System.currentTimeMillis() - status.flow().at();
      return age > AGE_MAX.toMillis() ? Optional.empty() : Optional.of(status);
    } catch (IOException e) {
      return Optional.empty(); // removed between both calls: nobody runs
    }
  }

  static void remove(Path data) throws IOException {
    Files.deleteIfExists(data.resolve("status.json"));
  }
}
