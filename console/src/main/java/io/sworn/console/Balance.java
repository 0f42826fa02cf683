package io.sworn.console;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The law of conservation in words: what a glance at the page must tell.
 *
 * @param state the glance
 * @param headline one sentence
 * @param reasons what is on its way, does not add up or is lost for good, one sentence each
 */
record Balance(State state, String headline, List<String> reasons) {

  /** How well the numbers add up. */
  enum State {
    /** Every event is where it belongs. */
    BALANCED,
    /** The sums are right, and some events are still on their way. */
    MOVING,
    /** A sum is wrong: an incident. */
    BROKEN
  }

  /** Reads the numbers. */
  static Balance of(FlowSnapshot flow) {
    List<String> wrong = new ArrayList<>();
    List<String> moving = new ArrayList<>();
    List<String> acknowledged = new ArrayList<>();
    if (flow.gaps() > 0) {
      wrong.add(Numbers.events(flow.gaps()) + " never arrived (gaps in a trail).");
    }
    // The console runs beside the database, so what is emitted is always counted.
    long archived = flow.counts(FlowSnapshot.End.ARCHIVED) ? flow.archived() : flow.emitted();
    if (archived > flow.emitted()) {
      wrong.add("The archive holds more events than were emitted.");
    } else if (archived < flow.emitted()) {
      moving.add(Numbers.events(flow.emitted() - archived) + " on the way to the archive.");
    }
    if (flow.judged() > flow.emitted()) {
      wrong.add("The filters judged more events than were emitted.");
    } else if (flow.judged() < flow.emitted()) {
      moving.add(Numbers.events(flow.emitted() - flow.judged()) + " on the way to the filters.");
    }
    for (Map.Entry<String, DestinationFlow> entry : flow.destinations().entrySet()) {
      judge(entry.getKey(), entry.getValue(), wrong, moving);
      if (entry.getValue().acknowledged() > 0) {
        acknowledged.add(lost(entry.getKey(), entry.getValue().acknowledged()) + "; acknowledged.");
      }
    }
    if (!wrong.isEmpty()) {
      wrong.addAll(acknowledged);
      return new Balance(State.BROKEN, "The numbers do not add up.", List.copyOf(wrong));
    }
    if (!moving.isEmpty()) {
      moving.addAll(acknowledged);
      return new Balance(
          State.MOVING,
          acknowledged.isEmpty()
              ? "Nothing is missing; some events are on their way."
              : "What is lost is acknowledged; some events are on their way.",
          List.copyOf(moving));
    }
    return new Balance(State.BALANCED, "Every event is accounted for.", List.copyOf(acknowledged));
  }

  private static void judge(
      String name, DestinationFlow flow, List<String> wrong, List<String> moving) {
    if (flow.unacknowledged() > 0) {
      wrong.add(lost(name, flow.unacknowledged()) + ".");
    }
    long difference = flow.kept() - flow.delivered() - flow.deadLetters() - flow.inFlight();
    if (difference != 0 || flow.inFlight() < 0) {
      wrong.add(
          name
              + ": kept "
              + Numbers.grouped(flow.kept())
              + ", but delivered + dead letters + in flight are "
              + Numbers.grouped(flow.kept() - difference)
              + ".");
    } else if (flow.inFlight() > 0) {
      moving.add(Numbers.events(flow.inFlight()) + " on the way to " + name + ".");
    }
  }

  private static String lost(String name, long events) {
    return name
        + ": up to "
        + Numbers.events(events)
        + " deleted from Kafka before they were delivered";
  }
}
