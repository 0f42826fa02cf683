package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AccountHeaders;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.Client;
import io.sworn.event.ClientHeader;
import io.sworn.event.DeadLetters;
import io.sworn.event.EventKind;
import io.sworn.event.FilterAccount;
import io.sworn.event.MinuteAccount;
import io.sworn.event.RouteHeaders;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.event.TrailAccount;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterSet;
import io.sworn.filter.redact.Redaction;
import io.sworn.filter.redact.RedactionAction;
import io.sworn.filter.redact.RedactionRule;
import io.sworn.filter.redact.RouteRedactions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FilterTopologyTest {

  private final Topics topics = Topics.standard();
  private FilterSet filters = FilterSet.EMPTY;
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> events;

  @BeforeEach
  void start() {
    start(() -> filters);
  }

  private void start(FilterSource source) {
    Properties settings = new Properties();
    settings.put("application.id", "test");
    settings.put("bootstrap.servers", "unused:1");
    RouteRedactions redactions =
        RouteRedactions.of(
            Map.of(
                "file",
                Redaction.NONE,
                "inside",
                Redaction.NONE,
                "hidden",
                Redaction.of(
                    List.of(
                        new RedactionRule(
                            "param.clientMetadata.application", RedactionAction.MASK)),
                    null)));
    driver = new TopologyTestDriver(FilterTopology.build(topics, source, redactions), settings);
    events =
        driver.createInputTopic(
            topics.events(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void eventIsCopiedOnceToARouteAndNamesEveryFilter() {
    use(
        definition("all", 3, "{}", "siem", "file"),
        definition("logins", 1, "{\"atype\":\"authenticate\"}", "siem"));
    byte[] event = event("authenticate", 1);
    send(event);
    List<TestRecord<byte[], byte[]>> siem = read(topics.route("siem"));
    assertThat(siem).hasSize(1);
    assertThat(siem.get(0).value()).isEqualTo(event);
    assertThat(header(siem.get(0), RouteHeaders.FILTERS)).isEqualTo("all@3,logins@1");
    assertThat(read(topics.route("file"))).hasSize(1);
  }

  @Test
  void argumentsNeverEnterARouteThatIsNotConfiguredToSeeThem() {
    use(definition("all", 1, "{}", "inside", "siem"));
    byte[] original =
        AuditEventCodec.encode(
            AuditEvent.builder(SourcePosition.at("db/1", 1), EventKind.DATABASE, "authCheck")
                .param(
                    BsonBytes.of(
                        BsonDocument.parse(
                            "{\"args\": {\"find\": \"people\", \"filter\": {\"ssn\": \"912\"}}}")))
                .build());
    send(original);
    TestRecord<byte[], byte[]> copy = read(topics.route("siem")).get(0);
    assertThat(AuditEventCodec.decode(copy.value()).param().toDocument())
        .isEqualTo(
            BsonDocument.parse(
                "{\"args\": {\"find\": \"people\", \"filter\": {\"ssn\": \"***\"}}}"));
    assertThat(header(copy, RouteHeaders.REDACTED)).isEqualTo("param.args");
    TestRecord<byte[], byte[]> inside = read(topics.route("inside")).get(0);
    assertThat(inside.value()).isEqualTo(original);
    assertThat(inside.headers().lastHeader(RouteHeaders.REDACTED)).isNull();
  }

  @Test
  void recordThatNoTopicCouldTakeIsCutInTheDeadLettersAndHashed() {
    use(definition("all", 1, "{}", "siem"));
    send(new byte[Topics.EVENT_BYTES_MAX + 1]);
    send(event("authenticate", 1));
    TestRecord<byte[], byte[]> letter = read(topics.deadLetters()).get(0);
    assertThat(letter.value()).hasSize(1 << 20);
    assertThat(header(letter, DeadLetters.ORIGINAL_BYTES))
        .isEqualTo(Integer.toString(Topics.EVENT_BYTES_MAX + 1));
    assertThat(header(letter, DeadLetters.ORIGINAL_SHA256)).hasSize(64);
    assertThat(read(topics.route("siem"))).hasSize(1);
  }

  @Test
  void copyThatRedactionMakesTooLongGoesToTheDeadLettersWithItsReason() {
    use(definition("all", 1, "{}", "siem", "file"));
    BsonArray texts = new BsonArray();
    for (int i = 0; i < 1_400_000; i++) {
      texts.add(new BsonString("")); // grows from 0 to 3 characters
    }
    BsonDocument args = new BsonDocument("documents", texts);
    byte[] event =
        AuditEventCodec.encode(
            AuditEvent.builder(SourcePosition.at("db/1", 1), EventKind.DATABASE, "authCheck")
                .param(BsonBytes.of(new BsonDocument("args", args)))
                .build());
    assertThat(event.length)
        .isBetween(AuditEventCodec.FRAME_BYTES_MAX * 4 / 5, AuditEventCodec.FRAME_BYTES_MAX);
    send(event);
    send(event("authenticate", 2));
    TestRecord<byte[], byte[]> letter = read(topics.deadLetters()).get(0);
    assertThat(header(letter, DeadLetters.REASON)).contains("route 'siem'", "the copy has");
    assertThat(letter.value()).isEqualTo(event);
    assertThat(read(topics.route("siem"))).hasSize(1);
    assertThat(read(topics.route("file"))).hasSize(2);
  }

  @Test
  void withoutAFilterNothingGoesAnywhereButIsCounted() {
    send(event("authenticate", 1));
    TrailAccount account = account();
    assertThat(account.received()).isEqualTo(1);
    assertThat(account.notKept()).isEqualTo(1);
    assertThat(driver.producedTopicNames()).doesNotContain(topics.route("siem"));
  }

  @Test
  void duplicatesAreDroppedAndALateEventFillsItsGap() {
    use(definition("all", 1, "{}", "siem"));
    for (int sequence : new int[] {1, 2, 2, 5, 3, 3, 1}) {
      send(event("x", sequence));
    }
    TrailAccount account = account();
    assertThat(account.received()).isEqualTo(7);
    assertThat(account.duplicates()).isEqualTo(3);
    assertThat(account.gaps()).isEqualTo(1);
    assertThat(account.kept()).isEqualTo(4);
    assertThat(account.routes()).containsEntry("siem", 4L);
    assertThat(account.lastSequence()).isEqualTo(5);
    assertThat(read(topics.route("siem"))).hasSize(4);
  }

  @Test
  void garbageReachesTheDeadLettersWithReasonAndTheSameBytes() {
    byte[] garbage = "no event".getBytes(StandardCharsets.UTF_8);
    send(garbage);
    List<TestRecord<byte[], byte[]>> dead = read(topics.deadLetters());
    assertThat(dead).hasSize(1);
    assertThat(dead.get(0).value()).isEqualTo(garbage);
    assertThat(dead.get(0).key()).asString().isEqualTo("filter-engine");
    assertThat(header(dead.get(0), DeadLetters.REASON)).contains("does not begin with");
    assertThat(account().unreadable()).isEqualTo(1);
  }

  @Test
  void undecidableTravelsAndIsCounted() {
    use(definition("slow", 1, "{\"atype\":{\"$regex\":\"(a+)+$\"}}", "siem"));
    send(event("a".repeat(5_000) + "!", 1));
    List<TestRecord<byte[], byte[]>> siem = read(topics.route("siem"));
    assertThat(header(siem.get(0), RouteHeaders.UNDECIDABLE)).isEqualTo("true");
    assertThat(account().undecidable()).isEqualTo(1);
  }

  @Test
  void filterIsTakenUpWhileRunning() {
    send(event("a", 1));
    use(definition("all", 1, "{}", "siem"));
    send(event("a", 2));
    use(definition("all", 2, "{\"atype\":\"b\"}", "siem"));
    send(event("a", 3));
    send(event("b", 4));
    assertThat(read(topics.route("siem")))
        .extracting(r -> header(r, RouteHeaders.FILTERS))
        .containsExactly("all@1", "all@2");
  }

  @Test
  void nothingIsJudgedBeforeTheFiltersAreReadThatWereThereWhenThePartitionCame() {
    driver.close();
    FilterSet before = FilterSet.EMPTY;
    AtomicInteger asked = new AtomicInteger();
    FilterSet after =
        FilterSet.of(List.of(FilterSet.Active.of(definition("new", 1, "{}", "inside"))));
    start(
        new FilterSource() {
          @Override
          public FilterSet active() {
            return asked.get() < 5 ? before : after;
          }

          @Override
          public BooleanSupplier readUntilNow() {
            return () -> asked.incrementAndGet() >= 5;
          }
        });
    send(event("a", 1));
    assertThat(read(topics.route("inside"))).hasSize(1);
  }

  @Test
  void topicOfFiltersThatCannotBeReadStopsTheJudgingAndSaysWhy() {
    driver.close();
    start(
        new FilterSource() {
          @Override
          public FilterSet active() {
            return FilterSet.EMPTY;
          }

          @Override
          public BooleanSupplier readUntilNow() {
            return () -> false;
          }
        });
    assertThatThrownBy(() -> send(event("a", 1)))
        .hasRootCauseInstanceOf(SwornException.class)
        .rootCause()
        .hasMessageContaining("was not read to its end within PT4S");
  }

  @Test
  void eachVersionTellsFromWhichOffsetItJudgedAndHowOftenItMatched() {
    use(definition("logins", 1, "{\"atype\":\"authenticate\"}", "siem"));
    send(event("authenticate", 1)); // offset 0
    send(event("logout", 2));
    send(event("authenticate", 3));
    use(definition("logins", 2, "{\"atype\":\"logout\"}", "siem"));
    driver.advanceWallClockTime(Duration.ofSeconds(1)); // nothing comes: behind the last one
    send(event("logout", 4)); // offset 3
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    List<FilterAccount> told = filterAccounts();
    FilterAccount old =
        told.stream().filter(a -> a.version() == 1).reduce((a, b) -> b).orElseThrow();
    assertThat(old.from()).isZero();
    assertThat(old.until()).isEqualTo(3);
    assertThat(old.hits()).isEqualTo(2);
    FilterAccount current = told.get(told.size() - 1);
    assertThat(current.version()).isEqualTo(2);
    assertThat(current.from()).isEqualTo(3);
    assertThat(current.until()).isEqualTo(-1);
    assertThat(current.hits()).isEqualTo(1);
  }

  @Test
  void disabledVersionTellsFromWhereItKeepsNothing() {
    use(definition("all", 1, "{}", "siem"));
    send(event("a", 1));
    FilterDefinition off =
        new FilterDefinition(
            "all", 2, false, false, "{}", List.of("siem"), "ann", "test", Instant.EPOCH);
    use(off);
    send(event("a", 2));
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    List<FilterAccount> told = filterAccounts();
    FilterAccount last = told.get(told.size() - 1);
    assertThat(last.enabled()).isFalse();
    assertThat(last.from()).isEqualTo(1);
    assertThat(last.hits()).isZero();
    assertThat(read(topics.route("siem"))).hasSize(1);
  }

  @Test
  void shadowJudgesAndCountsButChangesNothingThatTravels() {
    FilterDefinition shadow =
        new FilterDefinition(
            "slow",
            1,
            true,
            true,
            "{\"atype\":{\"$regex\":\"(a+)+$\"}}",
            List.of("siem", "file"),
            "ann",
            "test",
            Instant.EPOCH);
    use(definition("long", 1, "{\"atype\":{\"$regex\":\"^aaa\"}}", "siem"), shadow);
    send(event("a".repeat(5_000) + "!", 1)); // the shadow cannot decide
    send(event("ba", 2)); // the shadow alone
    List<TestRecord<byte[], byte[]>> siem = read(topics.route("siem"));
    assertThat(siem).hasSize(1);
    assertThat(header(siem.get(0), RouteHeaders.FILTERS)).isEqualTo("long@1");
    assertThat(siem.get(0).headers().lastHeader(RouteHeaders.UNDECIDABLE)).isNull();
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    List<TestRecord<byte[], byte[]>> all = read(topics.accounts());
    TrailAccount account =
        all.stream()
            .filter(r -> r.headers().lastHeader(AccountHeaders.KIND) == null)
            .map(r -> SwornJson.read(r.value(), TrailAccount.class))
            .reduce((a, b) -> b)
            .orElseThrow();
    assertThat(account.kept()).isEqualTo(1);
    assertThat(account.notKept()).isEqualTo(1);
    assertThat(account.undecidable()).isZero();
    FilterAccount told =
        all.stream()
            .filter(r -> isOf(r, FilterAccount.KIND))
            .map(r -> SwornJson.read(r.value(), FilterAccount.class))
            .filter(a -> a.filter().equals("slow"))
            .reduce((a, b) -> b)
            .orElseThrow();
    assertThat(told.shadow()).isTrue();
    assertThat(told.hits()).isEqualTo(2);
    assertThat(told.undecidable()).isEqualTo(1);
    assertThat(driver.producedTopicNames()).doesNotContain(topics.route("file"));
  }

  @Test
  void eachMinuteOfATrailIsCountedAndTakenBackAfterSevenDays() {
    use(
        definition("all", 1, "{\"atype\":{\"$ne\":\"c\"}}", "siem"),
        definition("b", 1, "{\"atype\":\"b\"}", "file"));
    Instant minute = Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofHours(1));
    send(event("a", 1, minute.plusSeconds(1)));
    send(event("b", 5, minute.plusSeconds(59))); // 2 to 4 are missing
    send(event("c", 6, minute.plusSeconds(60)));
    send(event("c", 6, minute.plusSeconds(60)));
    send(event("b", 3, minute.plusSeconds(2))); // late, in the minute before
    send(event("a", 7, minute.minus(Duration.ofDays(30))));
    send(event("a", 8, minute.plus(Duration.ofDays(30)))); // a wrong clock: counts when it came
    send("no event".getBytes(StandardCharsets.UTF_8));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    Map<String, MinuteAccount> minutes = new TreeMap<>();
    List<TestRecord<byte[], byte[]>> all = read(topics.accounts());
    all.stream()
        .filter(r -> isOf(r, MinuteAccount.KIND))
        .forEach(
            r ->
                minutes.put(
                    new String(r.key(), StandardCharsets.UTF_8),
                    SwornJson.read(r.value(), MinuteAccount.class)));
    assertThat(minutes).hasSize(5);
    MinuteAccount first = minutes.get("db/1/" + minute);
    assertThat(first.received()).isEqualTo(3);
    assertThat(first.gaps()).isEqualTo(3);
    assertThat(first.filled()).isEqualTo(1);
    assertThat(first.kept()).isEqualTo(3);
    assertThat(first.routes()).isEqualTo(Map.of("siem", 3L, "file", 2L));
    MinuteAccount second = minutes.get("db/1/" + minute.plusSeconds(60));
    assertThat(second.received()).isEqualTo(2);
    assertThat(second.duplicates()).isEqualTo(1);
    assertThat(second.notKept()).isEqualTo(1);
    assertThat(minutes.get("db/1/before").received()).isEqualTo(1);
    MinuteAccount letters =
        minutes.values().stream().filter(m -> m.deadLetters() == 1).findFirst().orElseThrow();
    assertThat(letters.trail()).isEqualTo("(unreadable)/0");
    TrailAccount sum = lastAccount(all, "db/1");
    List<MinuteAccount> own =
        minutes.values().stream().filter(m -> m.trail().equals("db/1")).toList();
    assertThat(own.stream().mapToLong(MinuteAccount::received).sum()).isEqualTo(sum.received());
    assertThat(own.stream().mapToLong(m -> m.gaps() - m.filled()).sum()).isEqualTo(sum.gaps());

    driver.advanceWallClockTime(Duration.ofDays(8));
    assertThat(read(topics.accounts()).stream().filter(r -> isOf(r, MinuteAccount.KIND)))
        .extracting(r -> new String(r.key(), StandardCharsets.UTF_8) + " " + (r.value() == null))
        .contains("db/1/" + minute + " true", "db/1/" + minute.plusSeconds(60) + " true")
        .hasSize(4);
    assertThat(driver.<String, byte[]>getKeyValueStore(MinuteBook.STORE).all())
        .toIterable()
        .extracting(e -> e.key)
        .containsExactly("-1/db/1");
  }

  @Test
  void minuteThatATrailComesBackToIsToldWithAllItsEvents() {
    Instant minute = Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofHours(1));
    send(event("a", 1, minute));
    send(event("a", 2, minute.plusSeconds(60)));
    send(event("a", 3, minute.plusSeconds(1)));
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    MinuteAccount last =
        read(topics.accounts()).stream()
            .filter(r -> isOf(r, MinuteAccount.KIND))
            .map(r -> SwornJson.read(r.value(), MinuteAccount.class))
            .filter(a -> a.minute().equals(minute.toString()))
            .reduce((a, b) -> b)
            .orElseThrow();
    assertThat(last.received()).isEqualTo(2);
  }

  @Test
  void whatAConnectionToldOfItselfTravelsBesideItsLaterEvents() {
    use(definition("all", 1, "{\"atype\":{\"$ne\":\"clientMetadata\"}}", "inside", "hidden"));
    UUID one = UUID.fromString("0505d742-b6e0-4370-9021-e612fe9a68d0");
    UUID two = UUID.fromString("0b96ffa1-db42-4a51-a236-f1eee1a2908b");
    send(event("authCheck", 1, one, "{}")); // nothing told yet
    send(
        event(
            "clientMetadata",
            2,
            one,
            "{\"clientMetadata\": {\"driver\": {\"name\": \"mongo-java-driver\", \"version\": \"5.2.1\"},"
                + " \"application\": {\"name\": \"orders\"}}}")); // kept by no filter
    send(event("authCheck", 3, one, "{}"));
    send(event("authenticate", 4, one, "{\"mechanism\": \"SCRAM-SHA-256\"}"));
    byte[] original = event("authCheck", 5, one, "{}");
    send(original);
    send(event("authCheck", 6, two, "{}")); // another connection
    send(event("logout", 7, one, "{}"));
    send(event("authCheck", 8, one, "{}"));
    List<TestRecord<byte[], byte[]>> inside = read(topics.route("inside"));
    assertThat(inside)
        .extracting(FilterTopologyTest::client)
        .containsExactly(
            null,
            new Client("orders", "mongo-java-driver", "5.2.1", null),
            new Client("orders", "mongo-java-driver", "5.2.1", "SCRAM-SHA-256"),
            new Client("orders", "mongo-java-driver", "5.2.1", "SCRAM-SHA-256"),
            null,
            new Client("orders", "mongo-java-driver", "5.2.1", "SCRAM-SHA-256"),
            new Client("orders", "mongo-java-driver", "5.2.1", null));
    assertThat(inside.get(3).value()).isEqualTo(original);
    // What a route may not see in clientMetadata, it may not see beside other events.
    assertThat(client(read(topics.route("hidden")).get(2)))
        .isEqualTo(new Client("***", "mongo-java-driver", "5.2.1", "SCRAM-SHA-256"));
  }

  private static Client client(TestRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(RouteHeaders.CLIENT);
    return header == null ? null : ClientHeader.read(header.value()).orElseThrow();
  }

  private static byte[] event(String type, int sequence, UUID session, String param) {
    return AuditEventCodec.encode(
        AuditEvent.builder(SourcePosition.at("db/1", sequence), EventKind.MONGODB, type)
            .session(session)
            .param(BsonBytes.of(BsonDocument.parse(param)))
            .build());
  }

  private static TrailAccount lastAccount(List<TestRecord<byte[], byte[]>> all, String trail) {
    return all.stream()
        .filter(r -> r.headers().lastHeader(AccountHeaders.KIND) == null)
        .map(r -> SwornJson.read(r.value(), TrailAccount.class))
        .filter(a -> a.trail().equals(trail))
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  private static boolean isOf(TestRecord<byte[], byte[]> record, String kind) {
    return record.headers().lastHeader(AccountHeaders.KIND) != null
        && header(record, AccountHeaders.KIND).equals(kind);
  }

  private static byte[] event(String type, int sequence, Instant time) {
    return AuditEventCodec.encode(
        AuditEvent.builder(SourcePosition.at("db/1", sequence), EventKind.MONGODB, type)
            .time(time)
            .build());
  }

  private List<FilterAccount> filterAccounts() {
    return read(topics.accounts()).stream()
        .filter(r -> isOf(r, FilterAccount.KIND))
        .map(r -> SwornJson.read(r.value(), FilterAccount.class))
        .toList();
  }

  private void use(FilterDefinition... definitions) {
    filters = FilterSet.of(List.of(definitions).stream().map(FilterSet.Active::of).toList());
  }

  private static FilterDefinition definition(
      String name, int version, String filter, String... routes) {
    return new FilterDefinition(
        name, version, true, false, filter, List.of(routes), "ann", "test", Instant.EPOCH);
  }

  private static byte[] event(String type, int sequence) {
    return AuditEventCodec.encode(
        AuditEvent.builder(SourcePosition.at("db/1", sequence), EventKind.MONGODB, type).build());
  }

  private void send(byte[] value) {
    events.pipeInput("db/1".getBytes(StandardCharsets.UTF_8), value);
  }

  private TrailAccount account() {
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    List<TestRecord<byte[], byte[]>> all =
        read(topics.accounts()).stream()
            .filter(r -> r.headers().lastHeader(AccountHeaders.KIND) == null)
            .toList();
    return SwornJson.read(all.get(all.size() - 1).value(), TrailAccount.class);
  }

  private List<TestRecord<byte[], byte[]>> read(String topic) {
    TestOutputTopic<byte[], byte[]> out =
        driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    return out.readRecordsToList();
  }

  private static String header(TestRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
