package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.server.cli.Main;
import io.sworn.server.config.SwornConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails half-way tells its reason and leaves nothing behind. */
class FailedStartIT {

  @TempDir Path directory;

  @Test
  void aStartThatFailsAtTheArchiveSaysSoAndStopsWhatItHadStarted() throws Exception {
    Path data = directory.resolve("data");
    Files.createDirectories(data);
    Path archive = Files.writeString(data.resolve("archive"), "no directory");
    Path file =
        Files.writeString(
            directory.resolve("sworn.yaml"),
            "database: {listen: '127.0.0.1:0'}\nconsole: {enabled: false}\n");
    SwornConfig config = SwornConfig.load(file, data);
    assertThatThrownBy(() -> Sworn.start(config).close())
        .isInstanceOf(SwornException.class)
        .hasMessageContaining(archive.toString());
    assertThat(ProcessHandle.current().children()).as("its broker").isEmpty();

    Files.delete(archive);
    try (Sworn sworn = Sworn.start(config)) {
      assertThat(sworn.failure()).isEmpty();
      assertThat(sworn.initialAdministrator()).as("nobody saw the first password").isPresent();
    }
  }

  @Test
  void allAddressesThatAreTakenAreToldAtOnceBeforeAnythingStarts() throws Exception {
    Path data = directory.resolve("data");
    try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String listen =
          "database: {listen: '127.0.0.1:%d'}\nconsole: {listen: '127.0.0.1:%d'}\n"
              .formatted(one.getLocalPort(), two.getLocalPort());
      Path file = Files.writeString(directory.resolve("sworn.yaml"), listen);
      SwornConfig config = SwornConfig.load(file, data);
      assertThatThrownBy(() -> Sworn.start(config).close())
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("database.listen: 127.0.0.1:" + one.getLocalPort() + " cannot")
          .hasMessageContaining("console.listen: 127.0.0.1:" + two.getLocalPort() + " cannot")
          .hasMessageContaining("it is taken")
          .hasMessageContaining("port 0 takes a free one");
      assertThat(data.resolve("identity")).doesNotExist();
      assertThat(data.resolve("kafka")).doesNotExist();
    }
  }

  @Test
  void aSecondInstanceOnTheSameDirectoryIsRefusedAndTouchesNothingThere() throws Exception {
    Path data = directory.resolve("data");
    Path file =
        Files.writeString(
            directory.resolve("sworn.yaml"),
            "database: {listen: '127.0.0.1:0'}\nconsole: {enabled: false}\n");
    try (Sworn sworn = Sworn.start(SwornConfig.load(file, data))) {
      Path status = Files.writeString(data.resolve("status.json"), "the first one's");
      StringWriter err = new StringWriter();
      String[] up = {"up", "--config", file.toString(), "--data", data.toString()};
      assertThat(Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), up))
          .isEqualTo(2);
      assertThat(err.toString())
          .startsWith("another Sworn runs on " + data + ": stop it, or name another directory")
          .doesNotContain("\tat ");
      assertThat(status).hasContent("the first one's");
      assertThat(data.resolve("logs")).as("the first one opened none here").doesNotExist();
      assertThat(sworn.failure()).isEmpty();
    }
  }
}
