package io.sworn.filter.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the samples of every rule that comes with Sworn. */
class RulePackTest {

  static Stream<AlertRule> rules() {
    return RulePack.rules().stream();
  }

  @Test
  void packHoldsAtLeastThirtyRulesEachWithItsOwnName() {
    List<AlertRule> rules = RulePack.rules();
    assertThat(rules).hasSizeGreaterThanOrEqualTo(30);
    assertThat(rules).extracting(AlertRule::name).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyRuleFiresOnItsFiringSamplesAndIsSilentOnTheOthers(AlertRule rule) {
    assertThat(rule.samples().fires()).as("firing sample of %s", rule.name()).isNotEmpty();
    assertThat(rule.samples().silent()).as("silent sample of %s", rule.name()).isNotEmpty();
    for (Samples.Sample sample : rule.samples().fires()) {
      assertThat(RuleTrial.of(rule, sample)).as("%s fires once", rule.name()).hasSize(1);
    }
    for (Samples.Sample sample : rule.samples().silent()) {
      assertThat(RuleTrial.of(rule, sample)).as("%s is silent", rule.name()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyRuleSaysWhatItMeansAndNamesATechnique(AlertRule rule) {
    assertThat(rule.title()).isNotBlank().isNotEqualTo(rule.name());
    assertThat(rule.description()).isNotBlank();
    assertThat(rule.tags()).anyMatch(tag -> tag.startsWith("attack."));
    rule.steps().forEach(step -> assertThat(step.filter().warnings()).as(step.select()).isEmpty());
  }
}
