package io.sworn.event.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.UserName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleMessagesTest {

  @ParameterizedTest
  @CsvSource({
    "mongo-schema.jsonl, 72, MONGODB",
    "mongo-schema-bsondump.jsonl, 9, MONGODB",
    "percona-schema.jsonl, 17, PERCONA",
    "ocsf-schema.jsonl, 51, MONGODB_OCSF"
  })
  void everyMessageSurvivesTheWayThroughEventBytesAndJson(String file, int count, EventKind kind)
      throws IOException {
    List<BsonDocument> messages = messages(sample(file));
    assertThat(messages).hasSize(count);
    List<String> lines =
        new String(sample(file), java.nio.charset.StandardCharsets.UTF_8).lines().toList();
    for (int i = 0; i < messages.size(); i++) {
      BsonDocument message = messages.get(i);
      AuditEvent event =
          MongoAuditMessage.toEvent(
              message, SourcePosition.at(file, i + 1), null, Instant.ofEpochSecond(7));
      if (kind != EventKind.PERCONA) {
        assertThat(event.kind()).isEqualTo(kind);
      }
      AuditEvent decoded = AuditEventCodec.decode(AuditEventCodec.encode(event));
      assertThat(decoded).isEqualTo(event);
      BsonDocument back = MongoAuditMessage.toMessage(decoded);
      assertThat(sorted(back)).as("line %d of %s", i + 1, file).isEqualTo(sorted(message));
      assertThat(sorted(ExtendedJson.parse(ExtendedJson.write(back)))).isEqualTo(sorted(message));
      if (kind == EventKind.MONGODB_OCSF) {
        assertThat(ExtendedJson.write(back)).as("line %d as text", i + 1).isEqualTo(lines.get(i));
      }
    }
  }

  @Test
  void concatenatedBsonDocumentsAreRead() throws IOException {
    List<BsonDocument> messages = messages(sample("mongo-schema-bsondump.jsonl"));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (BsonDocument message : messages) {
      file.write(BsonBytes.of(message).array());
    }
    assertThat(messages(file.toByteArray())).isEqualTo(messages);
  }

  @Test
  void cutOffBsonDocumentIsAnErrorThatKeepsItsBytes() throws IOException {
    byte[] whole = BsonBytes.of(messages(sample("mongo-schema.jsonl")).get(0)).array();
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 3);
    try (AuditFileReader reader = new AuditFileReader(new ByteArrayInputStream(cut))) {
      AuditFileReader.Entry entry = Objects.requireNonNull(reader.next());
      assertThat(entry.error()).contains("cut off after " + cut.length);
      assertThat(entry.original().toBytes()).isEqualTo(cut);
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void garbageLineIsAnErrorWithLineAndReasonAndReadingGoesOn() throws IOException {
    String text = "{\"atype\" : \"x\"}\n\n{\"a\":1,\"a\":2}\n\u0001garbage\n{}\n";
    List<AuditFileReader.Entry> entries = new ArrayList<>();
    try (AuditFileReader reader =
        new AuditFileReader(
            new ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)))) {
      for (AuditFileReader.Entry e = reader.next(); e != null; e = reader.next()) {
        entries.add(e);
      }
    }
    assertThat(entries).extracting(AuditFileReader.Entry::number).containsExactly(1L, 3L, 4L, 5L);
    assertThat(entries.get(1).error()).contains("column 11").contains("uplicate");
    assertThat(entries.get(2).error()).contains("not valid JSON");
    assertThat(
            new String(
                entries.get(2).original().toBytes(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("\u0001garbage");
    assertThat(entries.get(3).message()).isEmpty();
  }

  @Test
  void anOcsfSignInNamesWhoTriedAndAFailureIsNoSuccess() {
    String text =
        "{\"type_uid\":300201,\"time\":1772442014791,\"actor\":{},\"user\":{\"name\":\"admin.a.b\"},"
            + "\"auth_protocol\":\"SCRAM-SHA-256\"%s}";
    for (String failure :
        List.of(
            ",\"status_id\":2", ",\"status_id\":2,\"status_code\":\"18\"", ",\"status_code\":18")) {
      AuditEvent event = ocsf(text.formatted(failure));
      assertThat(event.result()).as(failure).isEqualTo(18);
      assertThat(event.users()).isEmpty();
      assertThat(event.param().toDocument())
          .isEqualTo(BsonDocument.parse("{user: 'a.b', db: 'admin', mechanism: 'SCRAM-SHA-256'}"));
    }
    assertThat(ocsf(text.formatted("")).result()).isZero();
    assertThat(ocsf(text.formatted(",\"status_id\":1")).result()).isZero();
    AuditEvent named =
        ocsf(
            "{\"type_uid\":600302,\"time\":5,\"actor\":{\"user\":{\"name\":\"shop.app\","
                + "\"groups\":[{\"name\":\"shop.readWrite\"},{\"name\":\"admin.x.y\"}]}}}");
    assertThat(named.users()).containsExactly(new UserName("app", "shop"));
    assertThat(named.roles())
        .containsExactly(new RoleName("readWrite", "shop"), new RoleName("x.y", "admin"));
  }

  private static AuditEvent ocsf(String text) {
    return MongoAuditMessage.toEvent(
        ExtendedJson.parse(text), SourcePosition.at("f", 1), null, Instant.EPOCH);
  }

  @Test
  void membersThatLookLikeOurOwnNotesComeBack() {
    for (String text :
        List.of(
            "{\"atype\":\"x\",\"ts\":{\"$date\":5},\"\":[\"param\",\"users\"],\"param\":{\"a\":1}}",
            "{\"atype\":\"x\",\"ts\":{\"$date\":5},\"\":7}",
            "{\"atype\":\"x\",\"ts\":{\"$date\":5},\"\":{\"absent\":[\"ts\"],\"value\":1}}",
            "{\"type_uid\":600301,\"time\":5,\"\":[\"time\"]}")) {
      BsonDocument message = ExtendedJson.parse(text);
      AuditEvent event =
          MongoAuditMessage.toEvent(message, SourcePosition.at("f", 1), null, Instant.EPOCH);
      assertThat(sorted(MongoAuditMessage.toMessage(event))).as(text).isEqualTo(sorted(message));
    }
  }

  @Test
  void aTimeThatNoEventCanCarryIsRefusedWithItsMember() {
    for (String text :
        List.of(
            "{\"atype\":\"x\",\"ts\":{\"$date\":{\"$numberLong\":\"9223372036854775807\"}}}",
            "{\"type_uid\":600301,\"ts\":1,\"time\":{\"$numberLong\":\"-9223372036854775808\"}}")) {
      BsonDocument message = ExtendedJson.parse(text);
      assertThatThrownBy(
              () ->
                  AuditEventCodec.encode(
                      MongoAuditMessage.toEvent(
                          message, SourcePosition.at("f", 1), null, Instant.EPOCH)))
          .isInstanceOf(UnreadableEventException.class)
          .hasMessageContaining("no time of this era");
    }
  }

  @Test
  void aNestingBombInABsonFileIsAnErrorAndReadingGoesOn() throws IOException {
    byte[] good = BsonBytes.of(new BsonDocument("a", new org.bson.BsonInt32(1))).array();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    int size = 7 * 1_000_000 - 2;
    java.nio.ByteBuffer bomb =
        java.nio.ByteBuffer.allocate(size).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (int level = 0; level < 1_000_000; level++) {
      bomb.putInt(size - 7 * level);
      if (level < 999_999) {
        bomb.put((byte) 3).put((byte) 0);
      }
    }
    file.write(good);
    file.write(bomb.array());
    file.write(good);
    try (AuditFileReader reader =
        new AuditFileReader(new ByteArrayInputStream(file.toByteArray()))) {
      assertThat(Objects.requireNonNull(reader.next()).error()).isNull();
      AuditFileReader.Entry entry = Objects.requireNonNull(reader.next());
      assertThat(entry.error()).contains("nested deeper");
      assertThat(entry.original().toBytes()).hasSize(size);
      assertThat(Objects.requireNonNull(reader.next()).error()).isNull();
    }
  }

  private static TreeMap<String, BsonBytes> sorted(BsonDocument message) {
    TreeMap<String, BsonBytes> members = new TreeMap<>();
    message.forEach((key, value) -> members.put(key, BsonBytes.of(new BsonDocument("v", value))));
    return members;
  }

  private static byte[] sample(String name) throws IOException {
    try (InputStream in = SampleMessagesTest.class.getResourceAsStream("/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static List<BsonDocument> messages(byte[] file) throws IOException {
    List<BsonDocument> messages = new ArrayList<>();
    try (AuditFileReader reader = new AuditFileReader(new ByteArrayInputStream(file))) {
      for (AuditFileReader.Entry e = reader.next(); e != null; e = reader.next()) {
        assertThat(e.error()).isNull();
        messages.add(Objects.requireNonNull(e.message()));
      }
    }
    return messages;
  }
}
