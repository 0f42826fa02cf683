package io.sworn.server.flow;

import io.sworn.event.LossAcknowledgement;
import io.sworn.event.LostRange;
import io.sworn.event.SwornJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What the topic of deliveries says of losses: which offsets were deleted before their destination
 * had them, and who has dealt with that. Not thread-safe.
 */
public final class LossBook {

  /**
   * A lost range and what became of it.
   *
   * @param acknowledged by whom and why; empty as long as nobody has dealt with it
   */
  public record Loss(LostRange range, Optional<LossAcknowledgement> acknowledged) {}

  /** By destination and place, each place once: a crash may make one be written again. */
  private final SortedMap<String, SortedMap<String, LostRange>> lost = new TreeMap<>();

  private final Map<String, Map<String, Acknowledged>> acknowledged = new HashMap<>();

  private record Acknowledged(LostRange range, LossAcknowledgement by) {}

  /** A book without an entry. */
  public LossBook() {}

  /**
   * Takes in a record of the topic of deliveries if it is about a loss.
   *
   * @throws io.sworn.event.SwornException if it is, but cannot be read
   */
  public void read(ConsumerRecord<byte[], byte[]> record) {
    String kind = RecordKind.of(record);
    if (LostRange.KIND.equals(kind)) {
      add(SwornJson.read(record.value(), LostRange.class));
    } else if (LossAcknowledgement.KIND.equals(kind)) {
      add(SwornJson.read(record.value(), LossAcknowledgement.class));
    }
  }

  void add(LostRange range) {
    lost.computeIfAbsent(range.destination(), name -> new TreeMap<>())
        .merge(place(range), range, LossBook::later);
  }

  /** The longer one, noticed when the later one was: that may be of a topic made anew. */
  private static LostRange later(LostRange one, LostRange other) {
    return new LostRange(
        one.destination(),
        one.topic(),
        one.partition(),
        one.from(),
        Math.max(one.to(), other.to()),
        Math.max(one.noticedAt(), other.noticedAt()));
  }

  void add(LossAcknowledgement acknowledgement) {
    Map<String, Acknowledged> places =
        acknowledged.computeIfAbsent(acknowledgement.destination(), name -> new HashMap<>());
    for (LostRange range : acknowledgement.ranges()) {
      places.merge(
          place(range),
          new Acknowledged(range, acknowledgement),
          (one, other) -> covers(other.range(), one.range()) ? other : one);
    }
  }

  /** Everything that is known to be lost, by destination and place. */
  public List<Loss> losses() {
    List<Loss> losses = new ArrayList<>();
    lost.values()
        .forEach(ranges -> ranges.values().forEach(r -> losses.add(new Loss(r, acknowledged(r)))));
    return losses;
  }

  /** How many records of a destination are lost, at most. */
  long lost(String destination) {
    return lost.getOrDefault(destination, new TreeMap<>()).values().stream()
        .mapToLong(LostRange::length)
        .sum();
  }

  /** How many of the lost are acknowledged. */
  long acknowledged(String destination) {
    return lost.getOrDefault(destination, new TreeMap<>()).values().stream()
        .filter(range -> acknowledged(range).isPresent())
        .mapToLong(LostRange::length)
        .sum();
  }

  private static boolean covers(LostRange known, LostRange range) {
    return known.to() >= range.to() && known.noticedAt() >= range.noticedAt();
  }

  /** One that has grown since, or was noticed again, is a new loss. */
  private Optional<LossAcknowledgement> acknowledged(LostRange range) {
    return Optional.ofNullable(
            acknowledged.getOrDefault(range.destination(), Map.of()).get(place(range)))
        .filter(known -> covers(known.range(), range))
        .map(Acknowledged::by);
  }

  private static String place(LostRange range) {
    return range.topic() + "-" + range.partition() + "@" + range.from();
  }
}
