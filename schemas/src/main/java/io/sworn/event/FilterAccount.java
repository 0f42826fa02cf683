package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;

/**
 * What one version of a filter did at one partition of the topic of events: from which offset on it
 * judges, and how many events it matched. Written in the same transaction as the judgements that it
 * tells of, into the topic of accounts; the last one of a key is exact.
 *
 * @param filter its name
 * @param version its version
 * @param partition of the topic of events
 * @param enabled false: from {@code from} on nothing is kept by the filter
 * @param shadow true: it judges and counts, but nothing travels because of it
 * @param from offset of the first record that this version judges, every one before it was judged
 *     by an earlier version
 * @param until offset of the first record that a later version judges, -1 while there is none
 * @param hits distinct events that it matched or could not decide
 * @param undecidable how many of these it could not decide
 * @param at when this was written, milliseconds since 1970
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record FilterAccount(
    @JsonProperty("filter") String filter,
    @JsonProperty("version") int version,
    @JsonProperty("partition") int partition,
    @JsonProperty("enabled") boolean enabled,
    @JsonProperty("shadow") boolean shadow,
    @JsonProperty("from") long from,
    @JsonProperty("until") long until,
    @JsonProperty("hits") long hits,
    @JsonProperty("undecidable") long undecidable,
    @JsonProperty("at") long at) {

  /** Value of {@link AccountHeaders#KIND} of such a record. */
  public static final String KIND = "filter";

  /** Key of its record. */
  public byte[] key() {
    return ("filter/" + filter + "@" + version + "/" + partition).getBytes(StandardCharsets.UTF_8);
  }
}
