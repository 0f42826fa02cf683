package io.sworn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeriodTest {

  private static final Instant NOW = Instant.parse("2026-03-01T10:11:12Z");

  @ParameterizedTest
  @CsvSource({
    "today, 2026-03-01T00:00:00Z, 2026-03-01T10:11:12Z",
    "yesterday, 2026-02-28T00:00:00Z, 2026-03-01T00:00:00Z",
    "2024-02-29, 2024-02-29T00:00:00Z, 2024-03-01T00:00:00Z",
    "2025-12, 2025-12-01T00:00:00Z, 2026-01-01T00:00:00Z",
    "2026-01-01..2026-01-31, 2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z",
    "2026-01-01T06:00:00Z..2026-01-02, 2026-01-01T06:00:00Z, 2026-01-03T00:00:00Z",
    "2026-01-01T06:00:00Z..2026-01-01T07:00:00Z, 2026-01-01T06:00:00Z, 2026-01-01T07:00:00Z",
  })
  void aPeriodIsWhatAPersonWrites(String text, Instant from, Instant to) {
    assertThat(Period.parse(text, NOW)).isEqualTo(new Period(from, to));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "tomorrow", "2026-02-30", "2026-13", "2026-03-01..", "..", "2026-03-01T06:00"})
  void whatIsNoPeriodIsSaidWithWhatIsExpected(String text) {
    assertThatThrownBy(() -> Period.parse(text, NOW))
        .isInstanceOfSatisfying(
            SwornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INPUT))
        .hasMessageContaining("period '" + text + "': expected today");
  }

  @Test
  void aPeriodThatEndsBeforeItBeginsIsRefused() {
    assertThatThrownBy(() -> Period.parse("2026-03-02..2026-03-01T00:00:00Z", NOW))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("the end must come after the start");
  }
}
