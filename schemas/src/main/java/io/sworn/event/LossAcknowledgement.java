package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Somebody has seen what a destination lost and answers for it: these ranges and no later one are
 * still told, but are no trouble any more. Written to the topic of deliveries, beside the {@link
 * LostRange}s, with the header {@link AccountHeaders#KIND}.
 *
 * @param destination name of the destination
 * @param ranges what was known to be lost
 * @param by who says so
 * @param reason why it is no trouble any more
 * @param at milliseconds since 1970
 */
public record LossAcknowledgement(
    @JsonProperty("destination") String destination,
    @JsonProperty("ranges") List<LostRange> ranges,
    @JsonProperty("by") String by,
    @JsonProperty("reason") String reason,
    @JsonProperty("at") long at) {

  /** Value of the header {@link AccountHeaders#KIND}. */
  public static final String KIND = "lossAcknowledged";

  /** Copies the ranges. */
  public LossAcknowledgement {
    ranges = List.copyOf(ranges);
  }
}
