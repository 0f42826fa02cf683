package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts of one trail in one minute of event time, as the filter engine saw them. Summed over the
 * minutes of a trail they give its {@link TrailAccount}, as far as the minutes are still kept; open
 * gaps are {@code gaps - filled}. Written into the topic of accounts, removed after {@link
 * #KEPT_MINUTES}; the last one of a key counts.
 *
 * @param trail whose events
 * @param minute its beginning, such as {@code 2026-03-02T08:03:00Z}, or {@link #BEFORE}
 * @param received records read, duplicates included
 * @param duplicates records dropped because their sequence had been seen
 * @param gaps sequences that were found skipped, counted in the minute of the event behind them
 * @param filled events that came late and filled a gap, counted in their own minute
 * @param kept distinct events kept by at least one filter
 * @param notKept distinct events kept by none
 * @param undecidable distinct events that a filter could not judge (they are kept)
 * @param deadLetters records and copies that the filter engine laid into the dead letters
 * @param routes events copied to each route
 * @param at when the account was written, milliseconds since 1970
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record MinuteAccount(
    @JsonProperty("trail") String trail,
    @JsonProperty("minute") String minute,
    @JsonProperty("received") long received,
    @JsonProperty("duplicates") long duplicates,
    @JsonProperty("gaps") long gaps,
    @JsonProperty("filled") long filled,
    @JsonProperty("kept") long kept,
    @JsonProperty("notKept") long notKept,
    @JsonProperty("undecidable") long undecidable,
    @JsonProperty("deadLetters") long deadLetters,
    @JsonProperty("routes") SortedMap<String, Long> routes,
    @JsonProperty("at") long at) {

  /** Value of {@link AccountHeaders#KIND} of such a record. */
  public static final String KIND = "minute";

  /** Events of all minutes that were no longer kept when they came. */
  public static final String BEFORE = "before";

  /** How many minutes before now are kept: seven days, as the events. */
  public static final int KEPT_MINUTES = 7 * 24 * 60;

  /** Copies the routes. */
  public MinuteAccount {
    routes = Collections.unmodifiableSortedMap(new TreeMap<>(routes));
  }

  /** Key of the record of a trail's minute. */
  public static byte[] key(String trail, String minute) {
    return (trail + "/" + minute).getBytes(StandardCharsets.UTF_8);
  }
}
