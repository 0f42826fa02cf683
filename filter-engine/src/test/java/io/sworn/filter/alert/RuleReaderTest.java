package io.sworn.filter.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleReaderTest {

  private static final String RULE =
      """
      name: failed
      type: threshold
      select: {atype: authenticate, result: {$ne: 0}}
      group: [remote.ip, param.user]
      count: 5
      within: 5m
      """;

  @Test
  void defaultsAreSaidNowhereElse() {
    AlertRule rule = RuleReader.read(RULE).get(0);
    assertThat(rule.version()).isEqualTo(1);
    assertThat(rule.severity()).isEqualTo(Severity.MEDIUM);
    assertThat(rule.title()).isEqualTo("failed");
    assertThat(rule.suppress()).isEqualTo(Duration.ofMinutes(5));
    assertThat(rule.lateness()).isEqualTo(Duration.ofMinutes(10));
    assertThat(rule.groupsMax()).isEqualTo(10_000);
    assertThat(rule.detection()).isEqualTo(new Detection.Threshold(5, Duration.ofMinutes(5)));
  }

  @Test
  void jsonIsReadLikeYaml() {
    String json =
        """
        {"name": "failed", "type": "event", "select": {"atype": "authenticate"}}
        """;
    assertThat(RuleReader.read(json).get(0).detection()).isEqualTo(new Detection.Each());
  }

  @Test
  void stateBelongsToWhatDecidesNotToTheTitle() {
    String key = RuleReader.read(RULE).get(0).key();
    assertThat(RuleReader.read(RULE + "title: Better words\n").get(0).key()).isEqualTo(key);
    assertThat(RuleReader.read(RULE.replace("5m", "6m")).get(0).key()).isNotEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'count: 5' | 'count: 1' | count | 2 to 5000",
        "'count: 5' | 'count: many' | count | number",
        "'count: 5' | 'counts: 5' | count | missing",
        "'within: 5m' | 'within: 5 minutes' | within | such as 5m",
        "'within: 5m' | 'within: 0s' | within | from 1s to 400d",
        "'count: 5' | 'count: 5\ncolour: red' | colour | unknown",
        "'type: threshold' | 'type: magic' | type | off-hours",
        "'group: [remote.ip, param.user]' | 'group: [a..b]' | group | dotted path",
        "'result: {$ne: 0}' | 'result: {$no: 0}' | select.result.$no | operator",
        "'name: failed' | 'name: Failed!' | name | lower-case",
        "'name: failed' | 'name: failed\nname: twice' | '' | name",
        "'name: failed' | 'name: failed\nseverity: bad' | severity | critical",
        "'name: failed' | 'name: failed\ntags: [attack]' | tags | with a dot",
        "'name: failed' | 'name: failed\ntitle: 7' | title | text",
        "'name: failed' | 'name: failed\nversion: 0' | version | from 1",
        "'count: 5\nwithin: 5m' | 'count: 5000\nwithin: 1m' | within | lengthen the window",
        "'name: failed' | 'name: &a failed\ntitle: *a' | '' | alias",
      })
  void whatIsWrongIsRefusedWithItsPlace(String good, String bad, String path, String reason) {
    String text = RULE.replace(good.replace("\\n", "\n"), bad.replace("\\n", "\n"));
    assertThat(text).isNotEqualTo(RULE);
    assertThatThrownBy(() -> RuleReader.read(text))
        .asInstanceOf(type(InvalidRuleException.class))
        .satisfies(
            e -> {
              assertThat(e.path()).isEqualTo(path);
              assertThat(e.reason()).containsIgnoringCase(reason);
            });
  }

  @Test
  void otherTypesRefuseWhatCannotWork() {
    refuses("type: off-hours\nzone: Mars\nhours: 08:00-18:00", "zone");
    refuses("type: off-hours\nzone: UTC\nhours: 8-18", "hours");
    refuses("type: off-hours\nzone: UTC\nhours: 08:00-08:00", "hours");
    refuses("type: off-hours\nzone: UTC\nhours: 08:00-18:00\ndays: [monday]", "days");
    refuses("type: first-seen", "of");
    refuses("type: first-seen\nof: a\nsilent-for: 90d\nremember: 90d", "silent-for");
    refuses("type: first-seen\nof: a\nnetwork: {ipv4: 33}", "network.ipv4");
    refuses("type: absence\nevery: 1s", "every");
    refuses("type: sequence\nwithin: 1m\nsteps: [{select: {}}]", "steps");
  }

  private static void refuses(String text, String path) {
    assertThatThrownBy(() -> RuleReader.read("name: x\nselect: {atype: a}\n" + text))
        .asInstanceOf(type(InvalidRuleException.class))
        .extracting(InvalidRuleException::path)
        .isEqualTo(path);
  }

  @Test
  void aHugeOrDeepTextIsRefusedWithAMessage() {
    assertThatThrownBy(() -> RuleReader.read("name: " + "x".repeat(2 << 20)))
        .isInstanceOf(InvalidRuleException.class)
        .hasMessageContaining("split the file");
    assertThatThrownBy(() -> RuleReader.read("select: " + "[".repeat(10_000)))
        .isInstanceOf(InvalidRuleException.class);
    assertThatThrownBy(() -> RuleReader.read("")).hasMessageContaining("nothing is in it");
  }
}
