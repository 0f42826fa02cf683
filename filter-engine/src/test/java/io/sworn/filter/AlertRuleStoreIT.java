package io.sworn.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.InvalidRuleException;
import io.sworn.filter.alert.RuleReader;
import io.sworn.testing.KafkaBroker;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertRuleStoreIT {

  private static final String RULE = "{name: drop, version: 2, type: event, select: {atype: %s}}";

  @TempDir Path directory;

  @Test
  void changedRuleKeepsWhatItWasAsItsFirstVersionAndLeavesTheFiltersAlone() throws Exception {
    Topics topics = Topics.standard();
    List<AlertRule> initial = List.of(rule("dropDatabase"));
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      broker.createTopic(topics.filters(), 1);
      try (AlertRuleStore store = AlertRuleStore.connect(broker.client(), topics, initial);
          FilterStore filters = FilterStore.connect(broker.client(), topics)) {
        filters.put("drop", "{}", List.of("siem"), "ann", "same name, other kind");
        assertThat(store.versions("drop"))
            .extracting(AlertDefinition::label)
            .containsExactly("drop@2");
        store.disable("drop", "ann", "holiday");
        store.put(rule("dropCollection"), "ben", "narrower");
        store.rollback("drop", 2, "ben", "it was right");
        assertThat(store.versions("drop"))
            .extracting(d -> d.label() + " " + d.enabled() + " " + d.author())
            .containsExactly(
                "drop@2 true sworn", "drop@3 false ann", "drop@4 true ben", "drop@5 true ben");
        AlertRule current = store.list().get(0).compiled();
        assertThat(current.version()).isEqualTo(5);
        assertThat(current.key()).isEqualTo(initial.get(0).key());
        assertThat(filters.list()).extracting(FilterDefinition::label).containsExactly("drop@1");
      }
      try (AlertRuleStore again = AlertRuleStore.connect(broker.client(), topics, List.of())) {
        assertThat(again.list()).extracting(AlertDefinition::label).containsExactly("drop@5");
      }
    }
  }

  @Test
  void ruleWhoseOwnSamplesAreWrongIsRefused() throws Exception {
    Topics topics = Topics.standard();
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      broker.createTopic(topics.filters(), 1);
      try (AlertRuleStore store = AlertRuleStore.connect(broker.client(), topics, List.of())) {
        AlertRule wrong =
            RuleReader.read(
                    "{name: a, type: event, select: {atype: x}, samples: {fires: [[{atype: y}]]}}")
                .get(0);
        assertThatThrownBy(() -> store.put(wrong, "ann", "x"))
            .isInstanceOf(InvalidRuleException.class)
            .hasMessageContaining("fires[0]: 0 alerts");
        assertThatThrownBy(() -> store.disable("nothing", "ann", "x"))
            .isInstanceOf(SwornException.class)
            .hasMessageContaining("no alert rule 'nothing'");
        assertThatThrownBy(() -> store.rollback("nothing", 1, "ann", "x"))
            .isInstanceOf(SwornException.class);
        assertThat(store.list()).isEmpty();
      }
    }
  }

  private static AlertRule rule(String type) {
    return RuleReader.read(RULE.formatted(type)).get(0);
  }
}
