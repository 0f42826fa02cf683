package io.sworn.event.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.SourcePosition;
import io.sworn.event.UnreadableEventException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read is what was written, or it is an error: in both forms of a file. */
class AuditFileReaderTest {

  private static List<AuditFileReader.Entry> read(byte[] file) throws IOException {
    List<AuditFileReader.Entry> entries = new ArrayList<>();
    try (AuditFileReader reader = new AuditFileReader(new ByteArrayInputStream(file))) {
      for (AuditFileReader.Entry e = reader.next(); e != null; e = reader.next()) {
        entries.add(e);
      }
    }
    return entries;
  }

  private static AuditEvent event(BsonDocument message) {
    return MongoAuditMessage.toEvent(message, SourcePosition.at("f", 1), null, Instant.EPOCH);
  }

  private static BsonDocument message(BsonDocument param) {
    return new BsonDocument("atype", new BsonString("authCheck"))
        .append("ts", new BsonDateTime(5))
        .append("users", new BsonArray())
        .append("roles", new BsonArray())
        .append("param", param)
        .append("result", new BsonInt32(0));
  }

  /** The keys and values differ from those of a good document in single bytes only. */
  @ParameterizedTest
  @CsvSource({
    "kb, ka, key for the second time",
    "kb, k\u00ff, not UTF-8",
    "text, te\u00fft, not UTF-8",
    "text, \u00ed\u00a0\u0080t, not UTF-8"
  })
  void bsonThatADecoderWouldChangeIsAnErrorWithItsPlaceAndReadingGoesOn(
      String good, String bad, String reason) throws IOException {
    BsonDocument param =
        new BsonDocument("ka", new BsonInt32(1)).append("kb", new BsonString("text"));
    String whole = new String(BsonBytes.of(message(param)).array(), StandardCharsets.ISO_8859_1);
    byte[] file = (whole + whole.replace(good, bad) + whole).getBytes(StandardCharsets.ISO_8859_1);
    List<AuditFileReader.Entry> entries = read(file);
    assertThat(entries).hasSize(3);
    assertThat(entries.get(0).error()).isNull();
    assertThat(entries.get(1).error())
        .contains(reason)
        .endsWith("at byte " + (whole.indexOf(good + "\0") + Math.max(0, foreign(bad))));
    assertThat(entries.get(1).original().toBytes()).hasSize(whole.length());
    assertThat(entries.get(2).error()).isNull();
  }

  private static int foreign(String text) {
    return text.indexOf(text.codePoints().filter(c -> c > 0x7F).findFirst().orElse('k'));
  }

  @Test
  void keysOfDifferentDocumentsAndOfArraysMayBeTheSame() throws IOException {
    BsonDocument inner = new BsonDocument("a", new BsonInt32(1));
    byte[] file =
        BsonBytes.of(
                message(
                    new BsonDocument("a", inner).append("b", new BsonArray(List.of(inner, inner)))))
            .array();
    assertThat(read(file).get(0).error()).isNull();
  }

  @Test
  void aByteOrderMarkIsPassedOver() throws IOException {
    String line = ExtendedJson.write(message(new BsonDocument()));
    List<AuditFileReader.Entry> entries =
        read(("\ufeff" + line + "\n" + line + "\n").getBytes(StandardCharsets.UTF_8));
    assertThat(entries).hasSize(2).allSatisfy(e -> assertThat(e.error()).isNull());
    assertThat(entries.get(0).original().toBytes()).as("not altered").startsWith(0xEF, 0xBB, 0xBF);
    assertThat(read("\ufeff\n".getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(read((line + "\n\ufeff" + line).getBytes(StandardCharsets.UTF_8)).get(1).error())
        .as("only at the start of a file")
        .contains("not valid JSON");
  }

  /** Values that JSON writes with more levels than BSON has. */
  private static final List<BsonValue> LEAVES =
      List.of(
          new BsonInt32(1),
          new BsonDateTime(-1),
          new BsonTimestamp(1, 2),
          new BsonBinary(new byte[] {1}));

  private static BsonDocument deep(int levels, BsonValue leaf) {
    BsonDocument document = new BsonDocument("leaf", leaf);
    for (int i = 1; i < levels; i++) {
      document =
          i % 2 == 0
              ? new BsonDocument("d", document)
              : i + 1 < levels && i % 5 == 0
                  ? new BsonDocument("s", new BsonJavaScriptWithScope("x", document))
                  : new BsonDocument("d", document);
      i += document.get("s") == null ? 0 : 1;
    }
    return document;
  }

  @Test
  void theDeepestMessageOfOneFormCanBeReadInTheOtherAndOneLevelMoreInNeither() throws IOException {
    int param = BsonBytes.DEPTH_MAX - 1;
    for (BsonValue leaf : LEAVES) {
      BsonDocument message = message(deep(param, leaf));
      byte[] bson = BsonBytes.of(message).array();
      String json = ExtendedJson.write(message);
      AuditFileReader.Entry fromBson = read(bson).get(0);
      AuditFileReader.Entry fromJson = read(json.getBytes(StandardCharsets.UTF_8)).get(0);
      for (AuditFileReader.Entry entry : List.of(fromBson, fromJson)) {
        assertThat(entry.error()).isNull();
        AuditEvent event = event(Objects.requireNonNull(entry.message()));
        BsonDocument back =
            MongoAuditMessage.toMessage(AuditEventCodec.decode(AuditEventCodec.encode(event)));
        assertThat(BsonBytes.of(back)).isEqualTo(BsonBytes.of(message));
        assertThat(BsonBytes.of(ExtendedJson.parse(ExtendedJson.write(back))))
            .isEqualTo(BsonBytes.of(message));
      }
      BsonDocument deeper = message(deep(param + 1, leaf));
      assertThat(read(BsonBytes.of(deeper).array()).get(0).error())
          .contains("nested deeper than 250");
      assertThat(read(ExtendedJson.write(deeper).getBytes(StandardCharsets.UTF_8)).get(0).error())
          .contains("depth");
      assertThatThrownBy(() -> event(deeper)).isInstanceOf(UnreadableEventException.class);
    }
  }

  @Test
  void anEventNestedSoThatItsMessageCouldNotBeReadIsNoEvent() {
    AuditEvent event =
        event(message(new BsonDocument())).toBuilder()
            .param(BsonBytes.of(deep(BsonBytes.DEPTH_MAX, new BsonInt32(1))))
            .build();
    byte[] frame = AuditEventCodec.encode(event);
    assertThatThrownBy(() -> AuditEventCodec.decode(frame))
        .isInstanceOf(UnreadableEventException.class)
        .hasMessageContaining("nested deeper");
  }

  @Test
  void aNamesakeOfOurNotesThatWouldBeTooDeepAsANoteIsRefused() {
    BsonDocument message =
        message(new BsonDocument()).append("", deep(BsonBytes.DEPTH_MAX - 1, new BsonInt32(1)));
    assertThatThrownBy(() -> event(message))
        .isInstanceOf(UnreadableEventException.class)
        .hasMessageContaining("nested deeper");
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "inner key", "pattern", "surrogate", "type"})
  void whatNoBsonCanHoldIsNoAuditMessage(String place) {
    BsonDocument message = message(new BsonDocument());
    BsonDocument param = message.getDocument("param");
    switch (place) {
      case "key" -> message.put("a\0b", new BsonInt32(1));
      case "inner key" -> param.put("a", new BsonDocument("a\0b", new BsonInt32(1)));
      case "pattern" -> param.put("r", new BsonRegularExpression("a\0b", "i"));
      case "surrogate" -> param.put("s", new BsonString("x\ud800y"));
      default -> message.put("atype", new BsonString("x\udc00"));
    }
    assertThatThrownBy(() -> event(message))
        .isInstanceOf(UnreadableEventException.class)
        .hasMessageNotContaining("\0");
  }
}
