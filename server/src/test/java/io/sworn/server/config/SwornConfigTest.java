package io.sworn.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.filter.redact.Redaction;
import io.sworn.server.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
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
        SwornConfig.load(
            copy, null, Map.of("SPLUNK_TOKEN", "t0k3n", "ES_KEY", "k3y")::get, Set.of());
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
                      - {name: siem, redact: [{path: ts}, {path: users.user, action: hide}, {action: type}]}
                      - {name: siem}
                      - {name: soc, redact: [{path: users.user, action: token}], more: 1}
                    """))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("token-keys: got")
        .hasMessageContaining("routes[0].redact[0].path: path 'ts': an event needs its atype")
        .hasMessageContaining("routes[0].redact[1].action: got 'hide', expected one of drop,")
        .hasMessageContaining("one of drop, mask, type, token, keep")
        .hasMessageContaining("routes[0].redact[2].path: missing, expected what is redacted,")
        .hasMessageContaining("routes[1].name: got 'siem'")
        .hasMessageContaining(
            "routes[2].redact: path 'users.user': tokens need a file of token keys: name one in")
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
  void textThatIsNoYamlIsToldWithPlaceAndRemedy() throws IOException {
    noYaml("a: 1\nb: [\n", ":3:1: the file ends within a [ or a {: close it");
    noYaml("data: a\ndata: b\n", ":2:5: 'data' is given twice: keep one of them");
    noYaml("data: a\n\tb: 1\n", ":2:1: a tab at the beginning of a line: indent with spaces");
    noYaml("data: \"a\nb: 1\n", ":1:7: a quote that is never closed: close it");
    noYaml("data: a\nkafka: x: y\n", ":2:9: a second ': ' in one line, or a line that is");
    noYaml("data: @a\n", ":1:7: no value may begin with @: put it into quotes");
    noYaml("exporters:\n - a: 1\n b: 2\n", ":3:2: this line's indentation is that of no line");
    noYaml("reports: [a\nb: 1\n", ":2:2: a list or mapping in brackets is not closed");
    Path file = directory.resolve("sworn.yaml");
    Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xff});
    assertThatThrownBy(() -> SwornConfig.load(file, null))
        .hasMessage("configuration " + file + " cannot be read: not UTF-8 text");
    Path gone = directory.resolve("gone.yaml");
    assertThatThrownBy(() -> SwornConfig.load(gone, null))
        .hasMessage("configuration " + gone + " cannot be read: no such file or directory");
  }

  private void noYaml(String text, String told) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(SwornException.class)
        .hasMessageStartingWith(directory.resolve("sworn.yaml") + told)
        .message()
        .doesNotContain("\n");
  }

  private SwornConfig load(String yaml) throws IOException {
    Path file = directory.resolve("sworn.yaml");
    Files.writeString(file, yaml);
    return SwornConfig.load(file, null, name -> null, EnumSet.allOf(Role.class));
  }
}
