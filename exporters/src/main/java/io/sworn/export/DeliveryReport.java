package io.sworn.export;

import java.util.Collections;
import java.util.List;

/**
 * One outcome for each event of a batch, in its order.
 *
 * @param outcomes as many as the batch has events
 */
public record DeliveryReport(List<EventOutcome> outcomes) {

  /** Copies the outcomes. */
  public DeliveryReport {
    outcomes = List.copyOf(outcomes);
  }

  /** The same outcome for {@code count} events. */
  public static DeliveryReport all(int count, EventOutcome outcome) {
    return new DeliveryReport(Collections.nCopies(count, outcome));
  }

  /** How many events from the start are delivered or rejected. */
  public int settledPrefix() {
    int settled = 0;
    while (settled < outcomes.size() && !(outcomes.get(settled) instanceof EventOutcome.Deferred)) {
      settled++;
    }
    return settled;
  }
}
