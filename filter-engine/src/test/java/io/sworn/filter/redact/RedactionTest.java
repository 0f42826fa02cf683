package io.sworn.filter.redact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.MongoAuditMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  private static final String FIND =
      """
      {"atype": "authCheck", "ts": {"$date": "2026-03-02T08:00:00.125Z"},
       "remote": {"ip": "10.20.7.31", "port": 50412},
       "users": [{"user": "clinic_app", "db": "admin"}], "roles": [],
       "param": {"command": "find", "ns": "mydb.patients",
                 "args": {"find": "patients",
                          "filter": {"ssn": "912-33-1", "visits": [{"ward": 7}, {"ward": 9}],
                                     "born": {"$gte": {"$date": "1960-01-01T00:00:00Z"}}},
                          "limit": 3, "$db": "mydb"}},
       "result": 0}""";

  @TempDir Path directory;

  private static AuditEvent event(String json) {
    return MongoAuditMessage.toEvent(
        BsonDocument.parse(json),
        SourcePosition.at("db/1", 4),
        EventKind.MONGODB,
        Instant.parse("2026-03-02T08:00:00.126Z"));
  }

  private static Redaction rules(RedactionRule... rules) {
    return Redaction.of(List.of(rules), null);
  }

  private static RedactionRule rule(String path, RedactionAction action) {
    return new RedactionRule(path, action);
  }

  @Test
  void argumentsAreMaskedUnlessConfiguredOtherwiseAndNamesStay() {
    Redaction.Redacted redacted = Redaction.of(Redaction.standardRules(), null).apply(event(FIND));
    assertThat(redacted.paths()).containsExactly("param.args");
    assertThat(redacted.event().param().toDocument().getDocument("args"))
        .isEqualTo(
            BsonDocument.parse(
                """
                {"find": "patients",
                 "filter": {"ssn": "***", "visits": [{"ward": "***"}, {"ward": "***"}],
                            "born": {"$gte": "***"}},
                 "limit": "***", "$db": "mydb"}"""));
    assertThat(redacted.event().toBuilder().param(event(FIND).param()).build())
        .isEqualTo(event(FIND));
  }

  @Test
  void eventWithoutTheMemberIsTheSameInstance() {
    AuditEvent login =
        event(
            """
            {"atype": "logout", "ts": {"$date": "2026-03-02T08:00:00Z"}, "users": [],
             "roles": [], "param": {"reason": "bye"}, "result": 0}""");
    assertThat(Redaction.of(Redaction.standardRules(), null).apply(login).event()).isSameAs(login);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "param.args.filter.visits.ward; type; {'visits': [{'ward': '<int>'}, {'ward': '<int>'}]}",
        "param.args.filter.visits.1; drop; {'visits': [{'ward': 7}, null]}",
        "param.args.filter.visits.1.ward; mask; {'visits': [{'ward': 7}, {'ward': '***'}]}",
        "param.args.filter.visits; drop; {}",
        "param.args.filter.*; mask; {'visits': [{'ward': '***'}, {'ward': '***'}]}",
        "param.args.filter.visit; mask; {'visits': [{'ward': 7}, {'ward': 9}]}",
      })
  void pathsGoThroughArraysAndNumbersNameElements(String path, String action, String expected) {
    BsonDocument filter =
        rules(rule(path, RedactionAction.of(action)))
            .apply(event(FIND))
            .event()
            .param()
            .toDocument()
            .getDocument("args")
            .getDocument("filter");
    BsonDocument visits = new BsonDocument();
    if (filter.containsKey("visits")) {
      visits.put("visits", filter.get("visits"));
    }
    assertThat(visits).isEqualTo(BsonDocument.parse(expected));
  }

  @Test
  void valuesOutsideOfParamAreRedactedInTheTypedFieldsToo() {
    AuditEvent redacted =
        rules(
                rule("users.user", RedactionAction.MASK),
                rule("remote.ip", RedactionAction.DROP),
                rule("param.ns", RedactionAction.TYPE))
            .apply(event(FIND))
            .event();
    assertThat(redacted.users().get(0).user()).isEqualTo("***");
    assertThat(redacted.users().get(0).db()).isEqualTo("admin");
    assertThat(redacted.remote().ip()).isNull();
    assertThat(redacted.namespace()).isEqualTo("<string>");
    assertThat(redacted.id()).isEqualTo(event(FIND).id());
    assertThat(redacted.time()).isEqualTo(event(FIND).time());
    assertThat(redacted.observed()).isEqualTo(event(FIND).observed());
  }

  @Test
  void whereRulesMeetTheOneThatTellsLessWins() {
    BsonDocument filter =
        rules(
                rule("param.args.filter", RedactionAction.TYPE),
                rule("param.args.filter.ssn", RedactionAction.MASK),
                rule("param.args.filter.born", RedactionAction.KEEP))
            .apply(event(FIND))
            .event()
            .param()
            .toDocument()
            .getDocument("args")
            .getDocument("filter");
    assertThat(filter.getString("ssn").getValue()).isEqualTo("***");
    assertThat(filter.getDocument("born").getString("$gte").getValue()).isEqualTo("<date>");
  }

  @Test
  void tokensAreEqualForEqualValuesAndChangeWithTheKey() throws Exception {
    Path file = directory.resolve("token.keys");
    Files.writeString(file, "k1:" + "0a".repeat(32) + "\n");
    Redaction first =
        Redaction.of(
            List.of(rule("param.args.filter.ssn", RedactionAction.TOKEN)), TokenKeys.read(file));
    String token = ssn(first);
    assertThat(token).matches("tok_k1_[A-Za-z0-9_-]{22}").isEqualTo(ssn(first));

    Files.writeString(file, "k1:" + "0a".repeat(32) + "\nk2:" + "0b".repeat(32) + "\n");
    TokenKeys rotated = TokenKeys.read(file);
    String later =
        ssn(Redaction.of(List.of(rule("param.args.filter.ssn", RedactionAction.TOKEN)), rotated));
    assertThat(later).startsWith("tok_k2_");
    assertThat(rotated.tokensOf("912-33-1")).containsExactly(later, token);
  }

  private static String ssn(Redaction redaction) {
    return redaction
        .apply(event(FIND))
        .event()
        .param()
        .toDocument()
        .getDocument("args")
        .getDocument("filter")
        .getString("ssn")
        .getValue();
  }

  private static BsonDocument alert(Redaction redaction, String param) {
    return redaction
        .apply(
            AuditEvent.builder(SourcePosition.at("sworn/alerts", 1), EventKind.SWORN, "alert")
                .param(BsonBytes.of(BsonDocument.parse(param)))
                .build())
        .event()
        .param()
        .toDocument();
  }

  @ParameterizedTest
  @CsvSource({
    "users.user, users.user, mask",
    "users.*.user, users.user, mask",
    "users.0.user, users.user, mask",
    "users, users.user, mask",
    "users.user.first, users.user, mask",
    "param.args.*, param.args.filter.ssn, mask",
    "param.args.filter.0.ssn, param.args.filter.ssn, mask",
    "param.*.filter, param.args.filter.ssn, mask",
    "param, param.user, mask",
    "users.db, users.user, keep",
    "param.user, users.user, keep",
    "param.args.filter.x.ssn, param.args.filter.ssn, keep",
  })
  void valueInAnAlertIsTreatedAsWhereItComesFrom(String path, String source, String expected) {
    BsonDocument after =
        alert(
            rules(rule(path, RedactionAction.MASK), rule("param.args.find", RedactionAction.KEEP)),
            """
            {"rule": "r", "group": {"g": "secret"}, "values": ["secret", "secret"],
             "sources": {"group": {"g": ["local.ip", "%s"]}, "values": ["%s"]}}"""
                .formatted(source, source));
    String shown = expected.equals("mask") ? "***" : "secret";
    assertThat(after.getDocument("group")).isEqualTo(BsonDocument.parse("{g: '" + shown + "'}"));
    assertThat(after.getArray("values"))
        .containsExactly(new BsonString(shown), new BsonString(shown));
  }

  /** A kept value may have been a document around what is masked: the text does not tell. */
  @Test
  void keepHasNoSayInAnAlert() {
    assertThat(
            alert(
                Redaction.of(Redaction.standardRules(), null),
                """
                {"values": ["{\\"ssn\\": 1}"], "sources": {"values": ["param.args.find"]}}"""))
        .containsEntry("values", new BsonArray(List.of(new BsonString("***"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'group': {'g': 'secret'}, 'values': ['secret']}",
        "{'group': {'g': 'secret'}, 'sources': 5}",
        "{'group': {'g': 'secret'}, 'sources': {'group': {'h': ['local.ip']}}}",
        "{'group': {'g': 'secret'}, 'sources': {'group': {'g': []}}}",
        "{'group': {'g': 'secret'}, 'sources': {'group': {'g': ['local.ip', 7]}}}",
        "{'group': {'g.h': 'secret'}}",
        "{'group': {'': 'secret'}}",
        "{'group': 'secret'}",
        "{'text': 'secret'}",
      })
  void valueOfUnknownSourceInAnAlertIsMaskedIfTheRouteHidesAnything(String param) {
    String json = param.replace('\'', '"');
    assertThat(alert(rules(rule("remote.ip", RedactionAction.DROP)), json).toJson())
        .contains("***")
        .doesNotContain("secret");
    assertThat(alert(rules(rule("remote.ip", RedactionAction.KEEP)), json).toJson())
        .contains("secret");
  }

  @Test
  void tokensWithoutKeysAreRefusedAndABadKeyFileIsNamedWithoutItsKey() throws Exception {
    assertThatThrownBy(() -> rules(rule("param.args", RedactionAction.TOKEN)))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("param.args");
    Path file = directory.resolve("token.keys");
    Files.writeString(file, "\nk1:" + "0a".repeat(31) + "\n");
    assertThatThrownBy(() -> TokenKeys.read(file))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("0a0a");
    Files.writeString(file, "k1:" + "0a".repeat(32) + "\nk1:" + "0b".repeat(32) + "\n");
    assertThatThrownBy(() -> TokenKeys.read(file))
        .hasMessageContaining("line 2: the id 'k1' stands there before")
        .hasMessageNotContaining("0b0b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"atype", "ts", "result", "*", "*.ip", "param..x", ""})
  void pathsThatCannotBeRedactedAreRefused(String path) {
    assertThatThrownBy(() -> rule(path, RedactionAction.DROP))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("'" + path + "'");
  }

  @Test
  void noLeafOfTheSampleMessagesSurvivesAMask() throws Exception {
    Redaction all = rules(rule("param", RedactionAction.MASK), rule("users", RedactionAction.MASK));
    int seen = 0;
    for (String line : samples()) {
      AuditEvent event = event(line);
      List<String> secrets = new ArrayList<>();
      leaves(event.param().toDocument(), secrets);
      BsonDocument after = MongoAuditMessage.toMessage(all.apply(event).event());
      List<String> left = new ArrayList<>();
      leaves(after.get("param"), left);
      leaves(after.get("users"), left);
      assertThat(left).allMatch("***"::equals);
      assertThat(left.size()).isGreaterThanOrEqualTo(secrets.size());
      seen += secrets.size();
    }
    assertThat(seen).isGreaterThan(10);
  }

  private static List<String> samples() {
    return List.of(
        FIND,
        """
        {"atype": "createUser", "ts": {"$date": "2026-03-02T08:00:00Z"}, "users": {},
         "param": {"user": "eve", "roles": [{"role": "root", "db": "admin"}],
                   "customData": {"n": {"$numberDecimal": "1.5"}, "b": {"$binary":
                   {"base64": "AQID", "subType": "00"}}, "r": {"$regularExpression":
                   {"pattern": "^a", "options": "i"}}, "o": {"$oid": "65f0a0a0a0a0a0a0a0a0a0a0"},
                   "m": {"$minKey": 1}, "t": {"$timestamp": {"t": 5, "i": 1}}, "n2": null,
                   "l": {"$numberLong": "5"}, "d": 1.5, "y": true, "c": {"$code": "f()"}}},
         "result": 0}""");
  }

  private static void leaves(BsonValue value, List<String> into) {
    Stream<BsonValue> inner =
        value instanceof BsonDocument document
            ? document.values().stream()
            : value instanceof BsonArray array ? array.stream() : null;
    if (inner != null) {
      inner.forEach(one -> leaves(one, into));
    } else {
      into.add(value instanceof BsonString text ? text.getValue() : value.toString());
    }
  }

  @Test
  void whatLiesTooDeepIsMaskedWhole() {
    BsonDocument deep = new BsonDocument("leaf", new BsonString("secret"));
    for (int i = 0; i < BsonRewriter.DEPTH_MAX + 50; i++) {
      deep = new BsonDocument("d", deep);
    }
    byte[] masked =
        BsonRewriter.rewrite(
                BsonBytes.of(deep).array(),
                RedactionTree.of(
                    List.of(rule("d.x", RedactionAction.TYPE), rule("d", RedactionAction.TYPE))),
                null)
            .bytes();
    assertThat(new String(masked, java.nio.charset.StandardCharsets.UTF_8))
        .contains("***")
        .doesNotContain("secret");
  }

  @Test
  void damagedBytesAreAnErrorAndNeverAnEndlessWalk() {
    byte[] good = event(FIND).param().array();
    RedactionTree tree = RedactionTree.of(List.of(rule("args", RedactionAction.TYPE)));
    int refused = 0;
    for (int at = 0; at < good.length; at++) {
      for (int bits : new int[] {0xFF, 0x80, 0x01}) {
        byte[] damaged = good.clone();
        damaged[at] ^= (byte) bits;
        try {
          BsonRewriter.rewrite(damaged, tree, null);
        } catch (UnreadableEventException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(100);
    assertThatThrownBy(() -> BsonRewriter.rewrite(Arrays.copyOf(good, good.length - 1), tree, null))
        .isInstanceOf(UnreadableEventException.class);
  }
}
