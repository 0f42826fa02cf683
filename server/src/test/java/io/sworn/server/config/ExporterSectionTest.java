package io.sworn.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.export.ExporterFactory;
import io.sworn.server.Role;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.identity.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a connector would refuse at its start is refused when the file is read. */
class ExporterSectionTest {

  private static final Map<String, String> ENVIRONMENT =
      Map.of("TOKEN", "hunter2-token", "ADDRESS", "ftp://hunter2.example", "EMPTY", "");

  @TempDir Path directory;

  @Test
  void whatIsMissingIsNamedWithWhatItShouldBe() throws IOException {
    assertThat(problems("splunk", ""))
        .contains("exporters[0].settings.splunk.url: missing, expected http(s)://host:port,")
        .contains("exporters[0].settings.splunk.token: missing, expected the collector's token")
        .contains("2 problems");
    assertThat(problems("guardium", "guardium.host: soc"))
        .contains("settings.guardium.port: missing, expected a whole number from 1 to 65535");
    assertThat(problems("elasticsearch", "elasticsearch.urls:"))
        .contains("settings.elasticsearch.urls: missing, expected http(s)://");
    assertThat(problems("file", "")).contains("settings.file.path: missing, expected");
    assertThat(problems("splunk", "splunk.url: 'https://s:8088', splunk.token: '${env:EMPTY}'"))
        .contains("splunk.token: got '${env:EMPTY}', expected the collector's token");
  }

  @Test
  void aWrongAddressIsNamedWithTheValueAndTheReason() throws IOException {
    assertThat(problems("splunk", "splunk.url: 'ftp://splunk:1', splunk.token: t"))
        .contains("exporters[0].settings.splunk.url: got 'ftp://splunk:1', expected http(s)://");
    assertThat(problems("splunk", "splunk.url: 'https://splunk_1:8088', splunk.token: t"))
        .contains("got 'https://splunk_1:8088'", "(its host is neither a host name nor");
    assertThat(problems("elasticsearch", "elasticsearch.urls: ['https://es-1:9200', nowhere]"))
        .contains("elasticsearch.urls: got 'https://es-1:9200,nowhere', expected http(s)://");
    assertThat(problems("splunk", "splunk.url: 'http://splunk:8088', splunk.token: t"))
        .contains("exporters[0].settings.splunk.url: the token would travel in clear text")
        .contains("use https");
  }

  @Test
  void aWrongNumberFlagOrWordIsNamedWithItsRange() throws IOException {
    assertThat(
            problems(
                "guardium",
                "guardium.host: soc, guardium.port: 70000, guardium.confirm.ms: soon,"
                    + " guardium.tls: perhaps, guardium.framing: crlf, batch.events.max: 0,"
                    + " guardium.zone: Nowhere"))
        .contains("guardium.port: got '70000', expected a whole number from 1 to 65535")
        .contains("guardium.confirm.ms: got 'soon', expected a whole number from 0 to 60000")
        .contains("guardium.tls: got 'perhaps', expected true or false")
        .contains("guardium.framing: got 'crlf', expected one of lf, octet")
        .contains("batch.events.max: got '0', expected a whole number from 1 to 100000")
        .contains("guardium.zone: got 'Nowhere', expected a time zone such as UTC\n")
        .contains("6 problems");
    assertThat(problems("file", "file.path: /f, file.rotate.bytes: -1"))
        .contains("file.rotate.bytes: got '-1', expected a whole number from 0 on");
  }

  @Test
  void anUnknownKeyIsNamedWithTheNearestKnownOne() throws IOException {
    String url = "splunk.url: 'https://splunk:8088', splunk.token: t, ";
    assertThat(problems("splunk", url + "splunk.sorcetype: a, index: b, batch.event.max: 3"))
        .contains("settings.splunk.sorcetype: unknown key, did you mean 'splunk.sourcetype'?")
        .contains("settings.index: unknown key, did you mean 'splunk.index'?")
        .contains("settings.batch.event.max: unknown key, did you mean 'batch.events.max'?")
        .contains("3 problems");
    assertThat(problems("file", "file.path: /f, colour: green"))
        .contains("settings.colour: unknown key, known here: batch.bytes.max,", "file.path");
  }

  @Test
  void whatSwornSetsByItselfCannotBeSet() throws IOException {
    assertThat(
            problems(
                "file",
                "file.path: /f, consumer.override.isolation.level: read_uncommitted,"
                    + " transforms: drop, topics: mine, kafka.acks: 0, destination: other"))
        .contains(
            "settings.consumer.override.isolation.level: a key of Kafka Connect or its clients",
            "settings.transforms: a key",
            "settings.topics: a key",
            "settings.kafka.acks: a key",
            "settings.destination: a key",
            "leave it out",
            "5 problems");
  }

  @Test
  void noSecretIsShown() throws IOException {
    assertThat(problems("splunk", "splunk.url: '${env:ADDRESS}', splunk.token: '${env:TOKEN}'"))
        .contains("splunk.url: got '${env:ADDRESS}', expected http(s)://", "1 problem:")
        .doesNotContain("hunter2");
    assertThat(problems("splunk", "splunk.url: 'https://u:hunter2@s:1', splunk.token: t"))
        .contains("splunk.url: got '(not shown)', expected", "without credentials")
        .doesNotContain("hunter2");
    assertThat(
            problems("splunk", "splunk.url: 'https://s:1', splunk.token: t, splunk.tokn: hunter2"))
        .contains("splunk.tokn: unknown key, did you mean 'splunk.token'?")
        .doesNotContain("hunter2");
    assertThat(
            problems(
                "elasticsearch",
                "elasticsearch.urls: 'https://es:9200', elasticsearch.user: eva,"
                    + " elasticsearch.password: hunter2, elasticsearch.api.key: hunter2"))
        .contains("elasticsearch.api.key: give either an API key or a user")
        .doesNotContain("hunter2");
    assertThat(
            problems(
                "splunk",
                "splunk.url: 'https://s:1', splunk.token: t, splunk.tls.ca.file: '${env:TOKEN}'"))
        .contains("splunk.tls.ca.file: file", "${env:TOKEN} cannot be read")
        .doesNotContain("hunter2");
  }

  @Test
  void everyProblemOfEveryExporterAndOfTheRestIsToldAtOnceAndNothingIsWritten() throws IOException {
    Path data = directory.resolve("data");
    SwornException refused =
        refused(
            """
            data: data
            database: {listen: nowhere}
            exporters:
              - {name: siem, type: splunk, settings: {splunk.url: "ftp://s", splunk.token: t}}
              - {name: soc, type: guardium, settings: {guardium.host: soc, guardium.prt: 5000}}
              - {name: third, settings: {a: b}}
              - {name: both, type: file, settings: {file.path: {a: b}}}
            """);
    assertThat(refused.code()).isEqualTo(ErrorCode.CONFIGURATION);
    assertThat(refused.getMessage())
        .contains("database.listen: got 'nowhere'")
        .contains("exporters[0].settings.splunk.url: got 'ftp://s'")
        .contains("exporters[1].settings.guardium.port: missing")
        .contains("exporters[1].settings.guardium.prt: unknown key, did you mean 'guardium.port'?")
        .contains("exporters[2].type: missing, expected one of elasticsearch, file, guardium,")
        .contains("exporters[3].settings.file.path: expected one value")
        .contains("6 problems");
    assertThat(data).doesNotExist();
  }

  @Test
  void commandsBesideAnInstanceDoNotLookAtTheFilesOfItsDestinations() throws IOException {
    String yaml =
        exporter("splunk", "splunk.url: 'https://s:1', splunk.token: t, splunk.tls.ca.file: /gone");
    assertThat(refused(yaml).getMessage())
        .contains("splunk.tls.ca.file: file /gone cannot be read");
    Path file = Files.writeString(directory.resolve("sworn.yaml"), yaml);
    assertThatCode(() -> SwornConfig.loadBeside(file, null)).doesNotThrowAnyException();
  }

  @Test
  void rolesOnOtherMachinesDoNotLookAtTheFilesOfDestinations() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("sworn.yaml"),
            exporter(
                "splunk", "splunk.url: 'https://s:1', splunk.token: t, splunk.tls.ca.file: /gone"));
    for (Role role : Role.values()) {
      ThrowingCallable start = () -> SwornConfig.load(file, null, Set.of(role));
      if (role == Role.EXPORTERS) {
        assertThatThrownBy(start).hasMessageContaining("/gone cannot be read");
      } else {
        assertThatCode(start).as(role.name()).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void aFileThatCannotBeWrittenIsRefusedWithPathAndReason() throws IOException {
    Path inTheWay = Files.writeString(directory.resolve("a-file"), "");
    Path events = inTheWay.resolve("deeper/events.jsonl");
    assertThat(problems("file", "file.path: '" + events + "'"))
        .contains("exporters[0].settings.file.path: " + events + " cannot be written: ")
        .contains(inTheWay + " is no directory; name a file that can be made");
    assertThat(problems("file", "file.path: '" + directory + "'"))
        .contains(directory + " is a directory");
    Path data = Files.createDirectories(directory.resolve("data"));
    Files.writeString(data.resolve("delivered"), "");
    assertThat(refused("archive: {enabled: true}").getMessage())
        .contains("exporters: none is given, and of the default: " + data)
        .contains(data.resolve("delivered") + " is no directory")
        .contains("1 problem:");
    Files.delete(data.resolve("delivered"));
    assertThat(refused("data: a-file/data").getMessage())
        .contains("data: " + inTheWay.resolve("data") + " cannot be used: " + inTheWay)
        .contains("1 problem:");
  }

  @Test
  void relativePathsStartAtTheDirectoryOfTheFile() throws IOException {
    Path file = directory.resolve("sworn.yaml");
    Files.writeString(file, exporter("file", "file.path: out/../delivered/events.jsonl"));
    assertThat(SwornConfig.load(file, null, EnumSet.allOf(Role.class)).exporters())
        .singleElement()
        .satisfies(
            spec ->
                assertThat(spec.settings())
                    .containsEntry(
                        "file.path", directory.resolve("delivered/events.jsonl").toString()));
    assertThat(
            problems(
                "guardium",
                "guardium.host: soc, guardium.port: 6514, guardium.tls.ca.file: ca.pem"))
        .contains(
            "settings.guardium.tls.ca.file: ", directory.resolve("ca.pem") + " cannot be read");
    assertThat(problems("file", "file.path: \"a\\0b\""))
        .contains("settings.file.path: got ", "expected the path of a file");
  }

  /** A test runs elsewhere: the current directory has none of these files. */
  @Test
  void relativePathsStartAtTheDirectoryOfTheFileForEveryRoleAndCommand() throws IOException {
    Identity identity = Identity.loadOrCreate(directory.resolve("tls"), Clock.systemUTC());
    String ca = "tls/" + identity.authority().getFileName();
    String chain =
        "../" + directory.getFileName() + "/tls/" + identity.certificateChain().getFileName();
    String key = "tls/" + identity.privateKey().getFileName();
    Path file =
        Files.writeString(
            directory.resolve("sworn.yaml"),
            """
            exporters:
              - {name: files, type: file, settings: {file.path: out/events.jsonl}}
              - name: splunk
                type: splunk
                settings: {splunk.url: "https://s:1", splunk.token: t, splunk.tls.ca.file: %1$s}
              - name: guardium
                type: guardium
                settings:
                  guardium.host: soc
                  guardium.port: 5000
                  guardium.tls.ca.file: '%1$s'
                  guardium.tls.certificate.file: '%2$s'
                  guardium.tls.key.file: '%3$s'
              - name: elastic
                type: elasticsearch
                settings:
                  elasticsearch.urls: "https://es:9200"
                  elasticsearch.tls.ca.file: '%4$s'
            """
                .formatted(ca, chain, key, identity.authority()));
    List<SwornConfig> read = new ArrayList<>();
    for (Set<Role> roles : List.of(EnumSet.allOf(Role.class), Set.of(Role.EXPORTERS))) {
      read.add(SwornConfig.load(file, null, roles));
    }
    read.add(SwornConfig.load(file, null, Set.of(Role.DATABASE)));
    read.add(SwornConfig.loadBeside(file, null));
    for (SwornConfig config : read) {
      Map<String, String> all = new HashMap<>();
      config.exporters().forEach(exporter -> all.putAll(exporter.settings()));
      assertThat(all)
          .containsEntry("file.path", directory.resolve("out/events.jsonl").toString())
          .containsEntry("splunk.tls.ca.file", identity.authority().toString())
          .containsEntry("guardium.tls.ca.file", identity.authority().toString())
          .containsEntry("guardium.tls.certificate.file", identity.certificateChain().toString())
          .containsEntry("guardium.tls.key.file", identity.privateKey().toString())
          .containsEntry("elasticsearch.tls.ca.file", identity.authority().toString());
    }
  }

  /** Every key that names a file must be among those that are resolved. */
  @Test
  void everyKeyThatNamesAFileIsKnownAsAPath() {
    for (String type : ExporterSpec.types()) {
      ExporterFactory factory = ExporterSpec.factory(type);
      assertThat(factory.files())
          .as(type)
          .containsExactlyInAnyOrderElementsOf(
              factory.keys().stream()
                  .filter(key -> key.endsWith(".file") || key.endsWith(".path"))
                  .toList());
    }
  }

  private String problems(String type, String settings) throws IOException {
    return refused(exporter(type, settings)).getMessage();
  }

  private static String exporter(String type, String settings) {
    return "exporters: [{name: one, type: " + type + ", settings: {" + settings + "}}]\n";
  }

  private SwornException refused(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("sworn.yaml"), yaml);
    return catchThrowableOfType(
        SwornException.class,
        () -> SwornConfig.load(file, null, ENVIRONMENT::get, EnumSet.allOf(Role.class)));
  }
}
