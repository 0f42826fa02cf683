package io.sworn.export;

import io.sworn.event.AuditEvent;
import java.util.List;

/**
 * An event on its way to a destination.
 *
 * @param event the event
 * @param filters filters that kept it, {@code name@version}
 * @param redacted paths whose values were redacted on the way
 */
public record RoutedEvent(AuditEvent event, List<String> filters, List<String> redacted) {

  /** Copies the lists. */
  public RoutedEvent {
    filters = List.copyOf(filters);
    redacted = List.copyOf(redacted);
  }

  /** An event that no filter is named for. */
  public static RoutedEvent of(AuditEvent event) {
    return new RoutedEvent(event, List.of(), List.of());
  }
}
