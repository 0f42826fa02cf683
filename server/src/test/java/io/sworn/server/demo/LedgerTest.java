package io.sworn.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private static final Caused INSERT = Caused.check("insert", "app@admin", "mydb.patients", 0);
  private static final Caused GUESS = Caused.login("app@admin", 18);

  private final Ledger ledger = new Ledger();

  @Test
  void anEventThatTheArchiveLacksIsNamedWithHowOften() {
    ledger.due(INSERT);
    ledger.due(INSERT);
    ledger.due(GUESS);

    Ledger.Difference difference = ledger.compare(List.of(GUESS));

    assertThat(difference.missing())
        .containsExactly(
            "not in the archive, 2 times: authCheck insert mydb.patients by app@admin");
    assertThat(difference.missed()).isEqualTo(2);
    assertThat(difference.unexplained()).isEmpty();
  }

  @Test
  void anEventThatNoClientCausedIsNamed() {
    ledger.due(INSERT);

    Ledger.Difference difference = ledger.compare(List.of(INSERT, GUESS));

    assertThat(difference.missing()).isEmpty();
    assertThat(difference.unexplained())
        .containsExactly(
            "in the archive, but no client says so, once: authenticate app@admin, result 18");
  }

  @Test
  void anEventWithAnotherResultIsMissingAndUnexplained() {
    ledger.due(Caused.check("drop", "app@admin", "mydb.patients", 13));

    Ledger.Difference difference =
        ledger.compare(List.of(Caused.check("drop", "app@admin", "mydb.patients", 0)));

    assertThat(difference.missing()).hasSize(1);
    assertThat(difference.unexplained()).hasSize(1);
  }

  @Test
  void whatAClientWasCutOffFromMayBeThereOrNot() {
    ledger.possible(GUESS);

    assertThat(ledger.compare(List.of()).none()).isTrue();
    assertThat(ledger.compare(List.of(GUESS)).none()).isTrue();
    assertThat(ledger.compare(List.of(GUESS, GUESS)).none()).isFalse();
  }
}
