package io.sworn.export.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.Endpoint;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.UserName;
import io.sworn.export.RoutedEvent;
import io.sworn.export.testing.Events;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDbPointer;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonValue;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardiumLineTest {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final AtomicInteger cuts = new AtomicInteger();

  private byte[] write(AuditEvent event, int bytesMax) throws GuardiumLine.TooLongException {
    return new GuardiumLine(14, "", ZoneOffset.UTC, true, bytesMax)
        .write(RoutedEvent.of(event), cuts::incrementAndGet);
  }

  private static JsonNode json(byte[] line) throws IOException {
    String text = new String(line, StandardCharsets.UTF_8);
    return MAPPER.readTree(text.substring(text.indexOf("mongod: ") + 8));
  }

  private static AuditEvent withArguments(BsonDocument args) {
    BsonDocument param =
        new BsonDocument("command", new BsonString("insert"))
            .append("ns", new BsonString("mydb.patients"))
            .append("args", args);
    return Events.insert("long", 1).toBuilder().param(BsonBytes.of(param)).build();
  }

  private static BsonDocument arguments() {
    return new BsonDocument("insert", new BsonString("patients"))
        .append("lsid", new BsonDocument("id", new BsonBinary(new java.util.UUID(1, 2))));
  }

  @Test
  void theLongestValueOfALongEventIsCutAndTheRestStays() throws Exception {
    AuditEvent event =
        withArguments(
            arguments()
                .append("note", new BsonString("a sentence of some length, ".repeat(40)))
                .append("long", new BsonString("\u00e9\ud83d\ude00\n".repeat(50_000))));
    int whole = write(event, 1 << 24).length;
    assertThat(cuts).hasValue(0);
    byte[] line = write(event, 1 << 16);
    assertThat(cuts).hasValue(1);
    assertThat(line.length).isLessThanOrEqualTo(1 << 16);
    JsonNode json = json(line);
    assertThat(json.path("swornCut").asInt()).isEqualTo(whole);
    assertThat(json.path("swornId").asText()).isEqualTo(event.id().toString());
    JsonNode args = json.path("param").path("args");
    assertThat(args.path("note").asText()).hasSize(27 * 40);
    assertThat(args.path("lsid").path("id").path("$binary").isTextual()).isTrue();
    assertThat(args.path("long").asText())
        .startsWith("\u00e9\ud83d\ude00\n")
        .endsWith("...[Sworn cut, 400000 bytes in all]")
        .doesNotContain("\ufffd");
  }

  private static BsonArray many(int count, BsonValue item) {
    return new BsonArray(IntStream.range(0, count).mapToObj(i -> item).toList());
  }

  private static BsonDocument deep(BsonDocument document, int levels) {
    BsonDocument result = document;
    for (int i = 0; i < levels; i++) {
      result = new BsonDocument("d" + "e".repeat(900), result);
    }
    return result;
  }

  /** Of everything the most that the last step of cutting leaves. */
  private static AuditEvent theWorst() {
    String text = "w".repeat(500);
    BsonDocument item = new BsonDocument();
    for (int i = 0; i < 2; i++) {
      item.append(i + text, new BsonDbPointer("n".repeat(64), new ObjectId()));
    }
    for (int i = 2; i < 4; i++) {
      item.append(i + text, new BsonString(text));
    }
    BsonDocument param = new BsonDocument();
    for (int i = 0; i < 1_000; i++) {
      param.append(i + text, i < 20 ? new BsonArray(List.of(item, item, item)) : new BsonInt32(i));
    }
    String name = "y".repeat(1_000);
    return AuditEvent.builder(SourcePosition.at(name, 1), EventKind.DATABASE, name)
        .time(Instant.parse("2026-03-02T08:00:16Z"))
        .session(new java.util.UUID(1, 2))
        .local(Endpoint.tcp(name, 65_535))
        .remote(Endpoint.tcp(name, 65_535))
        .users(IntStream.range(0, 9).mapToObj(i -> new UserName(i + name, i + name)).toList())
        .roles(IntStream.range(0, 9).mapToObj(i -> new RoleName(i + name, i + name)).toList())
        .param(BsonBytes.of(param))
        .build();
  }

  private static List<AuditEvent> monsters() {
    List<AuditEvent> all = new ArrayList<>();
    BsonDocument patient =
        new BsonDocument("_id", new BsonInt32(1)).append("n", new BsonString("x"));
    all.add(withArguments(arguments().append("documents", many(50_000, patient))));
    all.add(withArguments(arguments().append("documents", many(9, many(9_000, patient)))));
    all.add(withArguments(arguments().append("d", deep(patient, 240))));
    all.add(withArguments(arguments().append("k".repeat(200_000), patient)));
    BsonDocument wide = arguments();
    for (int i = 0; i < 30_000; i++) {
      wide.append("key number " + i, new BsonString("\0\"\\".repeat(20)));
    }
    all.add(withArguments(wide));
    all.add(Events.insert("wide", 1).toBuilder().param(BsonBytes.of(wide)).build());
    all.add(
        withArguments(
            new BsonDocument("find", new BsonString("c"))
                .append("comment", new BsonRegularExpression("a", "i".repeat(100_000)))));
    String text = "y".repeat(100_000);
    all.add(
        withArguments(
            arguments()
                .append("b", new BsonBinary(new byte[100_000]))
                .append("s", new BsonSymbol(text))
                .append("r", new BsonRegularExpression(text))
                .append("o", new BsonRegularExpression("a", "i".repeat(100_000)))
                .append(
                    "c",
                    new BsonJavaScriptWithScope(
                        text, new BsonDocument("x", new BsonString(text))))));
    all.add(
        AuditEvent.builder(SourcePosition.at("crowd", 1), EventKind.DATABASE, "logout")
            .time(Instant.parse("2026-03-02T08:00:16Z"))
            .users(
                IntStream.range(0, 9_000).mapToObj(i -> new UserName("user" + i, "admin")).toList())
            .roles(
                IntStream.range(0, 9_000).mapToObj(i -> new RoleName("role" + i, "admin")).toList())
            .param(BsonBytes.EMPTY)
            .build());
    all.add(
        AuditEvent.builder(SourcePosition.at("skipped", 1), EventKind.DATABASE, "auditConfigure")
            .time(Instant.parse("2026-03-02T08:00:16Z"))
            .param(BsonBytes.of(wide))
            .build());
    return all;
  }

  @Test
  void whateverAnEventHoldsItsLineStaysWithinTheLimitAndReadable() throws Exception {
    int number = 0;
    for (AuditEvent event : monsters()) {
      number++;
      for (int limit : new int[] {GuardiumLine.BYTES_MIN, 1 << 16}) {
        byte[] line = write(event, limit);
        assertThat(line.length).as("event %d", number).isLessThanOrEqualTo(limit);
        assertThat(line).doesNotContain('\n');
        JsonNode json = json(line);
        assertThat(json.path("swornCut").asInt()).isGreaterThan(limit);
        assertThat(json.toString()).as("event %d", number).contains("[Sworn cut");
        assertThat(json.path("ts").path("$date").asText()).startsWith("2026-");
        assertThat(json.path("remote").path("port").isInt()).isTrue();
        assertThat(json.path("result").isInt()).isTrue();
        json.path("users").forEach(user -> assertThat(user.path("user").isTextual()).isTrue());
        json.path("roles").forEach(role -> assertThat(role.path("db").isTextual()).isTrue());
        JsonNode param = json.path("param");
        switch (json.path("atype").asText()) {
          case "authCheck" -> {
            assertThat(param.path("command").isTextual()).isTrue();
            assertThat(param.path("args").isObject()).isTrue();
          }
          case "logout" ->
              assertThat(param.path("initialUsers").path(0).path("user").isTextual()).isTrue();
          default -> assertThat(param.path("msg").isTextual()).isTrue();
        }
      }
    }
    assertThat(cuts).hasValue(2 * number);
  }

  /** Types that Guardium skips are not shown as messages here, so that the parameters are seen. */
  @Test
  void theSmallestLimitHasRoomForTheWorstThatCuttingLeaves() throws Exception {
    GuardiumLine line =
        new GuardiumLine(191, "h".repeat(255), ZoneOffset.UTC, false, GuardiumLine.BYTES_MIN);
    byte[] written = line.write(RoutedEvent.of(theWorst()), cuts::incrementAndGet);
    assertThat(written.length).isBetween(GuardiumLine.BYTES_MIN / 2, GuardiumLine.BYTES_MIN);
    assertThat(json(written).path("param").size()).as("eight and the mark").isEqualTo(9);
  }

  @Test
  void aLineThatCannotBeCutIsToldAndNeverTorn() {
    assertThatThrownBy(() -> write(Events.insert("torn", 1), 300))
        .isInstanceOf(GuardiumLine.TooLongException.class)
        .hasMessageContaining("cannot be cut to 300");
    assertThat(cuts).as("nothing was cut").hasValue(0);
  }

  @ParameterizedTest
  @CsvSource({
    "1969-12-31T23:59:59.123456Z, 1969-12-31T23:59:59.123+00:00, ''",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00.000+00:00, ''",
    "9999-12-31T23:59:59.999Z, 9999-12-31T23:59:59.999+00:00, ''",
    "+10000-01-01T00:00:00Z, 9999-12-31T23:59:59.999+00:00, +10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z, 0001-01-01T00:00:00.000+00:00, -0001-01-01T00:00:00Z"
  })
  void aTimeIsAlwaysATextOfTheOneForm(Instant time, String told, String apart) throws Exception {
    JsonNode json = json(write(Events.insert("time", 1).toBuilder().time(time).build(), 1 << 16));
    assertThat(json.path("ts").path("$date").asText()).isEqualTo(told);
    assertThat(json.path("swornTime").asText()).isEqualTo(apart);
  }
}
