package io.sworn.server.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoCommandTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "elastic:hunter2@localhost:9200",
        "https://elastic:hunter2@localhost:9200",
        "https://elastic:hunter2 @localhost:9200",
        "https://hunter2@localhost"
      })
  void credentialsInAnAddressAreRefusedAndNotRepeated(String address) {
    assertThatThrownBy(() -> DemoCommand.url(address))
        .isInstanceOf(SwornException.class)
        .hasNoCause()
        .hasMessageContaining("--elasticsearch")
        .hasMessageContaining(ElasticsearchEnd.USER)
        .hasMessageContaining(ElasticsearchEnd.PASSWORD)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void anAddressIsTakenAsItIs() {
    assertThat(DemoCommand.url("https://localhost:9200")).hasToString("https://localhost:9200");
  }
}
