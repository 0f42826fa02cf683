package io.sworn.export;

import java.util.List;

/**
 * A destination. One thread at a time. It may see an event twice, after a restart or when it
 * deferred it, and answers for each event, in order.
 *
 * <p>Trouble that time or an operator can end (a destination that is down, busy, or refuses our
 * credentials) is an {@link EventOutcome.Deferred}, never an exception and never a loss. An
 * exception means a mistake of ours; the host stops the task and keeps the events.
 */
public interface Exporter extends AutoCloseable {

  /**
   * Hands {@code batch} to the destination and waits for its answer.
   *
   * @return one outcome for each event, in the order of {@code batch}
   * @throws InterruptedException if the host stops; what became of the batch is then unknown
   */
  DeliveryReport deliver(List<RoutedEvent> batch) throws InterruptedException;

  /** Releases connections and files. May be called twice. */
  @Override
  void close();
}
