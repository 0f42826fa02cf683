package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sworn.server.testing.Deliveries;
import io.sworn.server.testing.InsertingClient;
import io.sworn.server.testing.SwornProcess;
import io.sworn.server.testing.SwornYaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real client works while processes are killed; whatever dies, nothing is lost or doubled. */
class SwornIT {

  private static final int ACTIONS = 150;

  @TempDir Path directory;

  @Test
  void everyAcknowledgedActionArrivesOnceWhateverIsKilled() throws Exception {
    int port = configure();
    SwornProcess sworn = SwornProcess.start(directory, List.of(), "up").awaitReady();
    try (InsertingClient client = new InsertingClient(port, authority(), sworn.password())) {
      client.awaitMore(ACTIONS);

      ProcessHandle broker = sworn.broker();
      broker.destroyForcibly();
      client.awaitMore(ACTIONS); // the database does not wait for the broker
      broker.onExit().get(30, TimeUnit.SECONDS);

      sworn.killWithBroker();
      sworn = SwornProcess.start(directory, List.of(), "up").awaitReady();
      client.awaitMore(ACTIONS);

      sworn.kill(); // its broker still stops while the next instance starts
      sworn = SwornProcess.start(directory, List.of(), "up").awaitReady();
      client.awaitMore(ACTIONS);

      client.stop();
      JsonNode flow = sworn.awaitSettled();
      assertThat(client.stored()).isGreaterThanOrEqualTo(client.acknowledged().size());
      assertThat(flow.get("emitted").asInt()).isGreaterThan(4 * ACTIONS);
      assertThat(sworn.stop()).as(sworn.output()).isZero();

      Deliveries file = Deliveries.ofLines(data().resolve("delivered/events.jsonl"));
      Deliveries archive = Deliveries.ofArchive(data().resolve("archive"));
      assertThat(file.ids()).doesNotHaveDuplicates();
      assertThat(archive.ids()).doesNotHaveDuplicates();
      assertThat(file.ids()).containsExactlyInAnyOrderElementsOf(archive.ids());
      assertThat(archive.actions()).doesNotHaveDuplicates().containsAll(client.acknowledged());
      assertThat(file.actions()).doesNotHaveDuplicates().containsAll(client.acknowledged());
    } finally {
      sworn.close();
    }
  }

  @Test
  void aBrokerThatCannotBeStartedAgainEndsTheProcessWithItsReason() throws Exception {
    configure();
    try (SwornProcess sworn =
        SwornProcess.start(directory, List.of("-Dsworn.broker.restarts.max=1"), "up")
            .awaitReady()) {
      Path log = data().resolve("kafka/log");
      Files.move(log, log.resolveSibling("away"));
      Files.writeString(log, "no directory");
      sworn.broker().destroyForcibly();
      assertThat(sworn.awaitEnd(Duration.ofSeconds(120))).isEqualTo(1);
      assertThat(sworn.output()).contains("giving up: the broker died more than 1 times");
    }
  }

  private int configure() throws Exception {
    return SwornYaml.write(
        directory,
        "console: {enabled: false}",
        "routes: [{name: file, redact: []}]"); // what was inserted is looked for there
  }

  private Path data() {
    return directory.resolve("data");
  }

  private Path authority() {
    return data().resolve("identity").resolve("ca.pem");
  }
}
