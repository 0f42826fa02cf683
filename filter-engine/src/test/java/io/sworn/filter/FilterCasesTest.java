package io.sworn.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.SourcePosition;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.language.FilterParser;
import io.sworn.filter.matcher.FilterMatcher;
import io.sworn.filter.matcher.Judging;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The 80 filters with their matches and the 16 refused ones. */
class FilterCasesTest {

  private static final String ALL = resource("filter-cases.json");

  static String resource(String name) {
    try (InputStream in = FilterCasesTest.class.getResourceAsStream("/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<BsonDocument> cases() {
    return ExtendedJson.parseFilter(ALL).getArray("cases").stream().map(BsonValue::asDocument);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void filterKeepsExactlyItsMessages(BsonDocument one) throws Exception {
    // The filter as its author wrote it: cut out by the JSON library, not by our reader.
    int index = one.getInt32("case").getValue() - 1;
    String filter =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(ALL)
            .get("cases")
            .get(index)
            .get("filter")
            .toString();
    if (one.containsKey("invalid")) {
      assertThatThrownBy(() -> AuditFilter.compile(filter))
          .isInstanceOf(InvalidFilterException.class);
      return;
    }
    AuditFilter compiled = AuditFilter.compile(filter);
    List<String> matches = new ArrayList<>();
    ExtendedJson.parse(ALL)
        .getDocument("messages")
        .forEach(
            (letter, message) -> {
              Decision verdict = compiled.judge(message.asDocument());
              AuditEvent event =
                  MongoAuditMessage.toEvent(
                      message.asDocument(), SourcePosition.at("t", 1), null, Instant.EPOCH);
              assertThat(compiled.judge(event)).isEqualTo(verdict);
              Judging judging = FilterMatcher.of(List.of(FilterParser.parse(filter))).judging();
              judging.judge(AuditEventCodec.encode(event));
              assertThat(judging.decision(0)).isEqualTo(verdict);
              if (verdict == Decision.KEEP) {
                matches.add(letter);
              }
            });
    assertThat(matches)
        .isEqualTo(one.getArray("matches").stream().map(v -> v.asString().getValue()).toList());
  }
}
