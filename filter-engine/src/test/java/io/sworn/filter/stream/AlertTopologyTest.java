package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventId;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.filter.alert.RuleReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlertTopologyTest {

  private static final Instant BEGIN = Instant.parse("2026-03-02T10:00:00Z");
  private static final String RULES =
      """
      name: failed
      version: 3
      title: Failed
      severity: high
      type: threshold
      select: {atype: authenticate}
      group: param.user
      count: 3
      within: 1m
      ---
      name: silent
      type: absence
      select: {atype: heartbeat}
      every: 60s
      lateness: 0s
      """;

  private final Topics topics = Topics.standard();
  private final AlertStatus status = new AlertStatus();
  private final TopologyTestDriver driver = driver();
  private final TestInputTopic<byte[], byte[]> events =
      driver.createInputTopic(
          topics.events(), new ByteArraySerializer(), new ByteArraySerializer());

  private TopologyTestDriver driver() {
    Properties settings = new Properties();
    settings.put("application.id", "test");
    settings.put("bootstrap.servers", "unused:1");
    return new TopologyTestDriver(
        AlertTopology.build(topics, RuleSource.fixed(RuleReader.read(RULES)), 1, status),
        settings,
        BEGIN);
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void alertIsAppendedToTheEventsAndToTheAlertsWithIdsThatResolve() {
    for (int i = 1; i <= 3; i++) {
      send("db/1", i, "authenticate", "ann", i);
    }
    List<TestRecord<byte[], byte[]>> alerts = read(topics.alerts());
    assertThat(alerts).hasSize(1);
    assertThat(alerts.get(0).key()).asString().isEqualTo("failed");
    List<TestRecord<byte[], byte[]>> appended = read(topics.events());
    assertThat(appended).hasSize(1);
    assertThat(appended.get(0).value()).isEqualTo(alerts.get(0).value());
    AuditEvent event = AuditEventCodec.decode(appended.get(0).value());
    assertThat(appended.get(0).key()).asString().isEqualTo(event.trail());
    assertThat(event.trail()).startsWith("sworn/alerts-").endsWith("-0");
    assertThat(event.sequence()).isEqualTo(1);
    assertThat(event.kind()).isEqualTo(EventKind.SWORN);
    BsonDocument param = event.param().toDocument();
    assertThat(param.getString("first").getValue()).isEqualTo(EventId.of("db/1", 1).toString());
    assertThat(param.getString("last").getValue()).isEqualTo(EventId.of("db/1", 3).toString());
    assertThat(param.getInt32("version").getValue()).isEqualTo(3);
    assertThat(param.getDocument("group").getString("param_user").getValue()).isEqualTo("ann");
  }

  @Test
  void repeatedEventCountsOnce() {
    for (int sequence : new int[] {1, 2, 2, 1, 2}) {
      send("db/1", sequence, "authenticate", "ann", sequence);
    }
    assertThat(read(topics.alerts())).isEmpty();
    send("db/1", 3, "authenticate", "ann", 3);
    assertThat(read(topics.alerts())).hasSize(1);
  }

  @Test
  void eventsOfSeveralTrailsMakeOneAlert() {
    send("db/1", 1, "authenticate", "ann", 1);
    send("db/2", 1, "authenticate", "ann", 2);
    send("db/3", 1, "authenticate", "ann", 3);
    assertThat(read(topics.alerts())).hasSize(1);
  }

  @Test
  void eventFromTheFutureDoesNotMakeOthersLate() {
    send("db/1", 1, "authenticate", "ann", 1_000_000_000L);
    for (int i = 2; i <= 4; i++) {
      send("db/1", i, "authenticate", "ann", i);
    }
    assertThat(read(topics.alerts())).isNotEmpty();
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    assertThat(status.counts().get("failed").late()).isZero();
  }

  @Test
  void absenceIsToldByTheClockWhenNothingComes() {
    send("db/1", 1, "heartbeat", "x", 0);
    for (int second = 0; second < 50; second++) {
      driver.advanceWallClockTime(Duration.ofSeconds(1));
    }
    assertThat(read(topics.alerts())).isEmpty();
    for (int second = 0; second < 40; second++) {
      driver.advanceWallClockTime(Duration.ofSeconds(1));
    }
    List<TestRecord<byte[], byte[]>> alerts = read(topics.alerts());
    assertThat(alerts).hasSize(1);
    BsonDocument param = AuditEventCodec.decode(alerts.get(0).value()).param().toDocument();
    assertThat(param.getString("rule").getValue()).isEqualTo("silent");
    assertThat(param.getString("last").getValue()).isEqualTo(EventId.of("db/1", 1).toString());
  }

  @Test
  void whatCameTooLateIsToldAsAnEvent() {
    send("db/1", 1, "authenticate", "ann", 10_000);
    send("db/1", 2, "authenticate", "ann", 1);
    driver.advanceWallClockTime(Duration.ofMinutes(1));
    AuditEvent notice = AuditEventCodec.decode(read(topics.events()).get(0).value());
    assertThat(notice.type()).isEqualTo("alertNotice");
    assertThat(notice.param().toDocument().getInt64("late").getValue()).isEqualTo(1);
    driver.advanceWallClockTime(Duration.ofMinutes(5));
    assertThat(read(topics.events())).isEmpty();
  }

  @Test
  void garbageDoesNotStopIt() {
    events.pipeInput(null, "no event".getBytes(StandardCharsets.UTF_8));
    for (int i = 1; i <= 3; i++) {
      send("db/1", i, "authenticate", "ann", i);
    }
    assertThat(read(topics.alerts())).hasSize(1);
  }

  private void send(String trail, int sequence, String type, String user, long seconds) {
    AuditEvent event =
        AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.MONGODB, type)
            .time(BEGIN.plusSeconds(seconds))
            .observed(BEGIN.plusSeconds(seconds > 100_000 ? 0 : seconds))
            .param(BsonBytes.of(new BsonDocument("user", new BsonString(user))))
            .build();
    events.pipeInput(trail.getBytes(StandardCharsets.UTF_8), AuditEventCodec.encode(event));
  }

  private List<TestRecord<byte[], byte[]>> read(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }
}
