package io.sworn.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A span of event time in UTC.
 *
 * @param from first instant inside
 * @param to first instant after
 */
public record Period(@JsonProperty("from") Instant from, @JsonProperty("to") Instant to) {

  /** Checks the order. */
  public Period {
    if (!from.isBefore(to)) {
      throw new SwornException(
          ErrorCode.INPUT, "period " + from + " to " + to + ": the end must come after the start");
    }
  }

  /** One day in UTC. */
  public static Period day(LocalDate day) {
    return new Period(start(day), start(day.plusDays(1)));
  }

  /** One month in UTC. */
  public static Period month(YearMonth month) {
    return new Period(start(month.atDay(1)), start(month.plusMonths(1).atDay(1)));
  }

  /**
   * What a person writes: {@code today} (up to {@code now}), {@code yesterday}, a day {@code
   * 2026-03-01}, a month {@code 2026-03}, or {@code FROM..TO}, where a day is inside as a whole and
   * an instant such as {@code 2026-03-01T06:00:00Z} is the exact bound. All in UTC.
   *
   * @throws SwornException with {@link ErrorCode#INPUT}, the text and what is expected
   */
  public static Period parse(String text, Instant now) {
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    try {
      int dots = text.indexOf("..");
      if (dots >= 0) {
        return new Period(bound(text.substring(0, dots), 0), bound(text.substring(dots + 2), 1));
      }
      return switch (text) {
        case "today" -> new Period(start(today), now.truncatedTo(ChronoUnit.MILLIS));
        case "yesterday" -> day(today.minusDays(1));
        default -> text.length() == 7 ? month(YearMonth.parse(text)) : day(LocalDate.parse(text));
      };
    } catch (DateTimeException e) {
      throw new SwornException(
          ErrorCode.INPUT,
          "period '"
              + text
              + "': expected today, yesterday, a day (2026-03-01), a month (2026-03), or FROM..TO"
              + " of days or instants (2026-03-01T06:00:00Z..2026-03-01T18:00:00Z), in UTC",
          e);
    }
  }

  private static Instant bound(String text, int days) {
    return text.indexOf('T') >= 0
        ? Instant.parse(text)
        : start(LocalDate.parse(text).plusDays(days));
  }

  private static Instant start(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
