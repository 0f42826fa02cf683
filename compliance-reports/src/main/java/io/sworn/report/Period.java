package io.sworn.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

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
    return new Period(
        day.atStartOfDay(ZoneOffset.UTC).toInstant(),
        day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
  }
}
