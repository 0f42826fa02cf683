package io.sworn.server.flow;

import io.sworn.event.FlowSnapshot.DestinationFlow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
   * A part and its work at this moment.
   *
   * @param part as it is called in a sentence
   * @param done grows whenever it does something
   * @param waiting how many events wait for it
   * @param remedy what to do if it stands still
   */
  public record Work(String part, long done, long waiting, String remedy) {

    /** The filter engine's. */
    public static Work filters(long done, long waiting) {
      return new Work(
          "the filter engine",
          done,
          waiting,
          "look in the log, and for a transaction that never ends (kafka-transactions.sh"
              + " find-hanging)");
    }

    /** The archive's. */
    public static Work archive(long done, long waiting) {
      return new Work("the archive", done, waiting, "look in the log, and for a full disk");
    }

    /** A destination's. */
    public static Work destination(String name, DestinationFlow flow) {
      return new Work(
          "destination " + name,
          flow.delivered() + flow.deadLetters(),
          flow.inFlight(),
          "look in the log whether it can be reached");
    }
  }

  /**
   * Takes in the numbers of this moment; to be called every few seconds.
   *
   * @param parts those that run here
   * @return one sentence for each part that stands still
   */
  public synchronized List<String> look(List<Work> parts) {
    List<String> found = new ArrayList<>();
    parts.forEach(part -> look(part.part(), part.done(), part.waiting(), part.remedy(), found));
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
