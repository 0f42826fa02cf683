package io.sworn.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.evidence.bundle.BundleVerdict;
import io.sworn.evidence.bundle.BundleVerifier;
import io.sworn.server.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a person or a script runs it: a process of its own, twice on the same data. */
class DemoIT {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int ROUND_DEAD_LETTERS = 1;

  @TempDir Path directory;

  private record Run(int code, List<String> out, String err) {
    JsonNode last() throws IOException {
      return JSON.readTree(out.get(out.size() - 1));
    }
  }

  @Test
  void twoRunsOnTheSameDataBalanceAtEveryEnd() throws Exception {
    for (int round = 1; round <= 2; round++) {
      Run run = round == 1 ? demo() : demo("--elasticsearch");

      assertThat(run.code()).as("%s%n%s", run.err(), String.join("\n", run.out())).isZero();
      assertThat(run.err()).doesNotContain("WARN", "ERROR", "Exception");
      assertThat(String.join("\n", run.out()))
          .contains("Alerts by rule", "root-role-granted", "namespace-probing");
      theLawHolds(run.last());
      assertThat(run.last().path("routes").properties().stream().map(Map.Entry::getKey))
          .isEqualTo(
              round == 1
                  ? List.of("file", "guardium", "splunk")
                  : List.of("elasticsearch", "file", "guardium", "splunk"));
      assertThat(run.last().at("/routes/splunk/deadLetters").asLong())
          .isEqualTo((long) round * ROUND_DEAD_LETTERS);
      eachPartKeptSomethingAndDroppedSomething(run.out());
      theDeliveredFilesHoldWhatTheReceiptsSay(run.last());
      theBundleIsSound(run.last());
    }
  }

  private static void theLawHolds(JsonNode last) {
    assertThat(last.path("emitted").asLong())
        .isPositive()
        .isEqualTo(last.path("archived").asLong());
    assertThat(last.path("lost").isInt()).isTrue();
    assertThat(last.path("lost").asLong()).isZero();
    assertThat(last.path("undecidable").asLong()).isZero();
    assertThat(last.path("seconds").asDouble()).isPositive();
    for (JsonNode route : last.path("routes")) {
      assertThat(route.path("inFlight").asLong()).isZero();
      assertThat(route.path("kept").asLong())
          .isPositive()
          .isEqualTo(route.path("delivered").asLong() + route.path("deadLetters").asLong());
    }
    assertThat(last.at("/routes/file/kept")).isEqualTo(last.path("emitted"));
    assertThat(last.at("/routes/splunk/kept")).isEqualTo(last.at("/routes/guardium/kept"));
  }

  private static void eachPartKeptSomethingAndDroppedSomething(List<String> out) {
    String text = String.join("\n", out);
    for (Part part : Part.values()) {
      Matcher counts = Pattern.compile(part.filter() + "\\s+(\\d+)\\s+(\\d+)").matcher(text);
      assertThat(counts.find()).as(part.filter()).isTrue();
      assertThat(Long.parseLong(counts.group(1))).as("%s kept", part).isPositive();
      assertThat(Long.parseLong(counts.group(2))).as("%s not kept", part).isPositive();
    }
    assertThat(text)
        .contains("kept      authenticate app-", "kept      authCheck insert mydb.patients by app-")
        .containsPattern("kept      createCollection \\S+");
  }

  private void theDeliveredFilesHoldWhatTheReceiptsSay(JsonNode last) throws IOException {
    Map<String, Pattern> ids = new TreeMap<>();
    ids.put("file", Pattern.compile("^\\{\"id\":\"([0-9a-f]{32})\""));
    ids.put("splunk", Pattern.compile("\"fields\":\\{\"event_id\":\"([0-9a-f]{32})\""));
    ids.put("guardium", Pattern.compile("\"swornId\" : \"([0-9a-f]{32})\" ?}$"));
    if (last.path("routes").has("elasticsearch")) {
      ids.put("elasticsearch", Pattern.compile("\"event\":\\{\"id\":\"([0-9a-f]{32})\""));
    }
    for (Map.Entry<String, Pattern> entry : ids.entrySet()) {
      List<String> lines =
          Files.readAllLines(out().resolve("delivered-" + entry.getKey() + ".jsonl"));
      Set<String> distinct =
          lines.stream()
              .map(entry.getValue()::matcher)
              .filter(Matcher::find)
              .map(id -> id.group(1))
              .collect(Collectors.toSet());
      assertThat((long) distinct.size())
          .as(entry.getKey())
          .isEqualTo(last.at("/routes/" + entry.getKey() + "/delivered").asLong());
    }
    assertThat(Files.readString(out().resolve("delivered-splunk.jsonl")))
        .contains("[\"failed-logins@1\"]", "[\"schema-changes@1\"]", "[\"patient-writes@1\"]");
  }

  private void theBundleIsSound(JsonNode last) throws IOException {
    Path bundle = Path.of(last.path("bundle").asText());
    assertThat(bundle).isEqualTo(out().resolve("evidence.zip"));
    assertThat(BundleVerifier.verify(bundle, Optional.empty()).outcome())
        .isEqualTo(BundleVerdict.Outcome.SOUND);
    assertThat(Files.readString(Path.of(last.path("report").asText()))).contains("PCI DSS");
  }

  private Path out() {
    return directory.resolve("out");
  }

  @Test
  void anElasticsearchThatCannotBeHadIsNamedWithWhatToDo() throws Exception {
    assertThat(demo("--elasticsearch=localhost:9200"))
        .satisfies(run -> assertThat(run.code()).isEqualTo(2))
        .satisfies(run -> assertThat(run.err()).contains("localhost:9200 is no address"));
    assertThat(demo("--elasticsearch=http://127.0.0.1:1"))
        .satisfies(run -> assertThat(run.code()).isEqualTo(1))
        .satisfies(run -> assertThat(run.err()).contains("cannot be reached"));
  }

  private Run demo(String... more) throws Exception {
    Path stdout = directory.resolve("stdout");
    Path stderr = directory.resolve("stderr");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx320m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + ElasticsearchNode.HOME + "=" + Path.of("..").toRealPath(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "demo",
                "--once",
                "--data",
                directory.resolve("data").toString(),
                "--out",
                out().toString()));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(Files.readString(stderr)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Run(process.exitValue(), Files.readAllLines(stdout), Files.readString(stderr));
  }
}
