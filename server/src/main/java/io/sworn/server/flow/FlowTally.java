package io.sworn.server.flow;

import io.sworn.event.DeliveryReceipt;
import io.sworn.event.FilterAccount;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.event.Topics;
import io.sworn.event.TrailAccount;
import io.sworn.export.DeliveryLedger;
import io.sworn.server.flow.FlowMeter.Destination;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/** Adds up what the meter reads. Used by the meter's thread alone. */
final class FlowTally {

  /**
   * The sums at one moment at which they are comparable.
   *
   * @param judged distinct events of the counted trails
   * @param duplicates records dropped, of all trails
   * @param gaps sequences missing, of all trails
   * @param undecidable events kept undecided, of all trails
   * @param destinations by name
   * @param hits by filter and version, those that judge now; "(shadow)" behind those without routes
   */
  record Sums(
      long judged,
      long duplicates,
      long gaps,
      long undecidable,
      SortedMap<String, DestinationFlow> destinations,
      SortedMap<String, Long> hits) {}

  private final Topics topics;
  private final List<Destination> destinations;
  private final Predicate<String> trails;
  private final DeliveryLedger ledger = new DeliveryLedger();
  private final Map<String, TrailAccount> accounts = new HashMap<>();
  private final Map<String, FilterAccount> filters = new HashMap<>();
  private final Map<String, Long> kept = new HashMap<>();
  private final Map<TopicPartition, OpenOffsets> open = new HashMap<>();
  private final Map<TopicPartition, Long> begins = new HashMap<>();

  private final LossBook losses = new LossBook();

  FlowTally(Topics topics, List<Destination> destinations, Predicate<String> trails) {
    this.topics = topics;
    this.destinations = destinations;
    this.trails = trails;
  }

  /**
   * Says where a route's partition begins: receipts for records that retention has removed are not
   * counted, as those records are not.
   */
  void begin(TopicPartition lane, long offset) {
    begins.put(lane, offset);
    for (Destination destination : destinations) {
      if (topics.route(destination.route()).equals(lane.topic())) {
        ledger.begin(destination.name(), lane.topic(), lane.partition(), offset);
      }
    }
  }

  /**
   * Counts a receipt.
   *
   * @throws IllegalArgumentException if it is not one that the ledger can count
   */
  void receipt(DeliveryReceipt receipt) {
    ledger.add(receipt);
  }

  /** What destinations could not get any more. */
  LossBook losses() {
    return losses;
  }

  /** The last account of a trail counts. */
  void account(TrailAccount account) {
    accounts.put(account.trail(), account);
  }

  /** The last account of a filter at a partition counts, unless another version judges there. */
  void filter(FilterAccount account) {
    String place = account.filter() + "/" + account.partition();
    FilterAccount known = filters.get(place);
    if (known == null || known.version() <= account.version()) {
      filters.put(place, account);
    }
  }

  /** Counts a record of a route. */
  void copied(TopicPartition lane, long offset) {
    kept.merge(lane.topic(), 1L, Long::sum);
    open.computeIfAbsent(lane, partition -> new OpenOffsets()).add(offset);
  }

  /** Adds up. */
  Sums sums() {
    SortedMap<String, DestinationFlow> flows = new TreeMap<>();
    destinations.forEach(destination -> flows.put(destination.name(), flow(destination)));
    forgetSettled();
    long judged = 0;
    long duplicates = 0;
    long gaps = 0;
    long undecidable = 0;
    for (TrailAccount account : accounts.values()) {
      judged += trails.test(account.trail()) ? account.kept() + account.notKept() : 0;
      duplicates += account.duplicates();
      gaps += account.gaps();
      undecidable += account.undecidable();
    }
    return new Sums(judged, duplicates, gaps, undecidable, flows, hits());
  }

  private SortedMap<String, Long> hits() {
    SortedMap<String, Long> hits = new TreeMap<>();
    for (FilterAccount account : filters.values()) {
      if (account.enabled() && account.until() < 0) {
        String label = account.filter() + "@" + account.version();
        hits.merge(account.shadow() ? label + " (shadow)" : label, account.hits(), Long::sum);
      }
    }
    return hits;
  }

  private DestinationFlow flow(Destination destination) {
    String topic = topics.route(destination.route());
    long inFlight = 0;
    for (Map.Entry<TopicPartition, OpenOffsets> lane : open.entrySet()) {
      if (lane.getKey().topic().equals(topic)) {
        inFlight += lane.getValue().countFrom(settled(destination, lane.getKey()));
      }
    }
    DeliveryLedger.Totals totals = ledger.totals(destination.name());
    return new DestinationFlow(
        destination.route(),
        kept.getOrDefault(topic, 0L),
        totals.delivered(),
        totals.rejected(),
        inFlight,
        losses.lost(destination.name()),
        begins.entrySet().stream()
            .filter(lane -> lane.getKey().topic().equals(topic))
            .mapToLong(Map.Entry::getValue)
            .sum(),
        losses.acknowledged(destination.name()));
  }

  private void forgetSettled() {
    open.forEach(
        (lane, offsets) ->
            offsets.dropBefore(
                destinations.stream()
                    .filter(d -> topics.route(d.route()).equals(lane.topic()))
                    .mapToLong(d -> settled(d, lane))
                    .min()
                    .orElse(0)));
  }

  private long settled(Destination destination, TopicPartition lane) {
    return ledger.settledOffset(destination.name(), lane.topic(), lane.partition());
  }
}
