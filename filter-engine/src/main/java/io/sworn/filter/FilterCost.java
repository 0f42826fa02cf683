package io.sworn.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the compiled filter finds its events, as the compiler decided for the filter alone.
 *
 * @param ways one for each alternative in which the filter can match
 * @param searches regular expressions that take more than a comparison of bytes
 * @param stepsMax after how many looks at a character a search is given up
 */
public record FilterCost(List<Way> ways, List<String> searches, int stepsMax) {

  /** Copies the lists. */
  public FilterCost {
    ways = List.copyOf(ways);
    searches = List.copyOf(searches);
  }

  /**
   * One alternative.
   *
   * @param index by which it is found, such as {@code atype (equality)}; empty: it is looked at for
   *     every event
   */
  public record Way(Optional<String> index) {}

  /** Whether no alternative is looked at for every event. */
  public boolean indexed() {
    return ways.stream().allMatch(way -> way.index().isPresent());
  }

  /** In one line. */
  public String text() {
    List<String> indexes =
        ways.stream().map(Way::index).flatMap(Optional::stream).distinct().toList();
    long open = ways.stream().filter(way -> way.index().isEmpty()).count();
    List<String> parts = new ArrayList<>();
    if (ways.isEmpty()) {
      parts.add("never looked at");
    }
    if (open > 0) {
      parts.add(
          ways.size() == 1
              ? "looked at for every event"
              : open + " of " + ways.size() + " alternatives looked at for every event");
    }
    if (!indexes.isEmpty()) {
      parts.add("found by index: " + String.join(", ", indexes));
    }
    for (String search : searches) {
      parts.add(
          "regular expression "
              + search
              + ": backtracks, given up after "
              + stepsMax
              + " steps (undecidable, so kept)");
    }
    return String.join("; ", parts);
  }
}
