package io.sworn.database.auditing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.Endpoint;
import io.sworn.event.RoleName;
import io.sworn.event.SwornException;
import io.sworn.event.UserName;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;

/** No event of the journal is longer than what every broker takes. */
class AuditDraftTest {

  private static final int MAX = AuditJournal.EVENT_BYTES_MAX;

  @Test
  void anEventThatFitsIsNotTouched() {
    BsonDocument param = param("args", 900_000);
    AuditEvent event = decode(draft("root", 1, param).encode("db/0", 1, MAX));
    assertThat(event.param().toDocument()).isEqualTo(param);
  }

  @Test
  void aLongParameterIsReplacedByItsSize() {
    byte[] bytes = draft("root", 1, param("args", 2_000_000)).encode("db/0", 1, MAX);
    assertThat(bytes).hasSizeLessThanOrEqualTo(MAX);
    assertThat(decode(bytes).param().toDocument().getDocument("args"))
        .containsKey("shortenedBytes");
  }

  @Test
  void aUserWithEndlessRolesIsStillAuditedAndTheirNumberIsTold() {
    byte[] bytes = draft("root", 60_000, param("args", 10)).encode("db/0", 1, MAX);
    assertThat(bytes).hasSizeLessThanOrEqualTo(MAX);
    AuditEvent event = decode(bytes);
    assertThat(event.roles()).hasSize(100);
    assertThat(event.users()).hasSize(1);
    assertThat(event.param().toDocument().getDocument("$cut").getInt32("roles").getValue())
        .isEqualTo(60_000);
  }

  @Test
  void whatCannotBeCutIsRefusedWithItsSize() {
    assertThatThrownBy(() -> draft("u".repeat(MAX), 1, param("args", 1)).encode("db/0", 1, MAX))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("the limit is 1000000");
  }

  private static AuditEvent decode(byte[] bytes) {
    return AuditEventCodec.decode(bytes);
  }

  private static BsonDocument param(String name, int length) {
    return new BsonDocument(name, new BsonDocument("v", new BsonString("x".repeat(length))));
  }

  private static AuditDraft draft(String user, int roles, BsonDocument param) {
    return new AuditDraft(
        "authCheck",
        Instant.EPOCH,
        new UUID(1, 2),
        Endpoint.tcp("127.0.0.1", 1),
        Endpoint.tcp("127.0.0.1", 2),
        List.of(new UserName(user, "admin")),
        IntStream.range(0, roles)
            .mapToObj(i -> new RoleName("readWrite", "database-" + i))
            .toList(),
        param,
        0,
        null);
  }
}
