package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Offsets of a route that Kafka no longer held when their destination came to them: somebody
 * deleted them, or a topic that somebody else made keeps records for too short a time. Written to
 * the topic of deliveries, beside the receipts, with the header {@link AccountHeaders#KIND}.
 *
 * @param destination name of the destination
 * @param topic route topic
 * @param partition its partition
 * @param from first offset, inclusive
 * @param to last offset, inclusive
 * @param noticedAt milliseconds since 1970
 */
public record LostRange(
    @JsonProperty("destination") String destination,
    @JsonProperty("topic") String topic,
    @JsonProperty("partition") int partition,
    @JsonProperty("from") long from,
    @JsonProperty("to") long to,
    @JsonProperty("noticedAt") long noticedAt) {

  /** Value of the header {@link AccountHeaders#KIND}. */
  public static final String KIND = "lost";

  /** How many events at most: some offsets may have been the marks of transactions. */
  public long length() {
    return to - from + 1;
  }
}
