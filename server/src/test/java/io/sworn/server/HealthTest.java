package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HealthTest {

  @Test
  void aCurrentDefinitionThatIsRefusedIsTroubleAndAFormerVersionIsNot() {
    assertThat(
            Health.refused(
                "filter", Map.of("logins", "$foo is unknown", "logins@2", "$foo is unknown")))
        .singleElement()
        .asString()
        .startsWith("filter logins as stored is refused")
        .contains("$foo is unknown");
    assertThat(Health.refused("alert rule", Map.of("alert/brute", "x")))
        .singleElement()
        .asString()
        .startsWith("alert rule brute as stored is refused");
    assertThat(Health.refused("filter", Map.of())).isEmpty();
  }
}
