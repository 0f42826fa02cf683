package io.sworn.server.flow;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Notices a part that does nothing although events wait for it. A process can live, and its state
 * can be "running", while it waits for something that never comes.
 */
public final class Standstill {

  private final Duration limit;
  private final LongSupplier nanoTime;
  private final Map<String, Progress> seen = new HashMap<>();

  /** How far a part was when it last moved or when something began to wait for it. */
  private record Progress(long done, boolean waited, long since) {}

  /**
   * @param limit so long may a part do nothing
   * @param nanoTime a clock as {@link System#nanoTime()}
   */
  public Standstill(Duration limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  /**
   * Takes in the numbers of this moment; to be called every few seconds.
   *
   * @param filters whether the filters run here
   * @param archive whether the archive runs here
   * @param destinations those that run here
   * @return one sentence for each part that stands still
   */
  public synchronized List<String> look(
      FlowSnapshot flow, boolean filters, boolean archive, Set<String> destinations) {
    List<String> found = new ArrayList<>();
    if (filters) {
      look(
          "the filter engine",
          flow.judged(),
          flow.emitted() - flow.judged(),
          "look in the log, and for a transaction that never ends (kafka-transactions.sh"
              + " find-hanging)",
          found);
    }
    if (archive) {
      look(
          "the archive",
          flow.archived(),
          flow.emitted() - flow.archived(),
          "look in the log, and for a full disk",
          found);
    }
    for (String name : destinations) {
      DestinationFlow destination = flow.destinations().get(name);
      if (destination != null) {
        long done = destination.delivered() + destination.deadLetters();
        look(
            "destination " + name,
            done,
            destination.inFlight(),
            "look in the log whether it can be reached",
            found);
      }
    }
    return found;
  }

  private void look(String part, long done, long waiting, String remedy, List<String> found) {
    long now = nanoTime.getAsLong();
    Progress last = seen.get(part);
    if (last == null || last.done() != done || !last.waited() || waiting <= 0) {
      seen.put(part, new Progress(done, waiting > 0, now));
      return;
    }
    Duration still = Duration.ofNanos(now - last.since());
    if (still.compareTo(limit) >= 0) {
      found.add(
          part
              + " has done nothing for "
              + still.toSeconds()
              + " s while "
              + waiting
              + " events wait: "
              + remedy);
    }
  }
}
