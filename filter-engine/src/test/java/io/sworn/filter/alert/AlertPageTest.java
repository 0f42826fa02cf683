package io.sworn.filter.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.filter.AuditFilter;
import io.sworn.filter.sigma.SigmaImport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runs every example of docs/alerts.md. */
class AlertPageTest {

  private static List<String> blocks(String name) throws Exception {
    List<String> blocks = new ArrayList<>();
    String page = Files.readString(Path.of("..", "docs", "alerts.md"));
    String begin = "```" + name + "\n";
    for (int at = page.indexOf(begin); at >= 0; at = page.indexOf(begin, at + 1)) {
      int start = at + begin.length();
      blocks.add(page.substring(start, page.indexOf("```", start)));
    }
    assertThat(blocks).as(name).isNotEmpty();
    return blocks;
  }

  @Test
  void everyRuleOfThePageDoesWhatItsSamplesSay() throws Exception {
    List<String> types = new ArrayList<>();
    for (String block : blocks("rule")) {
      for (AlertRule rule : RuleReader.read(block)) {
        types.add(rule.detection().type());
        assertThat(rule.samples().fires()).as(rule.name()).isNotEmpty();
        assertThat(rule.samples().silent()).as(rule.name()).isNotEmpty();
        rule.samples()
            .fires()
            .forEach(s -> assertThat(RuleTrial.of(rule, s)).as(rule.name()).hasSize(1));
        rule.samples()
            .silent()
            .forEach(s -> assertThat(RuleTrial.of(rule, s)).as(rule.name()).isEmpty());
      }
    }
    assertThat(types)
        .contains(
            "event", "threshold", "distinct", "sequence", "first-seen", "absence", "off-hours");
  }

  @Test
  void whatThePageCallsRefusedIsRefused() throws Exception {
    for (String line : blocks("refused").get(0).lines().toList()) {
      assertThatThrownBy(() -> RuleReader.read(line))
          .as(line)
          .isInstanceOf(InvalidRuleException.class);
    }
  }

  @Test
  void sigmaAndTheFilterOfThePageAreTaken() throws Exception {
    SigmaImport.Result result = SigmaImport.read(Map.of("page", blocks("sigma").get(0)));
    assertThat(result.refused()).isEmpty();
    assertThat(result.rules())
        .singleElement()
        .satisfies(rule -> assertThat(rule.detection().type()).isEqualTo("threshold"));
    assertThat(AuditFilter.compile(blocks("filter").get(0)).warnings()).isEmpty();
  }
}
