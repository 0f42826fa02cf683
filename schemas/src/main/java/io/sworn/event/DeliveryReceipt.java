package io.sworn.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What became of a range of one route's records at one destination: written when the range is
 * settled, so that every record in it is delivered or in the dead letters.
 *
 * @param destination name of the destination
 * @param topic route topic
 * @param partition its partition
 * @param from first offset, inclusive
 * @param to last offset, inclusive
 * @param delivered records that the destination confirmed
 * @param rejected records now in the dead letters
 * @param confirmedAt milliseconds since 1970
 */
public record DeliveryReceipt(
    @JsonProperty("destination") String destination,
    @JsonProperty("topic") String topic,
    @JsonProperty("partition") int partition,
    @JsonProperty("from") long from,
    @JsonProperty("to") long to,
    @JsonProperty("delivered") long delivered,
    @JsonProperty("rejected") long rejected,
    @JsonProperty("confirmedAt") long confirmedAt) {}
