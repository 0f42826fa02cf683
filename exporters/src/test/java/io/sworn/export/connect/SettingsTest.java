package io.sworn.export.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.export.ExporterFactory;
import io.sworn.export.elasticsearch.ElasticsearchExporterFactory;
import io.sworn.export.elasticsearch.ElasticsearchSinkConnector;
import io.sworn.export.file.JsonLinesExporterFactory;
import io.sworn.export.guardium.GuardiumExporterFactory;
import io.sworn.export.splunk.SplunkExporterFactory;
import io.sworn.export.splunk.SplunkSinkConnector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsTest {

  static Stream<ExporterFactory> factories() {
    return Stream.of(
        new ElasticsearchExporterFactory(),
        new SplunkExporterFactory(),
        new GuardiumExporterFactory(),
        new JsonLinesExporterFactory());
  }

  /** Settings with which each connector starts: the required keys alone. */
  private static Map<String, String> required(String name) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", "x");
    settings.put("topics", "audit.route.siem");
    settings.put("destination", "siem");
    settings.put("kafka.bootstrap.servers", "127.0.0.1:1");
    settings.put("consumer.override.isolation.level", "read_committed");
    settings.put("key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    switch (name) {
      case "elasticsearch" -> settings.put("elasticsearch.urls", "https://es-1:9200");
      case "splunk" -> {
        settings.put("splunk.url", "https://splunk:8088");
        settings.put("splunk.token", "t");
      }
      case "guardium" -> {
        settings.put("guardium.host", "guardium");
        settings.put("guardium.port", "5000");
      }
      default ->
          settings.put("file.path", Path.of("target", "settings-test", "events.jsonl").toString());
    }
    return settings;
  }

  @ParameterizedTest
  @MethodSource("factories")
  void theRequiredKeysAloneAreEnough(ExporterFactory factory) {
    assertThat(HostSettings.report(factory, required(factory.name()))).isEmpty();
    factory.create(required(factory.name())).close();
  }

  @ParameterizedTest
  @MethodSource("factories")
  void everyKeyIsDocumentedAndSecretsArePasswords(ExporterFactory factory) {
    for (ConfigDef.ConfigKey key : factory.settings().configKeys().values()) {
      assertThat(key.documentation).as(key.name).endsWith(".");
      assertThat(key.name).startsWith(factory.name() + ".");
      if (key.name.matches(".*(password|token|api\\.key)")) {
        assertThat(key.type).isEqualTo(ConfigDef.Type.PASSWORD);
      }
    }
  }

  @Test
  void defaultsAreThoseOfTheDocumentation() {
    Map<String, String> defaults = new TreeMap<>();
    factories()
        .forEach(
            factory ->
                HostSettings.definition(factory).configKeys().values().stream()
                    .filter(ConfigDef.ConfigKey::hasDefault)
                    .forEach(key -> defaults.put(key.name, String.valueOf(key.defaultValue))));
    assertThat(defaults)
        .containsEntry("topic.prefix", "audit.")
        .containsEntry("batch.events.max", "2000")
        .containsEntry("buffer.bytes.max", "16777216")
        .containsEntry("retry.backoff.max.ms", "30000")
        .containsEntry("elasticsearch.data.stream", "logs-mongodb.audit-default")
        .containsEntry("elasticsearch.retention", "365d")
        .containsEntry("splunk.ack", "true")
        .containsEntry("splunk.ack.timeout.ms", "300000")
        .containsEntry("splunk.batches.in.flight.max", "8")
        .containsEntry("guardium.tls", "true")
        .containsEntry("guardium.framing", "lf")
        .containsEntry("guardium.events.per.second.max", "5000")
        .containsEntry("file.rotate.bytes", "0");
  }

  @Test
  void commonKeysAreAllMapped() {
    Map<String, String> settings = required("splunk");
    settings.put("topic.prefix", "eu.audit.");
    settings.put("batch.events.max", "7");
    settings.put("batch.bytes.max", "2048");
    settings.put("buffer.bytes.max", "4096");
    settings.put("retry.backoff.ms", "11");
    settings.put("retry.backoff.max.ms", "13");
    settings.put("worker", "w-1");
    assertThat(HostSettings.from(settings))
        .isEqualTo(
            new HostSettings(
                "siem",
                new io.sworn.event.Topics("eu.audit."),
                7,
                2048,
                4096,
                java.time.Duration.ofMillis(11),
                java.time.Duration.ofMillis(13),
                "w-1",
                Map.of("bootstrap.servers", "127.0.0.1:1")));
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    Map<String, String> settings = required("splunk");
    settings.remove("consumer.override.isolation.level");
    settings.remove("kafka.bootstrap.servers");
    settings.put("splunk.url", "ftp://splunk");
    settings.put("splunk.tokn", "t");
    settings.put("batch.events.max", "0");
    settings.put("destination", "Not A Name");
    assertThatThrownBy(() -> new SplunkSinkConnector().start(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "consumer.override.isolation.level: must be read_committed",
            "kafka.bootstrap.servers: missing",
            "splunk.url",
            "splunk.tokn: unknown key",
            "batch.events.max",
            "destination");
  }

  @Test
  void connectShowsTheSameProblems() {
    Map<String, String> settings = required("elasticsearch");
    settings.put("elasticsearch.api.key", "abc");
    settings.put("elasticsearch.user", "u");
    settings.put("elasticsearch.password", "p");
    List<ConfigValue> values = new ElasticsearchSinkConnector().validate(settings).configValues();
    assertThat(values)
        .filteredOn(value -> value.name().equals("elasticsearch.api.key"))
        .singleElement()
        .satisfies(value -> assertThat(value.errorMessages()).hasSize(1));
  }

  @Test
  void anAddressThatOnlyBeginsLikeLoopbackIsNotThisMachine() {
    Map<String, String> settings = required("splunk");
    settings.put("splunk.url", "http://127.0.0.1.evil.example:8088");
    assertThat(HostSettings.report(new SplunkExporterFactory(), settings)).contains("use https");
    Map<String, String> search = required("elasticsearch");
    search.put("elasticsearch.urls", "http://127.evil.example:9200");
    search.put("elasticsearch.api.key", "abc");
    assertThat(HostSettings.report(new ElasticsearchExporterFactory(), search))
        .contains("use https");
  }

  @Test
  void aHostThatNoRequestCouldNameIsRefusedAtStart() {
    for (String host : List.of("splunk_hec", "127.1", "a..b", "[::1")) {
      Map<String, String> settings = required("splunk");
      settings.put("splunk.url", "https://" + host + ":8088");
      assertThat(HostSettings.report(new SplunkExporterFactory(), settings))
          .as(host)
          .contains("splunk.url");
      Map<String, String> search = required("elasticsearch");
      search.put("elasticsearch.urls", "https://" + host + ":9200");
      assertThat(HostSettings.report(new ElasticsearchExporterFactory(), search))
          .as(host)
          .contains("elasticsearch.urls");
    }
  }

  @Test
  void secretsOfTheProducerAreNotShown() {
    Map<String, String> settings = required("splunk");
    settings.put("kafka.sasl.jaas.config", "hunter2");
    assertThat(HostSettings.from(settings).toString()).contains("siem").doesNotContain("hunter2");
  }

  @Test
  void aPasswordInAnAddressIsRefusedWithoutRepeatingIt() {
    Map<String, String> settings = required("splunk");
    settings.put("splunk.url", "https://admin:hunter2@splunk:8088");
    assertThat(HostSettings.report(new SplunkExporterFactory(), settings))
        .contains("splunk.url")
        .contains("without credentials")
        .doesNotContain("hunter2");
    Map<String, String> search = required("elasticsearch");
    search.put("elasticsearch.urls", "https://es-1:9200,https://elastic:hunter2@es-2:9200");
    assertThat(HostSettings.report(new ElasticsearchExporterFactory(), search))
        .contains("without credentials")
        .doesNotContain("hunter2");
  }

  @Test
  void aFileWhoseDirectoryCannotBeMadeIsRefused(@TempDir Path directory) throws IOException {
    Path inTheWay = Files.writeString(directory.resolve("a-file"), "");
    Map<String, String> settings = required("file");
    settings.put("file.path", inTheWay.resolve("events.jsonl").toString());
    assertThat(HostSettings.report(new JsonLinesExporterFactory(), settings))
        .startsWith("file.path: ")
        .contains("cannot be written: " + inTheWay + " is no directory; name a file");
  }

  @Test
  void secretsAreNotSentInClearText() {
    Map<String, String> settings = required("splunk");
    settings.put("splunk.url", "http://splunk.example:8088");
    assertThat(HostSettings.report(new SplunkExporterFactory(), settings)).contains("use https");
  }
}
