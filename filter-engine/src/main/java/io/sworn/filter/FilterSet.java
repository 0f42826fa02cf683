package io.sworn.filter;

import io.sworn.filter.matcher.FilterMatcher;
import io.sworn.filter.matcher.Judging;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All active filters at one moment, compiled. Immutable, safe for any thread. */
public final class FilterSet {

  /** No filter: nothing goes anywhere. */
  public static final FilterSet EMPTY = new FilterSet(List.of(), new TreeMap<>());

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
  public record Judgement(SortedMap<String, String> labels, boolean undecidable) {

    /** No filter keeps the event. */
    private static final Judgement DROPPED =
        new Judgement(Collections.unmodifiableSortedMap(new TreeMap<>()), false);
  }

  private final List<Active> filters;
  private final SortedMap<String, FilterDefinition> known;
  private final FilterMatcher matcher;
  private final @Nullable Judgement[] alone;

  private FilterSet(List<Active> filters, SortedMap<String, FilterDefinition> known) {
    this.filters = filters;
    this.known = Collections.unmodifiableSortedMap(known);
    this.matcher = AuditFilter.matcher(filters.stream().map(Active::filter).toList());
    this.alone = new Judgement[filters.size()];
  }

  /** The enabled ones of {@code filters}. */
  public static FilterSet of(Iterable<Active> filters) {
    List<Active> enabled = new ArrayList<>();
    SortedMap<String, FilterDefinition> known = new TreeMap<>();
    filters.forEach(
        active -> {
          known.put(active.definition().name(), active.definition());
          if (active.definition().enabled()) {
            enabled.add(active);
          }
        });
    enabled.sort(Comparator.comparing((Active active) -> active.definition().name()));
    return new FilterSet(List.copyOf(enabled), known);
  }

  /** The enabled definitions, by name. */
  public List<FilterDefinition> definitions() {
    return filters.stream().map(Active::definition).toList();
  }

  /** The definitions by name, disabled ones included. */
  public SortedMap<String, FilterDefinition> known() {
    return known;
  }

  /** Judges events by every filter; for one thread. */
  public Judging judging() {
    return matcher.judging();
  }

  /**
   * What the filters without shadows say of the event that {@code judging}, made by this set,
   * judged last.
   */
  public Judgement judgement(Judging judging) {
    if (judging.kept() == 0) {
      return Judgement.DROPPED;
    }
    if (judging.kept() == 1 && judging.decision(judging.kept(0)) == Decision.KEEP) {
      return alone(judging.kept(0));
    }
    int[] kept = new int[judging.kept()];
    Arrays.setAll(kept, judging::kept);
    Arrays.sort(kept); // by name, as the filters are
    boolean undecidable = false;
    for (int number : kept) {
      undecidable |=
          !filters.get(number).definition().shadow()
              && judging.decision(number) == Decision.UNDECIDABLE;
    }
    return new Judgement(labels(kept), undecidable);
  }

  /** Only this filter keeps the event: most often so, and always the same judgement. */
  private Judgement alone(int number) {
    Judgement known = alone[number];
    if (known == null) {
      // Another thread may make the same one meanwhile; either is right, both are immutable.
      known = new Judgement(labels(new int[] {number}), false);
      alone[number] = known;
    }
    return known;
  }

  private SortedMap<String, String> labels(int[] kept) {
    SortedMap<String, String> labels = new TreeMap<>();
    for (int number : kept) {
      FilterDefinition definition = filters.get(number).definition();
      if (definition.shadow()) {
        continue; // it is counted where its hits are
      }
      String label = definition.label();
      for (String route : definition.routes()) {
        labels.merge(route, label, (a, b) -> a + "," + b);
      }
    }
    return Collections.unmodifiableSortedMap(labels);
  }
}
