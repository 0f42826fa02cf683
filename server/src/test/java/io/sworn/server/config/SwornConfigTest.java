package io.sworn.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.filter.redact.Redaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwornConfigTest {

  @TempDir Path directory;

  @Test
  void noFileIsNeeded() {
    SwornConfig config = SwornConfig.defaults(directory);
    assertThat(config.database().listen().getPort()).isEqualTo(27017);
    assertThat(config.database().listen().getAddress().isLoopbackAddress()).isTrue();
    assertThat(config.database().access()).containsExactly("127.0.0.0/8", "::1/128");
    assertThat(config.kafka().properties()).isEmpty();
    assertThat(config.kafka().partitions()).isEqualTo(4);
    assertThat(config.exporters()).singleElement().matches(e -> e.type().equals("file"));
    assertThat(config.archive()).isTrue();
  }

  @Test
  void theExampleSaysEveryKeyAndIsValid() throws IOException {
    Path example = Path.of("..", "sworn.example.yaml");
    Path copy = directory.resolve("sworn.yaml");
    Files.copy(example, copy);
    Files.createDirectories(directory.resolve("filters"));
    Files.createDirectories(directory.resolve("alerts"));
    SwornConfig config =
        SwornConfig.load(copy, null, Map.of("SPLUNK_TOKEN", "t0k3n", "ES_KEY", "k3y")::get, false);
    assertThat(config.data()).isEqualTo(directory.resolve("data").toAbsolutePath());
    assertThat(config.exporters()).extracting("type").contains("splunk", "elasticsearch");
    assertThat(config.exporters().toString()).doesNotContain("t0k3n", "k3y");
    assertThat(config.exporters().get(1).settings()).containsEntry("splunk.token", "t0k3n");
    assertThat(config.reports()).hasSize(1);
    assertThat(config.redactions().of("file").rules()).isEmpty();
    assertThat(config.redactions().of("splunk").rules())
        .extracting(rule -> rule.path() + " " + rule.action().text())
        .containsExactly("param.args mask", "users.user type");
    assertThat(config.redactions().of("guardium").rules()).isEqualTo(Redaction.standardRules());
  }

  @Test
  void allProblemsAreToldAtOnceWithKeyValueAndWhatIsExpected() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    datum: x
                    kafka: {partitions: 0, prefix: "a b"}
                    database: {listen: nowhere, access: ["10.0.0.0/99"]}
                    exporters:
                      - {name: Files, type: carrier-pigeon}
                      - {name: siem, type: splunk, settings: {splunk.token: "${env:MISSING}"}}
                    console: {enabled: maybe}
                    archive: {enabled: false}
                    reports:
                      - {framework: pci, schedule: daily}
                      - {framework: pci-dss-4.0.1}
                      - {framework: pci-dss-4.0.1}
                    """))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("datum: unknown key, did you mean 'data'?")
        .hasMessageContaining("kafka.partitions: got '0', expected a number from 1 to 1000")
        .hasMessageContaining("kafka.prefix: got 'a b'")
        .hasMessageContaining("database.listen: got 'nowhere', expected address:port")
        .hasMessageContaining("database.access: got '10.0.0.0/99'")
        .hasMessageContaining("exporters[0].name: got 'Files'")
        .hasMessageContaining("exporters[0].type: got 'carrier-pigeon'")
        .hasMessageContaining("exporters[1].settings.splunk.token: got '${env:MISSING}'")
        .hasMessageContaining("console.enabled: got 'maybe', expected true or false")
        .hasMessageContaining("reports[0].framework: got 'pci', expected one of [pci-dss-4.0.1]")
        .hasMessageContaining("reports[0].schedule: got 'daily', expected a Quartz cron expression")
        .hasMessageContaining(
            "reports[2].framework: got 'pci-dss-4.0.1', expected a framework that")
        .hasMessageContaining("reports: got '3 planned', expected archive.enabled")
        .hasMessageContaining("exporters[1].settings.splunk.url: missing, expected http(s)://")
        .hasMessageContaining("14 problems");
  }

  @Test
  void redactionThatCannotBeMeantIsToldByItsKey() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    token-keys: missing.keys
                    routes:
                      - {name: siem, redact: [{path: ts}, {path: users.user, action: hide}]}
                      - {name: siem}
                      - {name: soc, redact: [{path: users.user, action: token}], more: 1}
                    """))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("token-keys: got")
        .hasMessageContaining("routes[0].redact[0].path: got 'ts: mask'")
        .hasMessageContaining("routes[0].redact[1].path: got 'users.user: hide'")
        .hasMessageContaining("one of drop, mask, type, token, keep")
        .hasMessageContaining("routes[1].name: got 'siem'")
        .hasMessageContaining("routes[2].redact: got 'token'")
        .hasMessageContaining("routes[2].more: unknown key");
  }

  @Test
  void aSecretComesFromAFile() throws IOException {
    Files.writeString(directory.resolve("token"), "s3cret\n");
    SwornConfig config =
        load(
            """
            exporters:
              - name: siem
                type: splunk
                settings: {splunk.url: "https://splunk:8088", splunk.token: "${file:token}"}
            """);
    assertThat(config.exporters().get(0).settings()).containsEntry("splunk.token", "s3cret");
    assertThat(config.toString()).doesNotContain("s3cret");
  }

  @Test
  void whatAReferenceHoldsIsNeverTold() throws IOException {
    Files.writeString(directory.resolve("secret"), "hunter2\n");
    assertThatThrownBy(
            () ->
                load(
                    """
                    kafka: {partitions: "${file:secret}"}
                    database: {listen: "${file:secret}", access: ["${file:secret}"]}
                    """))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("kafka.partitions: got '${file:secret}', expected a number")
        .hasMessageContaining("database.listen: got '${file:secret}', expected address:port")
        .hasMessageContaining("database.access: got '[\"${file:secret}\"]', expected CIDR")
        .satisfies(thrown -> assertThat(thrown.toString()).doesNotContain("hunter2"));
  }

  @Test
  void textThatIsNoYamlIsAnErrorWithItsLine() {
    assertThatThrownBy(() -> load("a: 1\nb: [\n"))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("is not YAML: line");
    assertThatThrownBy(() -> load("data: a\ndata: b\n"))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("data");
  }

  private SwornConfig load(String yaml) throws IOException {
    Path file = directory.resolve("sworn.yaml");
    Files.writeString(file, yaml);
    return SwornConfig.load(file, null, name -> null, true);
  }
}
