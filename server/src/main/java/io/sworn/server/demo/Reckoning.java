package io.sworn.server.demo;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Compares what was counted at the ends: by the clients, in the archive, at the destinations and in
 * the dead letters, with the numbers that the pipeline says of itself.
 *
 * @param caused events by kind, as the clients count them
 * @param archived the same kinds, as the archive has them
 * @param parts what each part of the filter kept and dropped
 * @param differences everything that does not agree, in words; empty if all agrees
 * @param lost events that are missing somewhere
 * @param others events that none of the clients caused
 * @param flow what the pipeline says of itself
 */
record Reckoning(
    Map<String, Long> caused,
    Map<String, Long> archived,
    Map<Part, Proof> parts,
    List<String> differences,
    long lost,
    long others,
    FlowSnapshot flow) {

  /**
   * What a part did.
   *
   * @param kept events that it kept, dead letters included
   * @param example one of them
   * @param dropped comparable events that it did not keep
   * @param counterExample one of them
   */
  record Proof(long kept, String example, long dropped, String counterExample) {}

  /** An archived event of this round. */
  record Archived(String id, Caused caused) {}

  private static final int DIFFERENCES_MAX = 20;

  /**
   * Compares all ends.
   *
   * @param alone whether an event that no client caused is a difference, or somebody else's
   * @param trouble what is known to be wrong already, in words
   */
  static Reckoning of(
      Ledger ledger,
      List<Archived> archived,
      FlowSnapshot flow,
      Destinations destinations,
      DeadLetterBox deadLetters,
      List<String> trouble,
      boolean alone) {
    Comparison comparison = new Comparison(archived, flow, destinations, deadLetters);
    comparison.differences.addAll(trouble);
    return comparison.run(ledger, alone);
  }

  /** Whether all ends agree. */
  boolean agrees() {
    return differences.isEmpty() && lost == 0;
  }

  /** One comparison; collects what it finds. */
  private static final class Comparison {
    private final List<Archived> archived;
    private final FlowSnapshot flow;
    private final Destinations destinations;
    private final DeadLetterBox deadLetters;
    private final List<String> differences = new ArrayList<>();
    private long lost;

    Comparison(
        List<Archived> archived,
        FlowSnapshot flow,
        Destinations destinations,
        DeadLetterBox deadLetters) {
      this.archived = archived;
      this.flow = flow;
      this.destinations = destinations;
      this.deadLetters = deadLetters;
    }

    Reckoning run(Ledger ledger, boolean alone) {
      Ledger.Difference clients = ledger.compare(archived.stream().map(Archived::caused).toList());
      differences.addAll(clients.missing());
      if (alone) {
        differences.addAll(clients.unexplained());
      }
      long unarchived = Math.max(0, flow.emitted() - flow.archived());
      unequal("emitted by the database", flow.emitted(), "archived", flow.archived());
      if (flow.gaps() > 0) {
        differences.add("the trail has gaps: " + flow.gaps() + " sequences never came");
      }
      lost = Math.max(clients.missed(), unarchived) + flow.gaps();
      destinations.unfiltered().forEach(name -> destination(name, event -> true));
      destination(Destinations.GUARDIUM, Part::anyKeeps);
      destination(Destinations.SPLUNK, Part::anyKeeps);
      Map<Part, Proof> parts = new LinkedHashMap<>();
      for (Part part : Part.values()) {
        parts.put(part, prove(part));
      }
      return new Reckoning(
          ledger.byKind(), byKind(), parts, limited(), lost, clients.unknown(), flow);
    }

    private void destination(String name, Predicate<Caused> wanted) {
      End there = destinations.end(name);
      DestinationFlow counted = flow.destinations().get(name);
      if (counted == null) {
        differences.add(name + " is not measured");
        return;
      }
      long accounted = counted.delivered() + counted.deadLetters() + counted.inFlight();
      unequal(name + ": kept", counted.kept(), "accounted for", accounted);
      long letters = deadLetters.of(name).size();
      // What Kafka no longer holds, because all had it long ago, is counted at the ends alone.
      boolean trimmed = counted.removed() > 0;
      if (!trimmed || counted.delivered() > there.distinct()) {
        unequal(name + ": receipts", counted.delivered(), "found there", there.distinct());
      }
      if (!trimmed || counted.deadLetters() > letters) {
        unequal(name + ": refused", counted.deadLetters(), "in the dead letters", letters);
      }
      if (counted.lost() > 0) {
        differences.add(name + " lost up to " + counted.lost() + " events, deleted from its route");
      }
      if (counted.inFlight() > 0) {
        differences.add(name + ": " + counted.inFlight() + " events are still on the way");
      }
      long vanished =
          Math.max(0, counted.kept() - accounted)
              + Math.max(0, counted.delivered() - there.distinct());
      lost += counted.lost() + Math.max(vanished, lacking(name, there, wanted));
    }

    /** Compares event by event, dead letters included; how many are not there. */
    private long lacking(String name, End there, Predicate<Caused> wanted) {
      long lacking = 0;
      Set<String> found = there.among(archived.stream().map(Archived::id).toList());
      for (Archived event : archived) {
        boolean has = found.contains(event.id());
        boolean dead = deadLetters.of(name).containsKey(event.id());
        if (wanted.test(event.caused()) != (has || dead)) {
          lacking += has || dead ? 0 : 1;
          differences.add(
              name + (has || dead ? " holds, but should not: " : " lacks: ") + event.caused());
        } else if (has && dead) {
          differences.add(name + " holds a dead letter: " + event.caused());
        }
      }
      return lacking;
    }

    private Proof prove(Part part) {
      Received there = destinations.splunk();
      Map<String, DeadLetterBox.Letter> dead = deadLetters.of(Destinations.SPLUNK);
      List<Caused> kept = new ArrayList<>();
      List<Caused> dropped = new ArrayList<>();
      for (Archived event : archived) {
        boolean named = there.filters(event.id()).contains(part.filter());
        if (named != part.keeps(event.caused()) && !dead.containsKey(event.id())) {
          differences.add(part.filter() + (named ? " kept " : " did not keep ") + event.caused());
        } else if (part.keeps(event.caused())) {
          kept.add(event.caused());
        } else if (part.resembles(event.caused())) {
          dropped.add(event.caused());
        }
      }
      if (kept.isEmpty() || dropped.isEmpty()) {
        differences.add(part.filter() + (kept.isEmpty() ? " kept nothing" : " dropped nothing"));
      }
      return new Proof(kept.size(), first(kept), dropped.size(), first(dropped));
    }

    private static String first(List<Caused> events) {
      return events.isEmpty() ? "nothing" : events.get(0).toString();
    }

    private Map<String, Long> byKind() {
      Map<String, Long> kinds = new TreeMap<>();
      archived.forEach(event -> kinds.merge(Ledger.kind(event.caused()), 1L, Long::sum));
      return kinds;
    }

    private void unequal(String one, long first, String other, long second) {
      if (first != second) {
        differences.add(one + " " + first + ", but " + other + " " + second);
      }
    }

    private List<String> limited() {
      if (differences.size() <= DIFFERENCES_MAX) {
        return List.copyOf(differences);
      }
      List<String> shown = new ArrayList<>(differences.subList(0, DIFFERENCES_MAX));
      shown.add("and " + (differences.size() - DIFFERENCES_MAX) + " more");
      return shown;
    }
  }
}
