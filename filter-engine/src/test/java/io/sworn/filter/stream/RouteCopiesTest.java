package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.FilterSet;
import io.sworn.filter.matcher.Judging;
import io.sworn.filter.redact.Redaction;
import io.sworn.filter.redact.RedactionAction;
import io.sworn.filter.redact.RedactionRule;
import io.sworn.filter.redact.RouteRedactions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;

class RouteCopiesTest {

  private static final Map<String, Redaction> RULES =
      Map.of(
          "standard", Redaction.of(Redaction.standardRules(), null),
          "names",
              rules(
                  new RedactionRule("param.user", RedactionAction.DROP),
                  new RedactionRule("param.db", RedactionAction.TYPE)),
          "all", rules(new RedactionRule("param.*", RedactionAction.MASK)),
          "users", rules(new RedactionRule("users.user", RedactionAction.MASK)));

  private static Redaction rules(RedactionRule... rules) {
    return Redaction.of(List.of(rules), null);
  }

  /** Every sample as it is, and with a long and with an unusual member. */
  private static List<AuditEvent> events() throws IOException {
    List<AuditEvent> events = new ArrayList<>();
    try (InputStream in =
            Objects.requireNonNull(
                RouteCopiesTest.class.getResourceAsStream("/mongo-schema.jsonl"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        BsonDocument message = ExtendedJson.parse(line);
        events.add(event(message));
        BsonDocument longer = message.clone();
        longer.getDocument("param").append("user", new BsonString("x".repeat(5_000)));
        events.add(event(longer));
        events.add(event(message.clone().append("unusual", new BsonString("stays"))));
      }
    }
    return events;
  }

  private static AuditEvent event(BsonDocument message) {
    return MongoAuditMessage.toEvent(
        message,
        SourcePosition.at("db/1", 4),
        EventKind.MONGODB,
        Instant.parse("2026-03-02T08:00:00.126Z"));
  }

  @Test
  void copyMadeInPlaceIsTheSameAsOneOfTheDecodedEvent() throws IOException {
    RouteCopies copies = new RouteCopies(RouteRedactions.of(RULES));
    Judging judging = FilterSet.EMPTY.judging();
    int inPlace = 0;
    int redacted = 0;
    for (AuditEvent event : events()) {
      byte[] frame = AuditEventCodec.encode(event);
      judging.read(frame);
      copies.take(frame, judging);
      inPlace += judging.paramIsWhole() ? 1 : 0;
      for (Map.Entry<String, Redaction> rule : RULES.entrySet()) {
        RouteCopies.Copy copy = copies.of(rule.getKey());
        Redaction.Redacted expected = rule.getValue().apply(event);
        assertThat(copy.value()).isEqualTo(AuditEventCodec.encode(expected.event()));
        assertThat(copy.redacted()).isEqualTo(String.join(",", expected.paths()));
        redacted += copy.redacted().isEmpty() ? 0 : 1;
      }
    }
    assertThat(inPlace).isGreaterThan(20);
    assertThat(redacted).isGreaterThan(100);
  }
}
