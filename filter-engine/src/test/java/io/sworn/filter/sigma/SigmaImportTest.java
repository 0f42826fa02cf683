package io.sworn.filter.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.mongo.ExtendedJson;
import io.sworn.filter.Decision;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.Detection;
import io.sworn.filter.alert.EventPath;
import io.sworn.filter.alert.RuleReader;
import io.sworn.filter.alert.RuleTrial;
import io.sworn.filter.alert.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigmaImportTest {

  private static final String HEAD =
      """
      title: Something happened
      id: 929a690e-bef0-4204-a928-ef5e620d6fcc
      status: test
      logsource: {product: mongodb, service: audit}
      level: high
      tags: [attack.t1110, Nonsense]
      detection:
      """;

  private static final BsonDocument EVENT =
      ExtendedJson.parse(
          """
          {"atype": "authCheck", "ts": {"$date": "2026-03-02T08:03:00.000+00:00"},
           "remote": {"ip": "10.31.7.9", "port": 51002}, "users": [{"user": "Ann", "db": "admin"}],
           "roles": [{"role": "readWrite", "db": "shop"}],
           "param": {"command": "find", "ns": "shop.order*s", "note": "say \\"hello\\" C:\\\\temp now",
             "code": "aGVsbG8gd29ybGQ=", "flags": "tool /all -x", "empty": "", "n": 42, "peer": "fe80::1:2"},
           "result": 13}
          """);

  private static SigmaImport.Result read(String text) {
    return SigmaImport.read(Map.of("test.yml", text));
  }

  private static boolean matches(String selection) {
    SigmaImport.Result result = read(HEAD + "  s: " + selection + "\n  condition: s\n");
    assertThat(result.refused()).isEmpty();
    return result.rules().get(0).steps().get(0).filter().judge(EVENT) == Decision.KEEP;
  }

  @Test
  void headIsTakenOver() {
    AlertRule rule = read(HEAD + "  s: {atype: authCheck}\n  condition: s\n").rules().get(0);
    assertThat(rule.name()).isEqualTo("something-happened-929a690e");
    assertThat(rule.title()).isEqualTo("Something happened");
    assertThat(rule.severity()).isEqualTo(Severity.HIGH);
    assertThat(rule.tags()).containsExactly("attack.t1110");
    assertThat(rule.detection()).isEqualTo(new Detection.Each());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{atype: authCheck}",
        "{atype: AUTHCHECK}",
        "{user: ann}",
        "{User|cased: Ann}",
        "{command: FIND, result: 13}",
        "{command: [insert, 'f?nd']}",
        "{Status: failure}",
        "{Status: '13'}",
        "{database: SHOP}",
        "{database: sh*}",
        "{collection|startswith: order}",
        "{collection: 'order\\*s'}",
        "{src_ip|cidr: 10.16.0.0/12}",
        "{src_ip|cidr: ['192.168.0.0/16', 10.31.7.8/31]}",
        "{src_ip|cidr: '::ffff:10.16.0.0/108'}",
        "{param.peer|cidr: 'fe80::/10'}",
        "{param.peer|cidr: ['2001:db8::/32', 'fe80::1:0/112']}",
        "{param.note|contains: hello}",
        "{param.note|contains|all: [HELLO, now]}",
        "{param.note|endswith: 'temp now'}",
        "{param.note: 'say*C:\\\\temp*'}",
        "{param.note|re: 'h.llo'}",
        "{param.note|re|i: 'H.LLO'}",
        "{param.code|base64offset|contains: 'lo wor'}",
        "{param.code|base64: 'hello world'}",
        "{param.flags|windash|contains: ' -all'}",
        "{param.n|gt: 41}",
        "{param.n|lte: 42}",
        "{param.n: 42}",
        "{param.n|neq: 41}",
        "{param.empty: ''}",
        "{param.missing: null}",
        "{param.missing|exists: false}",
        "{param.n|exists: true}",
        "[{command: insert}, {command: find}]",
      })
  void whatSigmaMatchesTheFilterMatches(String selection) {
    assertThat(matches(selection)).as(selection).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{atype: auth}",
        "{User|cased: ann}",
        "{command: [insert, 'fi?nd']}",
        "{Status: success}",
        "{database: sho}",
        "{collection: 'order?'}",
        "{collection: shop}",
        "{src_ip|cidr: 10.32.0.0/12}",
        "{src_ip|cidr: 10.31.7.10/31}",
        "{src_ip|cidr: 'fe80::/10'}",
        "{param.peer|cidr: '2001:db8::/32'}",
        "{param.peer|cidr: 0.0.0.0/0}",
        "{param.note|contains|all: [HELLO, never]}",
        "{param.note|startswith: hello}",
        "{param.note|re: 'H.LLO'}",
        "{param.code|base64offset|contains: 'lo wOr'}",
        "{param.n|gt: 42}",
        "{param.n|neq: 42}",
        "{param.n: null}",
        "{param.empty: null}",
        "{param.note: ''}",
        "{command: find, result: 0}",
      })
  void whatSigmaDoesNotMatchTheFilterDropsToo(String selection) {
    assertThat(matches(selection)).as(selection).isFalse();
  }

  /** Signed in, trying to, nobody at all, and nobody with a name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{user|exists: true}; yes, yes, no, no",
        "{user|exists: false}; no, no, yes, yes",
        "{user|exists|neq: false}; yes, yes, no, no",
        "{user: null}; no, no, yes, yes",
        "{user|neq: null}; yes, yes, no, no",
        "{user: ann}; yes, yes, no, no",
      })
  void nameOfTheUserIsSoughtWhereItStandsOrNowhere(String selection, String expected) {
    AlertRule rule = read(HEAD + "  s: " + selection + "\n  condition: s\n").rules().get(0);
    List<String> found =
        Stream.of(
                "{\"users\": [{\"user\": \"ann\", \"db\": \"admin\"}], \"param\": {}}",
                "{\"users\": [], \"param\": {\"user\": \"ann\", \"db\": \"admin\"}}",
                "{\"users\": [], \"param\": {}}",
                "{\"users\": [{\"db\": \"admin\"}], \"param\": {\"user\": \"eve\"}}")
            .map(ExtendedJson::parse)
            .map(event -> rule.steps().get(0).filter().judge(event))
            .map(decision -> decision == Decision.KEEP ? "yes" : "no")
            .toList();
    assertThat(String.join(", ", found)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "a and b, false",
    "a or b, true",
    "a and not b, true",
    "not a or not b, true",
    "not (a or b), false",
    "b or a and a, true",
    "1 of them, true",
    "all of them, false",
    "any of x*, true",
    "all of x_*, true",
    "2 of them, true",
    "4 of them, false",
    "A AND NOT b, refused",
    "a and, refused",
    "(a, refused",
    "a b, refused",
    "1 of y*, refused",
    "9 of them, refused",
    "a | count() > 5, refused",
  })
  void conditionsMeanWhatTheSpecificationSays(String condition, String expected) {
    String text =
        HEAD
            + """
              a: {command: find}
              b: {command: insert}
              x_1: {result: 13}
              x_2: {database: shop}
              _hidden: {command: insert}
            """
                .indent(0)
            + "  condition: '"
            + condition
            + "'\n";
    SigmaImport.Result result = read(text.replaceAll("(?m)^(a|b|x_1|x_2|_hidden):", "  $1:"));
    if (expected.equals("refused")) {
      assertThat(result.rules()).isEmpty();
      assertThat(result.refused()).hasSize(1);
      assertThat(result.refused().get(0).path()).isEqualTo("detection.condition");
    } else {
      assertThat(result.refused()).isEmpty();
      assertThat(result.rules().get(0).steps().get(0).filter().judge(EVENT))
          .isEqualTo(Decision.of(Boolean.parseBoolean(expected)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "s: [drop, dump] ; detection.s ; keywords",
        "s: {'|all': [drop, dump]} ; detection.s ; keywords",
        "s: {CommandLine: x} ; detection.s.CommandLine ; not in a MongoDB audit message",
        "s: {user|expand: '%admins%'} ; detection.s.user|expand ; placeholders",
        "s: {user|fieldref: param.user} ; detection.s.user|fieldref ; compared",
        "s: {ts|hour: 3} ; detection.s.ts|hour ; off-hours",
        "s: {user|sounds: x} ; detection.s.user|sounds ; unknown",
        "s: {user: [a, null]} ; detection.s.user ; null",
        "s: {user|all: a} ; detection.s.user|all ; list",
        "s: {user: {a: b}} ; detection.s.user ; value",
        "s: {src_ip|cidr: 'fe80::/129'} ; detection.s.src_ip|cidr ; 0 to 128 bits",
        "s: {src_ip|cidr: 10.0.0.1/8} ; detection.s.src_ip|cidr ; bits are set",
        "s: {src_ip|cidr: intranet} ; detection.s.src_ip|cidr ; no network",
        "s: {param.n|gt: many} ; detection.s.param.n|gt ; number",
        "s: {user|re: '(?<!a'} ; select ; ",
        "s: {result: denied} ; detection.s.result ; number",
        "timeframe: 5m ; detection.timeframe ; correlation",
        "s: {} ; detection.s ; mapping",
      })
  void whatCannotBeExpressedIsRefusedWithPlaceAndReason(String line, String path, String reason) {
    SigmaImport.Result result = read(HEAD + "  " + line + "\n  condition: s\n");
    assertThat(result.rules()).isEmpty();
    assertThat(result.refused()).hasSize(1);
    assertThat(result.refused().get(0).path()).startsWith(path);
    assertThat(result.refused().get(0).toString())
        .matches("(?s)test\\.yml:\\d+:\\d+: 'Something happened' at .*")
        .contains(reason == null ? "" : reason);
  }

  @Test
  void otherLogsourcesAndWithdrawnRulesAreRefused() {
    String body = "  s: {atype: authCheck}\n  condition: s\n";
    for (String source :
        List.of("{product: windows, service: security}", "{category: process_creation}", "{}")) {
      SigmaImport.Result result =
          read(HEAD.replace("{product: mongodb, service: audit}", source) + body);
      assertThat(result.refused()).hasSize(1);
      assertThat(result.refused().get(0).path()).isEqualTo("logsource");
    }
    assertThat(
            read(HEAD.replace("{product: mongodb, service: audit}", "{category: database}") + body)
                .rules())
        .hasSize(1);
    assertThat(read(HEAD.replace("status: test", "status: deprecated") + body).refused())
        .hasSize(1);
    assertThat(read("title: x\n").refused()).hasSize(1);
    assertThat(read("a: [").refused()).hasSize(1);
    assertThat(read("a: &x 1\nb: *x\n").refused().get(0).reason()).contains("alias");
  }

  private static final String LOGINS =
      """
      title: Failed
      name: failed
      logsource: {product: mongodb, service: audit}
      detection: {s: {atype: authenticate, result: 18}, condition: s}
      ---
      title: Succeeded
      name: succeeded
      logsource: {product: mongodb, service: audit}
      detection: {s: {atype: authenticate, result: 0}, condition: s}
      ---
      title: Together
      level: critical
      correlation:
        type: TYPE
        rules: [failed, succeeded]
        group-by: [user, src_ip]
        timespan: 10m
      """;

  private static String correlation(String type, String more) {
    return LOGINS.replace("TYPE", type) + more.indent(2);
  }

  @Test
  void eventCountBecomesAThresholdOverAllItsRules() {
    SigmaImport.Result result = read(correlation("event_count", "condition: {gt: 9}"));
    assertThat(result.refused()).isEmpty();
    AlertRule rule = result.rules().get(0);
    assertThat(result.rules()).hasSize(1);
    assertThat(rule.detection()).isEqualTo(new Detection.Threshold(10, Duration.ofMinutes(10)));
    assertThat(rule.severity()).isEqualTo(Severity.CRITICAL);
    assertThat(rule.steps().get(0).group())
        .extracting(EventPath::path)
        .containsExactly("$user", "remote.ip");
  }

  @Test
  void valueCountBecomesADistinctCount() {
    AlertRule rule =
        read(correlation("value_count", "condition: {field: user, gte: 5}")
                .replace("[user, src_ip]", "[src_ip]"))
            .rules()
            .get(0);
    assertThat(rule.detection())
        .isEqualTo(new Detection.Distinct(EventPath.of("$user"), 5, Duration.ofMinutes(10)));
  }

  @Test
  void temporalCorrelationsBecomeSequences() {
    assertThat(read(correlation("temporal", "")).rules().get(0).detection())
        .isEqualTo(new Detection.Sequence(false, Duration.ofMinutes(10)));
    SigmaImport.Result ordered = read(correlation("temporal_ordered", "generate: true"));
    assertThat(ordered.rules()).hasSize(3);
    AlertRule rule = ordered.rules().get(0);
    assertThat(rule.detection()).isEqualTo(new Detection.Sequence(true, Duration.ofMinutes(10)));
    RuleTrial trial = new RuleTrial(List.of(rule));
    assertThat(trial.add(login(0, 0), 1)).isEmpty();
    assertThat(trial.add(login(1, 18), 2)).isEmpty();
    assertThat(trial.add(login(2, 0), 3)).hasSize(1);
  }

  private static BsonDocument login(int second, int result) {
    return ExtendedJson.parse(
        "{\"atype\":\"authenticate\",\"ts\":{\"$date\":\"2026-03-02T08:03:0"
            + second
            + "Z\"},\"remote\":{\"ip\":\"10.0.0.1\"},\"users\":[],\"param\":{\"user\":\"ann\"},\"result\":"
            + result
            + "}");
  }

  @Test
  void aliasesGroupEachRuleByItsOwnField() {
    String aliases =
        """
        aliases:
          who: {failed: param.user, succeeded: user}
        """;
    AlertRule rule =
        read(correlation("temporal", aliases).replace("[user, src_ip]", "[who]")).rules().get(0);
    assertThat(rule.steps().get(0).group())
        .extracting(EventPath::path)
        .containsExactly("param.user");
    assertThat(rule.steps().get(1).group()).extracting(EventPath::path).containsExactly("$user");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event_count | 'condition: {lt: 3}' | correlation.condition.lt",
        "event_count | 'condition: {eq: 3}' | correlation.condition.eq",
        "event_count | '' | correlation.condition",
        "value_count | 'condition: {field: [user, command], gte: 3}' | correlation.condition.field",
        "value_count | 'condition: {gte: 3}' | correlation.condition.field",
        "value_sum | 'condition: {field: x, gte: 3}' | correlation.type",
        "near | '' | correlation.type",
        "event_count | 'condition: {gte: 3}\naliases: {a: {failed: user}}' | correlation.aliases",
        "temporal | 'window: 3' | correlation.window",
        "temporal | 'condition: {gte: 1}' | correlation.condition",
      })
  void correlationsThatWouldBeWeakenedAreRefused(String type, String more, String path) {
    SigmaImport.Result result = read(correlation(type, more.replace("\\n", "\n")));
    assertThat(result.refused()).extracting(SigmaImport.Refusal::path).containsExactly(path);
  }

  @Test
  void correlationOfARefusedRuleIsRefusedWithItsReason() {
    SigmaImport.Result result =
        read(correlation("temporal", "").replace("result: 18", "CommandLine: x"));
    assertThat(result.refused()).hasSize(2);
    assertThat(result.refused().get(1).reason()).contains("was refused").contains("CommandLine");
    assertThat(read(correlation("temporal", "").replace("[failed, ", "[absent, ")).refused())
        .singleElement()
        .satisfies(r -> assertThat(r.reason()).contains("'absent'"));
  }

  @Test
  void reasonIsTheTrueOneAndNamesARemedy() {
    assertThat(reasons(correlation("value_count", "condition: {field: [user, command], gte: 3}")))
        .contains("[\"user\",\"command\"]: the values of one field can be counted")
        .doesNotContain("missing");
    assertThat(reasons(correlation("temporal", "").replace("timespan: 10m", "timespan: 1M")))
        .contains("'1M'", "in days");
    String chained =
        correlation("event_count", "condition: {gte: 3}").replace("title: T", "name: c1\ntitle: T")
            + """
            ---
            title: Chain
            correlation: {type: temporal, rules: [c1, succeeded], group-by: [user], timespan: 5m}
            """;
    assertThat(reasons(chained))
        .isEqualTo(
            "'c1' is a correlation, and only rules with a detection"
                + " can be referred to: name those");
    assertThat(
            reasons(
                LOGINS.replace("TYPE", "near")
                    + """
            ---
            title: Everywhere
            logsource: {product: mongodb}
            filter: {rules: any, known: {user: ann}, condition: not known}
            """))
        .contains("'any'", "list the names or ids");
    assertThat(reasons("")).contains("nothing is in it");
    assertThat(reasons("# only a remark\n---\n")).contains("nothing is in it");
  }

  private static String reasons(String text) {
    return String.join(
        "\n", read(text).refused().stream().map(SigmaImport.Refusal::reason).toList());
  }

  /** Read alone, the second document would mean every result. */
  @Test
  void documentsThatShareMembersTheOldWayAreRefusedTogether() {
    SigmaImport.Result result =
        read(
            """
            action: global
            title: Shared
            logsource: {product: mongodb}
            detection: {failed: {result: 18}}
            ---
            title: Own
            logsource: {product: mongodb}
            detection: {s: {atype: authenticate}, condition: s}
            """);
    assertThat(result.rules()).isEmpty();
    assertThat(result.refused())
        .extracting(SigmaImport.Refusal::title)
        .containsExactly("Shared", "Own");
    assertThat(result.refused())
        .allSatisfy(
            refusal -> {
              assertThat(refusal.path()).isEqualTo("action");
              assertThat(refusal.reason()).contains("'action: global'", "into each document");
            });
  }

  @Test
  void weekIsSevenDaysAndAListOfOneFieldIsThatField() {
    AlertRule rule =
        read(correlation("value_count", "condition: {field: [user], gte: 5}")
                .replace("timespan: 10m", "timespan: 2w"))
            .rules()
            .get(0);
    assertThat(rule.detection())
        .isEqualTo(new Detection.Distinct(EventPath.of("$user"), 5, Duration.ofDays(14)));
  }

  @Test
  void filterDocumentNarrowsTheRulesThatItNames() {
    String filter =
        HEAD.replace("title:", "name: base\ntitle:")
            + """
              s: {command: find}
              condition: s
            ---
            title: Not Ann
            logsource: {product: mongodb}
            filter:
              rules: [base]
              known: {user: ann}
              condition: not known
            """;
    SigmaImport.Result result = read(filter);
    assertThat(result.refused()).isEmpty();
    assertThat(result.rules().get(0).steps().get(0).filter().judge(EVENT)).isEqualTo(Decision.DROP);
  }

  @Test
  void importedRulesAreRulesLikeAnyOther() {
    SigmaImport.Result result = read(correlation("temporal_ordered", "generate: true"));
    for (int i = 0; i < result.rules().size(); i++) {
      AlertRule again = RuleReader.read(result.documents().get(i).toString()).get(0);
      assertThat(again.key()).isEqualTo(result.rules().get(i).key());
    }
  }
}
