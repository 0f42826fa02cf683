package io.sworn.filter.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventId;
import io.sworn.event.SourcePosition;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.Decision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;

class AlertBookTest {

  private static final Instant BEGIN = Instant.parse("2026-03-02T10:00:00Z");
  private static final String THRESHOLD =
      """
      name: t
      type: threshold
      select: {atype: a}
      group: g
      count: 3
      within: 10s
      lateness: 20s
      suppress: 0s
      """;

  /** A book with a memory of its own that can be started anew from it. */
  private static final class Machine {
    final List<AlertRule> rules;
    final Map<String, byte[]> disk = new HashMap<>();
    AlertBook book;
    long number;

    Machine(String rule) {
      rules = RuleReader.read(rule);
      book = open();
    }

    AlertBook open() {
      AlertBook fresh =
          new AlertBook(
              rules,
              new AlertJournal() {
                @Override
                public void put(String key, byte[] value) {
                  disk.put(key, value);
                }

                @Override
                public void delete(String key) {
                  disk.remove(key);
                }
              });
      new HashMap<>(disk).forEach(fresh::restore);
      fresh.restored();
      return fresh;
    }

    List<Alert> at(double seconds, String group) {
      return at(seconds, "a", group, "");
    }

    List<Alert> at(double seconds, String type, String group, String value) {
      Instant time = BEGIN.plusMillis(Math.round(seconds * 1_000));
      BsonDocument message =
          new BsonDocument("atype", new BsonString(type))
              .append("ts", new BsonDateTime(time.toEpochMilli()))
              .append("g", new BsonString(group))
              .append("v", new BsonString(value))
              .append("result", new BsonInt32(0));
      List<Alert> alerts = new ArrayList<>();
      EventId id = EventId.of("t", ++number);
      for (Hit hit : new AlertMatcher(rules).match(message, id, time)) {
        alerts.addAll(book.accept(hit));
      }
      return alerts;
    }

    RuleCounts counts() {
      return book.counts().values().iterator().next();
    }
  }

  @Test
  void windowSlidesAndItsEndsBelongToIt() {
    Machine machine = new Machine(THRESHOLD);
    assertThat(machine.at(0, "x")).isEmpty();
    assertThat(machine.at(9, "x")).isEmpty();
    assertThat(machine.at(10.001, "x")).isEmpty();
    Alert alert = machine.at(19, "x").get(0);
    assertThat(alert.count()).isEqualTo(3);
    assertThat(alert.from()).isEqualTo(BEGIN.plusSeconds(9));
    assertThat(alert.to()).isEqualTo(BEGIN.plusSeconds(19));
    assertThat(alert.first()).isEqualTo(EventId.of("t", 2));
    assertThat(alert.last()).isEqualTo(EventId.of("t", 4));
    assertThat(alert.samples()).hasSize(3);
    assertThat(alert.group()).containsEntry("g", "x");
  }

  @Test
  void lateEventStandsWhereItBelongsAndATooLateOneIsCounted() {
    Machine machine = new Machine(THRESHOLD);
    machine.at(0, "x");
    machine.at(9, "x");
    machine.at(20, "x");
    assertThat(machine.at(5, "x")).hasSize(1);
    assertThat(machine.counts().late()).isZero();
    machine.at(60, "x");
    assertThat(machine.at(39, "x")).isEmpty();
    assertThat(machine.counts().late()).isEqualTo(1);
    assertThat(machine.book.notices())
        .singleElement()
        .satisfies(notice -> assertThat(notice.late()).isEqualTo(1));
    assertThat(machine.book.notices()).isEmpty();
  }

  @Test
  void groupIsSilentAfterAnAlertAndTheNextOneTellsHowMuchWasHeldBack() {
    Machine machine = new Machine(THRESHOLD.replace("suppress: 0s", "suppress: 1m"));
    for (int i = 0; i < 3; i++) {
      machine.at(i, "x");
    }
    for (int i = 3; i < 50; i++) {
      assertThat(machine.at(i, "x")).isEmpty();
    }
    machine.at(100, "x");
    machine.book = machine.open();
    machine.at(101, "x");
    assertThat(machine.at(102, "x").get(0).suppressed()).isEqualTo(47);
    assertThat(machine.counts().suppressed()).isEqualTo(47);
    assertThat(machine.counts().alerts()).isEqualTo(2);
  }

  @Test
  void groupsAreBoundedAndWhatIsGivenUpIsCounted() {
    Machine machine = new Machine(THRESHOLD + "groups-max: 100\n");
    for (int i = 0; i < 1_000; i++) {
      machine.at(i / 1_000.0, "g" + i);
    }
    assertThat(machine.book.groups()).isEqualTo(100);
    assertThat(machine.counts().evicted()).isEqualTo(900);
    assertThat(machine.disk).hasSizeLessThan(210);
    assertThat(machine.book.notices()).hasSize(1);
  }

  @Test
  void eventsOfAllGroupsTogetherAreBounded() {
    Machine machine =
        new Machine(THRESHOLD.replace("within: 10s", "within: 1h") + "groups-max: 100000\n");
    for (int i = 0; i < RuleState.ENTRIES_MAX + 500; i++) {
      machine.at(0, "g" + i);
    }
    assertThat(machine.book.groups()).isEqualTo(RuleState.ENTRIES_MAX);
    assertThat(machine.counts().evicted()).isEqualTo(500);
  }

  @Test
  void groupsThatAreOverLeaveNothingBehind() {
    Machine machine = new Machine(THRESHOLD);
    machine.at(0, "x");
    machine.at(1, "y");
    machine.book.advance(BEGIN.plusSeconds(30));
    assertThat(machine.book.groups()).isEqualTo(2);
    machine.book.advance(BEGIN.plusSeconds(32));
    assertThat(machine.book.groups()).isZero();
    assertThat(machine.disk).isEmpty();
  }

  @Test
  void sequenceNeedsTheOrderAndForgetsNoEarlyStepUnderAFlood() {
    Machine machine =
        new Machine(
            """
            name: s
            type: sequence
            group: g
            within: 1h
            steps:
              - {select: {atype: a}, count: 2}
              - {select: {atype: b}}
              - {select: {atype: c}}
            """);
    machine.at(0, "b", "x", "");
    machine.at(1, "a", "x", "");
    machine.at(2, "a", "x", "");
    assertThat(machine.at(3, "c", "x", "")).isEmpty();
    machine.at(4, "b", "x", "");
    for (int i = 0; i < 1_000; i++) {
      machine.at(5 + i, "a", "x", "");
    }
    machine.book = machine.open();
    Alert alert = machine.at(2_000, "c", "x", "").get(0);
    assertThat(alert.count()).isEqualTo(4);
    assertThat(alert.first()).isEqualTo(EventId.of("t", 2));
    assertThat(machine.counts().evicted()).isZero();
  }

  @Test
  void absenceIsToldOnceAndAgainAfterAReturn() {
    Machine machine =
        new Machine(
            """
            name: h
            type: absence
            select: {atype: a}
            group: g
            every: 60s
            lateness: 10s
            """);
    machine.at(0, "x");
    assertThat(machine.book.advance(BEGIN.plusSeconds(70))).isEmpty();
    Alert alert = machine.book.advance(BEGIN.plusSeconds(71)).get(0);
    assertThat(alert.from()).isEqualTo(BEGIN);
    assertThat(alert.to()).isEqualTo(BEGIN.plusSeconds(60));
    assertThat(alert.last()).isEqualTo(EventId.of("t", 1));
    assertThat(machine.book.advance(BEGIN.plusSeconds(500))).isEmpty();
    machine.book = machine.open();
    assertThat(machine.book.advance(BEGIN.plusSeconds(600))).isEmpty();
    machine.at(700, "x");
    assertThat(machine.book.advance(BEGIN.plusSeconds(800))).hasSize(1);
  }

  @Test
  void valueIsNewOnceAndLearnedSilentlyAtTheBeginning() {
    Machine machine =
        new Machine(
            """
            name: f
            type: first-seen
            select: {atype: a}
            of: v
            group: g
            learn: 10s
            remember: 1h
            """);
    assertThat(machine.at(0, "a", "x", "one")).isEmpty();
    assertThat(machine.at(5, "a", "x", "two")).isEmpty();
    machine.book = machine.open();
    assertThat(machine.at(11, "a", "x", "three").get(0).values()).containsExactly("three");
    assertThat(machine.at(12, "a", "x", "three")).isEmpty();
    assertThat(machine.at(13, "a", "x", "one")).isEmpty();
    assertThat(machine.at(4_000, "a", "x", "two")).hasSize(1);
  }

  @Test
  void changedRuleStartsEmptyAndTheOldStateIsRemoved() {
    Machine machine = new Machine(THRESHOLD);
    machine.at(0, "x");
    assertThat(machine.disk).isNotEmpty();
    Machine other = new Machine(THRESHOLD.replace("count: 3", "count: 4"));
    other.disk.putAll(machine.disk);
    other.book = other.open();
    assertThat(other.book.groups()).isZero();
    assertThat(other.disk).isEmpty();
  }

  @Test
  void alertIsAnEventThatTravelsAndThatFiltersJudge() {
    Machine machine = new Machine(THRESHOLD + "severity: high\ntags: [attack.t1110]\n");
    machine.at(0, "x");
    machine.at(1, "x");
    AuditEvent event =
        machine.at(2, "x").get(0).toEvent(SourcePosition.at("sworn/alerts", 1), BEGIN);
    AuditEvent read = AuditEventCodec.decode(AuditEventCodec.encode(event));
    assertThat(read).isEqualTo(event);
    assertThat(
            AuditFilter.compile(
                    "{\"atype\":\"alert\",\"param.severity\":\"high\",\"param.rule\":\"t\",\"param.group.g\":\"x\","
                        + "\"param.tags\":\"attack.t1110\",\"param.count\":3}")
                .judge(read))
        .isEqualTo(Decision.KEEP);
    assertThat(
            new AlertMatcher(RuleReader.read("name: n\ntype: event\nselect: {}\n"))
                .match(MongoAuditMessage.toMessage(read), read.id(), read.time()))
        .isEmpty();
  }

  @Test
  void alertThatComesLateDoesNotEndTheSilenceOfALaterOne() {
    Machine machine =
        new Machine("{name: e, type: event, select: {atype: a}, group: g, suppress: 10m}");
    assertThat(machine.at(3_600, "x")).hasSize(1);
    assertThat(machine.at(1_800, "x")).hasSize(1);
    assertThat(machine.at(3_900, "x")).isEmpty();
    machine.book = machine.open();
    assertThat(machine.at(1_900, "x")).isEmpty();
    assertThat(machine.at(3_901, "x")).isEmpty();
    assertThat(machine.at(4_200, "x")).hasSize(1);
  }

  @Test
  void alertLeavesWhatLiesBeforeItsSilenceToEventsThatComeLate() {
    Machine machine =
        new Machine(THRESHOLD.replace("suppress: 0s", "suppress: 10s").replace("20s", "1h"));
    machine.at(0, "x");
    machine.at(1, "x");
    machine.at(100, "x");
    machine.at(101, "x");
    assertThat(machine.at(102, "x")).hasSize(1);
    assertThat(machine.at(2, "x")).hasSize(1);
  }

  @Test
  void absenceIsHeldBackAsLongAsTheRuleSays() {
    Machine machine =
        new Machine(
            "{name: b, type: absence, select: {atype: a}, group: g, every: 1m, lateness: 0s,"
                + " suppress: 1h}");
    machine.at(0, "x");
    assertThat(machine.book.advance(BEGIN.plusSeconds(61))).hasSize(1);
    machine.at(100, "x");
    assertThat(machine.book.advance(BEGIN.plusSeconds(200))).isEmpty();
    machine.at(4_000, "x");
    Alert alert = machine.book.advance(BEGIN.plusSeconds(4_061)).get(0);
    assertThat(alert.suppressed()).isEqualTo(1);
  }

  @Test
  void eventThatCouldBeEitherStepIsTheOneThatCompletes() {
    Machine machine =
        new Machine(
            """
            name: s
            type: sequence
            group: g
            within: 10s
            steps: [{select: {}}, {select: {atype: b}}]
            """);
    assertThat(machine.at(0, "b", "x", "")).isEmpty();
    assertThat(machine.at(1, "b", "x", "")).hasSize(1);
  }

  @Test
  void twoValuesTogetherAreNotMistakenForOthers() {
    Machine machine = new Machine("{name: f, type: first-seen, select: {}, of: [g, v], learn: 0s}");
    assertThat(machine.at(0, "a", "ann b", "c")).hasSize(1);
    assertThat(machine.at(1, "a", "ann", "b c")).hasSize(1);
    assertThat(machine.at(2, "a", "ann", "b c")).isEmpty();
  }

  /** Against a reading of the definition that looks at every stretch of events anew. */
  @Property(tries = 500)
  void thresholdFiresExactlyWhenSomeWindowHoldsEnough(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 60) Integer> steps,
      @ForAll @IntRange(min = 0, max = 40) int restartAt) {
    Machine machine = new Machine(THRESHOLD.replace("lateness: 20s", "lateness: 1d"));
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      if (i == restartAt) {
        machine.book = machine.open();
      }
      int time = steps.get(i);
      open.add(time);
      open.sort(null);
      boolean expected = false;
      for (int first = 0; first + 2 < open.size(); first++) {
        expected |= open.get(first + 2) - open.get(first) <= 10;
      }
      assertThat(machine.at(time, "x")).hasSize(expected ? 1 : 0);
      if (expected) {
        open.clear();
      }
    }
  }

  /** Events in order, so that nothing is thinned that matters. */
  @Property(tries = 500)
  void distinctFiresExactlyWhenSomeWindowHoldsEnoughValues(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 3) Integer> gaps,
      @ForAll @Size(min = 60, max = 60) List<@IntRange(min = 0, max = 4) Integer> values,
      @ForAll @IntRange(min = 0, max = 60) int restartAt) {
    Machine machine = new Machine(THRESHOLD.replace("type: threshold", "type: distinct\nof: v"));
    List<int[]> open = new ArrayList<>();
    int time = 0;
    for (int i = 0; i < gaps.size(); i++) {
      if (i == restartAt) {
        machine.book = machine.open();
      }
      time += gaps.get(i);
      int now = time;
      open.add(new int[] {time, values.get(i)});
      boolean expected =
          open.stream().filter(e -> now - e[0] <= 10).mapToInt(e -> e[1]).distinct().count() >= 3;
      assertThat(machine.at(time, "a", "x", "v" + values.get(i))).hasSize(expected ? 1 : 0);
      if (expected) {
        open.clear();
      }
    }
  }

  @Property(tries = 500)
  void orderedSequenceFiresExactlyWhenTheStepsStandInOrder(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 3) Integer> gaps,
      @ForAll @Size(min = 40, max = 40) List<@IntRange(min = 0, max = 2) Integer> types,
      @ForAll @IntRange(min = 0, max = 40) int restartAt) {
    Machine machine =
        new Machine(
            """
            name: s
            type: sequence
            group: g
            within: 10s
            suppress: 0s
            steps: [{select: {atype: a}}, {select: {atype: b}}, {select: {atype: c}}]
            """);
    List<int[]> open = new ArrayList<>();
    int time = 0;
    for (int i = 0; i < gaps.size(); i++) {
      if (i == restartAt) {
        machine.book = machine.open();
      }
      time += gaps.get(i);
      open.add(new int[] {time, types.get(i)});
      boolean expected = false;
      for (int a = 0; a < open.size(); a++) {
        for (int b = a + 1; b < open.size(); b++) {
          for (int c = b + 1; c < open.size(); c++) {
            expected |=
                open.get(a)[1] == 0
                    && open.get(b)[1] == 1
                    && open.get(c)[1] == 2
                    && open.get(c)[0] - open.get(a)[0] <= 10;
          }
        }
      }
      assertThat(machine.at(time, "abc".substring(types.get(i), types.get(i) + 1), "x", ""))
          .hasSize(expected ? 1 : 0);
      if (expected) {
        open.clear();
      }
    }
  }
}
