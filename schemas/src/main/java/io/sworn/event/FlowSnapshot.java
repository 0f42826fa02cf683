package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
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
 * @param uncounted ends that the process which tells these numbers does not count, because they are
 *     in others; their number is then not to be compared
 */
public record FlowSnapshot(
    @JsonProperty("emitted") long emitted,
    @JsonProperty("archived") long archived,
    @JsonProperty("judged") long judged,
    @JsonProperty("duplicates") long duplicates,
    @JsonProperty("gaps") long gaps,
    @JsonProperty("undecidable") long undecidable,
    @JsonProperty("destinations") SortedMap<String, DestinationFlow> destinations,
    @JsonProperty("at") long at,
    @JsonProperty("uncounted") Set<End> uncounted) {

  /** An end at which events are counted, of those that not every process has. */
  public enum End {
    /** Where events begin: the journal. */
    EMITTED,
    /** The archive. */
    ARCHIVED
  }

  /** Copies the collections. One that an earlier version wrote counts everything. */
  public FlowSnapshot {
    destinations = Collections.unmodifiableSortedMap(new TreeMap<>(destinations));
    EnumSet<End> ends = EnumSet.noneOf(End.class); // whose order is always the same
    ends.addAll(Objects.requireNonNullElse(uncounted, Set.of()));
    uncounted = Collections.unmodifiableSet(ends);
  }

  /** Numbers of a process that counts all of them. */
  public FlowSnapshot(
      long emitted,
      long archived,
      long judged,
      long duplicates,
      long gaps,
      long undecidable,
      SortedMap<String, DestinationFlow> destinations,
      long at) {
    this(emitted, archived, judged, duplicates, gaps, undecidable, destinations, at, Set.of());
  }

  /** Whether the number of events at this end is known here. */
  public boolean counts(End end) {
    return !uncounted.contains(end);
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
   * @param acknowledged those of {@code lost} that somebody has dealt with
   */
  public record DestinationFlow(
      @JsonProperty("route") String route,
      @JsonProperty("kept") long kept,
      @JsonProperty("delivered") long delivered,
      @JsonProperty("deadLetters") long deadLetters,
      @JsonProperty("inFlight") long inFlight,
      @JsonProperty("lost") long lost,
      @JsonProperty("removed") long removed,
      @JsonProperty("acknowledged") long acknowledged) {

    /** A destination whose route holds all that it ever held. */
    public DestinationFlow(
        String route, long kept, long delivered, long deadLetters, long inFlight) {
      this(route, kept, delivered, deadLetters, inFlight, 0, 0, 0);
    }

    /** Those of {@code lost} with which nobody has dealt yet. */
    public long unacknowledged() {
      return lost - acknowledged;
    }
  }

  /** Records, at most, that were deleted from Kafka before a destination had them. */
  public long lost() {
    return destinations.values().stream().mapToLong(DestinationFlow::lost).sum();
  }

  /** Those of {@link #lost()} that somebody has dealt with. */
  public long acknowledged() {
    return destinations.values().stream().mapToLong(DestinationFlow::acknowledged).sum();
  }

  /** Whether nothing is missing and nothing is on the way, as far as it is counted here. */
  public boolean settled() {
    return (!counts(End.EMITTED) || judged == emitted)
        && (!counts(End.ARCHIVED) || judged == archived)
        && gaps == 0
        && destinations.values().stream()
            .allMatch(d -> d.inFlight() == 0 && d.kept() == d.delivered() + d.deadLetters());
  }
}
