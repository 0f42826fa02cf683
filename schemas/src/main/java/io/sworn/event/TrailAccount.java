package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts of one trail since its beginning, as the filter engine saw them: one side of the law of
 * conservation. Written in the same transaction as the events that it counts, so the last account
 * of a trail is exact.
 *
 * @param trail whose events
 * @param received records read, duplicates included
 * @param duplicates records dropped because their sequence had been seen
 * @param gaps sequences that were skipped and have not arrived since
 * @param kept distinct events kept by at least one filter
 * @param notKept distinct events kept by none
 * @param undecidable distinct events that a filter could not judge (they are kept)
 * @param unreadable records that are no audit event; each is in the dead letters
 * @param routes events copied to each route
 * @param lastSequence highest sequence seen
 * @param at when the account was written, milliseconds since 1970
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record TrailAccount(
    @JsonProperty("trail") String trail,
    @JsonProperty("received") long received,
    @JsonProperty("duplicates") long duplicates,
    @JsonProperty("gaps") long gaps,
    @JsonProperty("kept") long kept,
    @JsonProperty("notKept") long notKept,
    @JsonProperty("undecidable") long undecidable,
    @JsonProperty("unreadable") long unreadable,
    @JsonProperty("routes") SortedMap<String, Long> routes,
    @JsonProperty("lastSequence") long lastSequence,
    @JsonProperty("at") long at) {

  /** Copies the routes. */
  public TrailAccount {
    routes = Collections.unmodifiableSortedMap(new TreeMap<>(routes));
  }

  /** Distinct events: what the archive must hold of this trail. */
  public long distinct() {
    return received - duplicates - unreadable;
  }
}
