package io.sworn.export.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.export.RoutedEvent;
import io.sworn.export.testing.Events;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden files; the environment variable GOLDEN_WRITE writes them anew, to be read in the diff. */
class FormatGoldenTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final GuardiumLine GUARDIUM =
      new GuardiumLine(14, "", ZoneOffset.UTC, true, 1 << 16);
  private static final Map<String, Function<RoutedEvent, byte[]>> FORMATS =
      Map.of(
          "ecs", new EcsDocument("mongodb.audit", "default")::write,
          "hec", new HecEvent("", "sworn", "mongodb:audit")::write,
          "guardium", FormatGoldenTest::guardium,
          "jsonl", JsonLine::write);

  private static byte[] guardium(RoutedEvent routed) {
    try {
      return GUARDIUM.write(
          routed,
          () -> {
            throw new AssertionError("none of these is too long");
          });
    } catch (GuardiumLine.TooLongException e) {
      throw new AssertionError("none of these is too long", e);
    }
  }

  private static List<RoutedEvent> samples() {
    List<RoutedEvent> all = new ArrayList<>(Events.inserts("db-1/00c0ffee", 1, 1));
    all.addAll(Events.recorded("mongo-schema.jsonl"));
    all.addAll(Events.recorded("percona-schema.jsonl").subList(0, 3));
    all.addAll(Events.recorded("ocsf-schema.jsonl").subList(0, 5));
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ecs", "hec", "guardium", "jsonl"})
  void theFormatIsThatOfTheGoldenFile(String format) throws IOException {
    String lines =
        samples().stream()
            .map(FORMATS.get(format))
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .collect(Collectors.joining("\n", "", "\n"));
    Path golden = Path.of("src/test/resources/golden/" + format + ".txt");
    if (System.getenv("GOLDEN_WRITE") != null) {
      Files.writeString(golden, lines);
    }
    assertThat(lines).isEqualTo(Files.readString(golden));
    assertThat(lines.lines()).as("no line feed inside").hasSize(samples().size());
  }

  @Test
  void everyTypeOfTheRecordedMessagesIsInTheTable() {
    Set<String> recorded =
        Events.recorded("mongo-schema.jsonl").stream()
            .map(routed -> routed.event().type())
            .filter(type -> !type.equals("authCheck"))
            .collect(Collectors.toSet());
    assertThat(EventClass.namedTypes()).containsAll(recorded);
  }

  @Test
  void aFailureIsMoreSevereThanASuccess() {
    for (RoutedEvent routed : samples()) {
      if (routed.event().result() != 0) {
        assertThat(EventClass.of(routed.event()).severity()).isGreaterThanOrEqualTo(3);
      }
    }
  }

  @Test
  void splunkTimeIsAPlainDecimal() {
    assertThat(HecEvent.epochSeconds(Instant.parse("2026-10-04T00:00:01.679Z")))
        .isEqualTo("1791072001.679000");
  }

  @Test
  void numbersThatAreNotFiniteGiveValidJson() throws IOException {
    BsonDocument param = new BsonDocument("x", new BsonDouble(Double.NaN));
    RoutedEvent routed =
        RoutedEvent.of(
            io.sworn.event.AuditEvent.builder(
                    io.sworn.event.SourcePosition.at("nan", 1),
                    io.sworn.event.EventKind.DATABASE,
                    "applicationMessage")
                .param(io.sworn.event.BsonBytes.of(param))
                .build());
    for (String format : List.of("ecs", "hec", "jsonl")) {
      JsonNode json = MAPPER.readTree(FORMATS.get(format).apply(routed));
      assertThat(json.isObject()).isTrue();
    }
  }

  @Test
  void largeWholeDoublesAreWrittenAsPeopleSearchForThem() {
    assertThat(PlainJson.text(new BsonDouble(3e9))).isEqualTo("3000000000");
    assertThat(PlainJson.text(new BsonDouble(-12345678))).isEqualTo("-12345678");
    assertThat(PlainJson.text(new BsonDouble(1e300))).isEqualTo("1.0E300");
    assertThat(PlainJson.text(new BsonDouble(2.5))).isEqualTo("2.5");
  }

  @Test
  void guardiumGetsWhatItsParsersFailWithout() throws IOException {
    for (RoutedEvent routed : samples()) {
      String line = new String(guardium(routed), StandardCharsets.UTF_8);
      assertThat(line).matches("<14>[A-Z][a-z]{2} [ 0-9]\\d \\d\\d:\\d\\d:\\d\\d \\S+ mongod: .*");
      JsonNode json = MAPPER.readTree(line.substring(line.indexOf("mongod: ") + 8));
      assertThat(json.path("ts").path("$date").asText())
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\+00:00");
      for (String end : List.of("local", "remote")) {
        assertThat(json.path(end).has("ip")).isTrue();
        assertThat(json.path(end).path("port").isInt()).isTrue();
      }
      assertThat(json.path("param").isObject()).isTrue();
      assertThat(json.path("result").isInt()).isTrue();
      assertThat(json.path("users").isArray()).isTrue();
      if (json.path("atype").asText().equals("authCheck")) {
        assertThat(json.path("param").path("args").isObject()).isTrue();
        assertThat(json.path("param").path("command").isTextual()).isTrue();
      }
      assertThat(json.path("atype").asText()).isNotIn("auditConfigure", "startup", "rotateLog");
    }
  }
}
