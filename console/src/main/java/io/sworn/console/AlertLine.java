package io.sworn.console;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One line in the list of alerts.
 *
 * @param rule which rule, and its version: {@code name@version}
 * @param title of the rule
 * @param severity informational, low, medium, high or critical
 * @param group path and value of what the events have in common; null where they have none
 * @param at event time of the last event
 * @param count events that made it
 */
public record AlertLine(
    String rule,
    String title,
    String severity,
    Map<String, @Nullable String> group,
    Instant at,
    long count) {

  /** Copies the group, sorted. */
  public AlertLine {
    group = Collections.unmodifiableMap(new TreeMap<>(group));
  }
}
