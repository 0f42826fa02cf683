package io.sworn.filter.matcher;

import io.sworn.filter.FilterCost;
import io.sworn.filter.language.Predicate;
import java.util.List;

/**
 * Any number of filters, compiled into one. Equal conditions of different filters are evaluated at
 * most once per event; equality, {@code $in}, prefixes, bounds and existence are looked up, so that
 * the cost of an event follows the filters that can match it and not how many there are. Immutable
 * and safe for any thread; each thread judges by a {@link Judging} of its own.
 */
public final class FilterMatcher {

  private final int size;
  private final Partition filters;
  private final Judging.Sizes sizes;

  private FilterMatcher(int size, Partition filters, Judging.Sizes sizes) {
    this.size = size;
    this.filters = filters;
    this.sizes = sizes;
  }

  /** Compiles filters; their numbers are their places in the list. */
  public static FilterMatcher of(List<Predicate> filters) {
    MatcherCompiler compiler = new MatcherCompiler();
    for (int i = 0; i < filters.size(); i++) {
      compiler.add(i, filters.get(i));
    }
    return new FilterMatcher(filters.size(), compiler.build(), compiler.sizes(filters.size()));
  }

  /** How events would be found by a filter that is alone. */
  public static FilterCost cost(Predicate filter) {
    MatcherCompiler compiler = new MatcherCompiler();
    compiler.add(0, filter);
    return compiler.cost();
  }

  /** Number of filters. */
  public int size() {
    return size;
  }

  /** A judge for one thread. */
  public Judging judging() {
    return new Judging(filters, sizes);
  }
}
