package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.RouteHeaders;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterSet;
import io.sworn.filter.alert.RuleReader;
import io.sworn.filter.redact.Redaction;
import io.sworn.filter.redact.RedactionAction;
import io.sworn.filter.redact.RedactionRule;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.filter.redact.TokenKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events through both topologies: what a route may not see, it does not see in an alert either. */
class AlertOnRoutesTest {

  private static final String RULES =
      """
      {name: who, type: event, select: {atype: authCheck}, group: [users.user, remote.ip]}
      ---
      {name: actor, type: event, select: {atype: authCheck}, group: $user}
      ---
      {name: tried, type: event, select: {atype: authenticate}, group: $user}
      ---
      name: counted
      type: distinct
      select: {atype: authCheck}
      of: param.args.filter.ssn
      group: [param.args.comment, $collection]
      count: 2
      within: 1m
      ---
      name: new
      type: first-seen
      select: {atype: authCheck}
      of: [param.command, users.user]
      learn: 0s
      ---
      name: steps
      type: sequence
      group: param.user
      within: 1m
      steps:
        - {name: tried, select: {atype: authenticate}}
        - {name: done, select: {atype: authCheck}, group: users.user}
      """;

  private static final String SIGNED_IN =
      """
      {"atype": "authCheck", "ts": {"$date": "2026-03-02T10:00:0%d.000Z"},
       "remote": {"ip": "10.20.7.31", "port": 50412},
       "users": [{"user": "secret-ann", "db": "admin"}], "roles": [],
       "param": {"command": "find", "ns": "mydb.patients",
                 "args": {"find": "patients", "filter": {"ssn": "secret-%d"},
                          "comment": "secret-remark", "$db": "mydb"}},
       "result": 0}""";

  private static final String TRIED =
      """
      {"atype": "authenticate", "ts": {"$date": "2026-03-02T10:00:00.000Z"},
       "remote": {"ip": "10.20.7.31", "port": 50412}, "users": [], "roles": [],
       "param": {"user": "secret-ann", "db": "admin", "mechanism": "SCRAM-SHA-256"}, "result": 0}""";

  @TempDir Path directory;
  private final Topics topics = Topics.standard();

  private static RedactionRule rule(String path, RedactionAction action) {
    return new RedactionRule(path, action);
  }

  /** The alerts as a route gets them, by rule; of several the last. */
  private Map<String, TestRecord<byte[], byte[]>> onRoute(Redaction redaction) {
    RouteRedactions redactions =
        RouteRedactions.of(redaction == null ? Map.of() : Map.of("siem", redaction));
    FilterSet filters =
        FilterSet.of(
            List.of(
                FilterSet.Active.of(
                    new FilterDefinition(
                        "all",
                        1,
                        true,
                        false,
                        "{}",
                        List.of("siem"),
                        "ann",
                        "test",
                        Instant.EPOCH))));
    Properties settings = new Properties();
    settings.put("application.id", "test");
    settings.put("bootstrap.servers", "unused:1");
    Map<String, TestRecord<byte[], byte[]>> alerts = new LinkedHashMap<>();
    try (TopologyTestDriver engine =
            new TopologyTestDriver(
                AlertTopology.build(
                    topics, RuleSource.fixed(RuleReader.read(RULES)), 1, new AlertStatus()),
                settings);
        TopologyTestDriver filter =
            new TopologyTestDriver(
                FilterTopology.build(topics, () -> filters, redactions), settings)) {
      send(engine, "db/1", event(TRIED, 1));
      send(engine, "db/1", event(SIGNED_IN.formatted(1, 1), 2));
      send(engine, "db/1", event(SIGNED_IN.formatted(2, 2), 3));
      for (TestRecord<byte[], byte[]> alert : read(engine, topics.alerts())) {
        send(filter, AuditEventCodec.decode(alert.value()).trail(), alert.value());
      }
      for (TestRecord<byte[], byte[]> copy : read(filter, topics.route("siem"))) {
        alerts.put(param(copy).getString("rule").getValue(), copy);
      }
    }
    assertThat(alerts).containsOnlyKeys("who", "actor", "tried", "counted", "new", "steps");
    return alerts;
  }

  private static byte[] event(String message, int sequence) {
    return AuditEventCodec.encode(
        MongoAuditMessage.toEvent(
            ExtendedJson.parse(message),
            SourcePosition.at("db/1", sequence),
            EventKind.MONGODB,
            Instant.parse("2026-03-02T10:00:05Z")));
  }

  private void send(TopologyTestDriver driver, String trail, byte[] value) {
    driver
        .createInputTopic(topics.events(), new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(trail.getBytes(StandardCharsets.UTF_8), value);
  }

  private static List<TestRecord<byte[], byte[]>> read(TopologyTestDriver driver, String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private static BsonDocument param(TestRecord<byte[], byte[]> copy) {
    return AuditEventCodec.decode(copy.value()).param().toDocument();
  }

  private static String group(TestRecord<byte[], byte[]> copy, String member) {
    return param(copy).getDocument("group").getString(member).getValue();
  }

  private static String values(TestRecord<byte[], byte[]> copy) {
    return String.join(
        "|",
        param(copy).getArray("values").stream().map(one -> one.asString().getValue()).toList());
  }

  private static void assertHides(Map<String, TestRecord<byte[], byte[]>> alerts, String secret) {
    alerts.forEach(
        (name, copy) ->
            assertThat(new String(copy.value(), StandardCharsets.UTF_8))
                .as(name)
                .doesNotContain(secret));
  }

  @Test
  void routeThatMaySeeEverythingSeesWhereTheValuesComeFrom() {
    Map<String, TestRecord<byte[], byte[]>> alerts = onRoute(Redaction.NONE);
    assertThat(group(alerts.get("who"), "users_user")).isEqualTo("secret-ann");
    assertThat(values(alerts.get("counted"))).isEqualTo("secret-1|secret-2");
    assertThat(values(alerts.get("new"))).isEqualTo("find secret-ann");
    assertThat(param(alerts.get("steps")).getDocument("sources"))
        .isEqualTo(
            BsonDocument.parse(
                "{\"group\": {\"param_user\": [\"param.user\", \"users.user\"]}, \"values\": []}"));
    assertThat(param(alerts.get("tried")).getDocument("sources"))
        .isEqualTo(
            BsonDocument.parse(
                "{\"group\": {\"user\": [\"param.user\", \"users.user\"]}, \"values\": []}"));
    assertThat(param(alerts.get("counted")).getDocument("sources"))
        .isEqualTo(
            BsonDocument.parse(
                "{\"group\": {\"collection\": [\"param.ns\"], \"param_args_comment\":"
                    + " [\"param.args.comment\"]}, \"values\": [\"param.args.filter.ssn\"]}"));
    assertThat(alerts.get("who").headers().lastHeader(RouteHeaders.REDACTED)).isNull();
  }

  @Test
  void argumentsAreMaskedInAlertsUnlessConfiguredOtherwise() {
    Map<String, TestRecord<byte[], byte[]>> alerts = onRoute(null);
    TestRecord<byte[], byte[]> counted = alerts.get("counted");
    assertThat(values(counted)).isEqualTo("***|***");
    assertThat(group(counted, "param_args_comment")).isEqualTo("***");
    assertThat(group(counted, "collection")).isEqualTo("patients");
    assertThat(
            new String(
                counted.headers().lastHeader(RouteHeaders.REDACTED).value(),
                StandardCharsets.UTF_8))
        .isEqualTo("param.group.param_args_comment,param.values");
    assertThat(group(alerts.get("who"), "users_user")).isEqualTo("secret-ann");
    assertHides(alerts, "secret-remark");
    assertHides(alerts, "secret-1");
  }

  @Test
  void tokenInAnAlertIsTheTokenOfTheEvent() throws Exception {
    Path file = directory.resolve("token.keys");
    Files.writeString(file, "k1:" + "0a".repeat(32) + "\n");
    TokenKeys keys = TokenKeys.read(file);
    Map<String, TestRecord<byte[], byte[]>> alerts =
        onRoute(
            Redaction.of(
                List.of(
                    rule("users.user", RedactionAction.TOKEN),
                    rule("param.args", RedactionAction.MASK)),
                keys));
    String token = keys.tokensOf("secret-ann").get(0);
    assertThat(group(alerts.get("who"), "users_user")).isEqualTo(token);
    assertThat(group(alerts.get("who"), "remote_ip")).isEqualTo("10.20.7.31");
    assertThat(group(alerts.get("actor"), "user")).isEqualTo(token);
    assertThat(group(alerts.get("tried"), "user")).isEqualTo(token);
    assertThat(group(alerts.get("steps"), "param_user")).isEqualTo(token);
    assertThat(values(alerts.get("new"))).startsWith("tok_k1_");
    assertThat(param(alerts.get("who")).getString("rule").getValue()).isEqualTo("who");
    assertHides(alerts, "secret-");
  }

  @Test
  void whatIsDroppedIsNotInTheAlert() {
    Map<String, TestRecord<byte[], byte[]>> alerts =
        onRoute(
            Redaction.of(
                List.of(
                    rule("users", RedactionAction.DROP),
                    rule("param.*", RedactionAction.KEEP),
                    rule("param.args.*", RedactionAction.DROP)),
                null));
    assertThat(param(alerts.get("who")).getDocument("group").keySet()).containsExactly("remote_ip");
    assertThat(param(alerts.get("actor")).getDocument("group")).isEmpty();
    assertThat(param(alerts.get("counted"))).doesNotContainKey("values");
    assertHides(alerts, "secret-");
  }

  @Test
  void userThatTriesIsCoveredByTheRuleForParameters() {
    Map<String, TestRecord<byte[], byte[]>> alerts =
        onRoute(Redaction.of(List.of(rule("param.user", RedactionAction.TYPE)), null));
    assertThat(group(alerts.get("tried"), "user")).isEqualTo("<string>");
    assertThat(group(alerts.get("steps"), "param_user")).isEqualTo("<string>");
    assertThat(group(alerts.get("who"), "users_user")).isEqualTo("secret-ann");
    assertThat(AuditEventCodec.decode(alerts.get("tried").value()))
        .extracting(AuditEvent::type)
        .isEqualTo("alert");
  }
}
