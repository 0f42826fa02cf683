package io.sworn.filter.alert;

import io.sworn.event.EventId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event that a rule selects, reduced to what the rule needs.
 *
 * @param rule {@link AlertRule#key()}
 * @param step which step, from 0
 * @param group values of the group's paths; null where the event has none
 * @param time event time, microseconds since 1970
 * @param id of the event
 * @param values what is compared by distinct-count and first-seen rules; else empty
 */
public record Hit(
    String rule,
    int step,
    List<@Nullable String> group,
    long time,
    EventId id,
    List<String> values) {

  /** Copies the lists. */
  public Hit {
    group = Collections.unmodifiableList(new ArrayList<>(group));
    values = List.copyOf(values);
  }
}
