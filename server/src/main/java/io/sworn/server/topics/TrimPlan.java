package io.sworn.server.topics;

import io.sworn.event.Topics;
import io.sworn.filter.stream.AlertEngine;
import io.sworn.filter.stream.FilterEngine;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.topics.Trimmer.Kept;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/** Which topics are trimmed, how long each keeps what all have read, and who its readers are. */
public final class TrimPlan {

  /** Events and their copies stay so long even if everybody has read them. */
  private static final Duration KEPT = Duration.ofDays(7);

  private static final Duration RECEIPTS_KEPT = Duration.ofDays(30);
  private static final Duration BETWEEN_KEPT = Duration.ofDays(1);

  private final Topics topics;
  private final List<Function<Set<String>, List<Kept>>> parts = new ArrayList<>();

  /** One that trims nothing yet. */
  public TrimPlan(Topics topics) {
    this.topics = topics;
  }

  /**
   * Adds the routes and the receipts of their destinations.
   *
   * @param groups consumer groups by topic of a route
   * @param strangers whether destinations that are configured elsewhere may read the routes, too
   * @param kafka client properties for the age of the routes
   */
  public void routes(
      Map<String, List<String>> groups, boolean strangers, Map<String, Object> kafka, Clock clock) {
    parts.add(
        names -> {
          Set<String> routes = new TreeSet<>(names);
          routes.removeIf(name -> !name.startsWith(topics.routePrefix()));
          List<Kept> kept = new ArrayList<>();
          for (String route : routes) {
            List<String> readers = groups.getOrDefault(route, List.of());
            kept.add(
                new Kept(route, KEPT, readers, strangers ? ExporterSpec.GROUPS : "", List.of()));
          }
          kept.add(
              new Kept(
                  topics.deliveries(),
                  RECEIPTS_KEPT,
                  List.of(),
                  "",
                  List.of(
                      Trimmer.whenNoneIsOlder(kafka, List.copyOf(routes), RECEIPTS_KEPT, clock))));
          return kept;
        });
  }

  /** Adds the alert engine's own topic. */
  public void alerts() {
    List<String> groups = List.of(AlertEngine.application(topics));
    Kept between = new Kept(AlertEngine.between(topics), BETWEEN_KEPT, groups, "", List.of());
    parts.add(names -> List.of(between));
  }

  /**
   * Adds the events, which the filter engine reads.
   *
   * @param alerts whether the alert engine reads them, too
   * @param others see {@link Kept#others()}
   */
  public void events(boolean alerts, List<Supplier<Map<Integer, Long>>> others) {
    List<String> groups = new ArrayList<>(List.of(FilterEngine.application(topics)));
    if (alerts) {
      groups.add(AlertEngine.application(topics));
    }
    Kept events = new Kept(topics.events(), KEPT, groups, "", others);
    parts.add(names -> List.of(events));
  }

  /** What is trimmed of the topics {@code names}. */
  public List<Kept> topics(Set<String> names) {
    return parts.stream().flatMap(part -> part.apply(names).stream()).toList();
  }
}
