package io.sworn.event.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.SourcePosition;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** Whatever a source writes comes out of the pipeline as it went in. */
class AnyMessageTest {

  /** Members that typed fields take over, if their value is of the kind they expect. */
  private static final List<String> LIFTED =
      List.of("uuid", "local", "remote", "intermediates", "users", "roles", "param", "result");

  @Property(tries = 500)
  void anyMessageSurvivesTheWayFromBsonThroughAnEventToBson(
      @ForAll("messages") BsonDocument message) {
    AuditEvent event =
        MongoAuditMessage.toEvent(message, SourcePosition.at("db-1/0", 1), null, Instant.EPOCH);
    AuditEvent arrived = AuditEventCodec.decode(AuditEventCodec.encode(event));
    assertThat(arrived).isEqualTo(event);
    BsonDocument back = MongoAuditMessage.toMessage(arrived);
    assertThat(new TreeSet<>(back.keySet())).isEqualTo(new TreeSet<>(message.keySet()));
    for (String member : message.keySet()) {
      assertThat(BsonBytes.of(new BsonDocument("", back.get(member))))
          .as(member)
          .isEqualTo(BsonBytes.of(new BsonDocument("", message.get(member))));
    }
  }

  @Property(tries = 500)
  void jsonOfAnyDocumentIsReadAndWrittenTheSame(@ForAll("documents") BsonDocument document) {
    String text = ExtendedJson.write(document);
    assertThat(ExtendedJson.write(ExtendedJson.parse(text))).isEqualTo(text);
  }

  @Provide
  Arbitrary<BsonDocument> documents() {
    return AnyBson.withoutTypeKeys(3);
  }

  /** Type and time as they must be; any other member may hold anything. */
  @Provide
  Arbitrary<BsonDocument> messages() {
    long years = Instant.parse("9999-01-01T00:00:00Z").toEpochMilli();
    return Combinators.combine(
            Arbitraries.strings(),
            Arbitraries.longs().between(-years, years),
            AnyBson.whatever(3),
            Arbitraries.of(LIFTED).list().ofSize(5),
            AnyBson.whatever(2))
        .as(
            (type, time, param, names, others) -> {
              BsonDocument message = new BsonDocument("param", param);
              int next = 0;
              for (String key : others.keySet()) {
                message.put(next % 2 == 0 ? names.get(next) : key, others.get(key));
                next++;
              }
              message.put("atype", new BsonString(type));
              message.put("ts", new BsonDateTime(time));
              return message;
            });
  }
}
