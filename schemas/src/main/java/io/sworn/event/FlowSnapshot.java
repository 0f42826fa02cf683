package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The law of conservation in numbers at one moment: {@code emitted = archived = judged} and, for
 * each destination, {@code kept = delivered + deadLetters + inFlight}.
 *
 * @param emitted events in the journals and files of all sources, each counted once
 * @param archived distinct events in the archive
 * @param judged distinct events that the filters have judged; what they have not judged is in no
 *     destination's numbers
 * @param duplicates records that were sent more than once and dropped
 * @param gaps sequences that never arrived
 * @param undecidable events that a filter could not judge and that travelled as kept
 * @param destinations by name
 * @param at milliseconds since 1970
 */
public record FlowSnapshot(
    @JsonProperty("emitted") long emitted,
    @JsonProperty("archived") long archived,
    @JsonProperty("judged") long judged,
    @JsonProperty("duplicates") long duplicates,
    @JsonProperty("gaps") long gaps,
    @JsonProperty("undecidable") long undecidable,
    @JsonProperty("destinations") SortedMap<String, DestinationFlow> destinations,
    @JsonProperty("at") long at) {

  /** Copies the destinations. */
  public FlowSnapshot {
    destinations = Collections.unmodifiableSortedMap(new TreeMap<>(destinations));
  }

  /**
   * What became of the events kept for one destination.
   *
   * @param route route that feeds it
   * @param kept events in the route's topic
   * @param delivered confirmed by the destination
   * @param deadLetters refused for good, with a reason
   * @param inFlight neither yet
   * @param lost records, at most, that were deleted from Kafka before the destination had them
   * @param removed offsets at the beginning of the route's partitions that Kafka no longer holds;
   *     what lay there is in {@code lost} or was settled, and is in none of the other numbers
   */
  public record DestinationFlow(
      @JsonProperty("route") String route,
      @JsonProperty("kept") long kept,
      @JsonProperty("delivered") long delivered,
      @JsonProperty("deadLetters") long deadLetters,
      @JsonProperty("inFlight") long inFlight,
      @JsonProperty("lost") long lost,
      @JsonProperty("removed") long removed) {

    /** A destination whose route holds all that it ever held. */
    public DestinationFlow(
        String route, long kept, long delivered, long deadLetters, long inFlight) {
      this(route, kept, delivered, deadLetters, inFlight, 0, 0);
    }
  }

  /** Records, at most, that were deleted from Kafka before a destination had them. */
  public long lost() {
    return destinations.values().stream().mapToLong(DestinationFlow::lost).sum();
  }

  /** Whether nothing is missing and nothing is on the way. */
  public boolean settled() {
    return emitted == archived
        && judged == emitted
        && gaps == 0
        && destinations.values().stream()
            .allMatch(d -> d.inFlight() == 0 && d.kept() == d.delivered() + d.deadLetters());
  }
}
