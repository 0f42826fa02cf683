package io.sworn.server;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.filter.stream.AlertEngine;
import io.sworn.filter.stream.FilterEngine;
import io.sworn.server.broker.EmbeddedBroker;
import io.sworn.server.connect.ConnectWorker;
import io.sworn.server.flow.Backlog;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.flow.Standstill;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How the parts are that run here; what runs elsewhere is null. */
final class Health {

  /** Longer than a restart of the broker or an engine's takeover of a dead one's partitions. */
  private static final Duration STANDSTILL = Duration.ofSeconds(60);

  private final @Nullable EmbeddedBroker broker;
  private final @Nullable FilterEngine filters;
  private final @Nullable AlertEngine alerts;
  private final @Nullable ConnectWorker exporters;
  private final @Nullable RunningArchive archive;
  private final FlowMeter meter;
  private final @Nullable Backlog filterBacklog;
  private final @Nullable Backlog archiveBacklog;
  private final Standstill standstill = new Standstill(STANDSTILL, System::nanoTime);

  /**
   * Health of these parts.
   *
   * @param filterBacklog what waits for the filter engine if events are emitted elsewhere, so that
   *     the meter cannot tell
   * @param archiveBacklog as well for the archive
   */
  Health(
      @Nullable EmbeddedBroker broker,
      @Nullable FilterEngine filters,
      @Nullable AlertEngine alerts,
      @Nullable ConnectWorker exporters,
      @Nullable RunningArchive archive,
      FlowMeter meter,
      @Nullable Backlog filterBacklog,
      @Nullable Backlog archiveBacklog) {
    this.broker = broker;
    this.filters = filters;
    this.alerts = alerts;
    this.exporters = exporters;
    this.archive = archive;
    this.meter = meter;
    this.filterBacklog = filterBacklog;
    this.archiveBacklog = archiveBacklog;
  }

  /** See {@link Sworn#troubles()}. */
  List<String> troubles() {
    FlowSnapshot flow = meter.snapshot();
    SortedMap<String, String> states = exporters == null ? new TreeMap<>() : exporters.states();
    List<String> found = new ArrayList<>();
    failure().ifPresent(found::add);
    if (filters != null && !filters.healthy() && !filters.failed()) {
      found.add("the filter engine does not run yet or starts again");
    }
    if (alerts != null && !alerts.healthy() && !alerts.failed()) {
      found.add("the alert engine does not run yet or starts again");
    }
    if (filters != null) {
      found.addAll(refused("filter", filters.refused()));
    }
    if (alerts != null) {
      found.addAll(refused("alert rule", alerts.refused()));
    }
    if (archive != null && !archive.ingest().healthy() && archive.ingest().failure().isEmpty()) {
      found.add("the archive takes no events: its thread has ended; the log tells why");
    }
    states.forEach(
        (name, state) -> {
          if (!state.equals("RUNNING")) {
            found.add("destination " + name + " is " + state + "; the log tells why");
          }
        });
    found.addAll(standstill.look(work(flow, states.keySet())));
    flow.destinations()
        .forEach(
            (name, destination) -> {
              if (destination.unacknowledged() > 0) {
                found.add(
                    "up to "
                        + destination.unacknowledged()
                        + " events were deleted from Kafka before "
                        + name
                        + " had them; what and when: sworn losses list; when that is dealt with:"
                        + " sworn losses acknowledge "
                        + name
                        + " --reason TEXT");
              }
            });
    return found;
  }

  /** Current definitions that this build does not take; former versions are nobody's trouble. */
  static List<String> refused(String noun, Map<String, String> refused) {
    List<String> found = new ArrayList<>();
    new TreeMap<>(refused)
        .forEach(
            (key, reason) -> {
              if (!key.contains("@")) {
                found.add(
                    noun
                        + " "
                        + key.substring(key.indexOf('/') + 1)
                        + " as stored is refused, an earlier version of it judges or none: "
                        + reason
                        + "; put it anew, or disable it");
              }
            });
    return found;
  }

  private List<Standstill.Work> work(FlowSnapshot flow, Set<String> destinations) {
    List<Standstill.Work> work = new ArrayList<>();
    if (filters != null && filterBacklog == null) {
      work.add(Standstill.Work.filters(flow.judged(), flow.emitted() - flow.judged()));
    } else if (filterBacklog != null) {
      filterBacklog
          .state()
          .ifPresent(at -> work.add(Standstill.Work.filters(at.done(), at.waiting())));
    }
    if (archive != null && archiveBacklog == null) {
      work.add(Standstill.Work.archive(flow.archived(), flow.emitted() - flow.archived()));
    } else if (archiveBacklog != null) {
      archiveBacklog
          .state()
          .ifPresent(at -> work.add(Standstill.Work.archive(at.done(), at.waiting())));
    }
    for (String name : destinations) {
      DestinationFlow destination = flow.destinations().get(name);
      if (destination != null) {
        work.add(Standstill.Work.destination(name, destination));
      }
    }
    return work;
  }

  /** See {@link Sworn#failure()}. */
  Optional<String> failure() {
    if (broker != null && broker.failure().isPresent()) {
      return broker.failure();
    }
    if (filters != null && filters.failed()) {
      return Optional.of("the filter engine has stopped; the log tells why");
    }
    if (alerts != null && alerts.failed()) {
      return Optional.of("the alert engine has stopped; the log tells why");
    }
    return archive == null
        ? Optional.empty()
        : archive
            .ingest()
            .failure()
            .map(e -> "the archive takes no more events: " + e.getMessage());
  }
}
