package io.sworn.filter;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** All active filters at one moment, compiled. Immutable, safe for any thread. */
public final class FilterSet {

  /** No filter: nothing goes anywhere. */
  public static final FilterSet EMPTY = new FilterSet(List.of());

  /** A definition and its filter. */
  public record Active(FilterDefinition definition, AuditFilter filter) {
    /**
     * Compiles a definition.
     *
     * @throws InvalidFilterException with place and reason
     */
    public static Active of(FilterDefinition definition) {
      return new Active(definition, AuditFilter.compile(definition.filter()));
    }
  }

  /**
   * What all filters together say.
   *
   * @param labels per route, the filters that keep the event, comma-separated
   * @param undecidable whether some filter could not decide
   */
  public record Judgement(SortedMap<String, String> labels, boolean undecidable) {}

  private final List<Active> filters;

  private FilterSet(List<Active> filters) {
    this.filters = filters;
  }

  /** The enabled ones of {@code filters}. */
  public static FilterSet of(Iterable<Active> filters) {
    List<Active> enabled = new ArrayList<>();
    filters.forEach(
        active -> {
          if (active.definition().enabled()) {
            enabled.add(active);
          }
        });
    enabled.sort(Comparator.comparing((Active active) -> active.definition().name()));
    return new FilterSet(List.copyOf(enabled));
  }

  /** The enabled definitions, by name. */
  public List<FilterDefinition> definitions() {
    return filters.stream().map(Active::definition).toList();
  }

  /** Judges one message by every filter. */
  public Judgement judge(io.sworn.filter.language.MessageView message) {
    SortedMap<String, String> labels = new TreeMap<>();
    boolean undecidable = false;
    for (Active active : filters) {
      Decision decision = active.filter().judge(message);
      undecidable |= decision == Decision.UNDECIDABLE;
      if (decision.travels()) {
        String label = active.definition().label();
        for (String route : active.definition().routes()) {
          labels.merge(route, label, (a, b) -> a + "," + b);
        }
      }
    }
    return new Judgement(labels, undecidable);
  }
}
