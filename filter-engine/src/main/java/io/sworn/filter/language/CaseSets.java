package io.sworn.filter.language;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The characters that PCRE takes for one without regard to case: those with one simple case
 * folding. {@code java.util.regex} also takes the Turkish {@code İ} and {@code ı} for an i, and
 * compares {@code ß} with {@code ẞ} in one direction only.
 */
final class CaseSets {

  /** No plane above this one has letters with case. */
  private static final int LAST = 0x1FFFF;

  private static final int DOTTED_CAPITAL = 0x130;
  private static final int DOTLESS_SMALL = 0x131;

  private static final Map<Integer, int[]> SETS = sets();

  /** All characters that have an other case, ascending. */
  private static final int[] CASED =
      SETS.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();

  private CaseSets() {}

  private static Map<Integer, int[]> sets() {
    Map<Integer, int[]> byFolding = new HashMap<>();
    for (int c = 0; c <= LAST; c++) {
      int upper = Character.toUpperCase(c);
      if ((upper != c || Character.toLowerCase(c) != c)
          && c != DOTTED_CAPITAL
          && c != DOTLESS_SMALL) {
        int folding = Character.toLowerCase(upper);
        int[] set = byFolding.getOrDefault(folding, new int[0]);
        set = Arrays.copyOf(set, set.length + 1);
        set[set.length - 1] = c;
        byFolding.put(folding, set);
      }
    }
    Map<Integer, int[]> sets = new HashMap<>();
    byFolding.forEach(
        (folding, set) -> {
          int[] whole = set;
          if (Arrays.binarySearch(set, folding) < 0) { // a small letter without a capital one: ß
            whole = Arrays.copyOf(set, set.length + 1);
            whole[set.length] = folding;
            Arrays.sort(whole);
          }
          for (int c : whole) {
            sets.put(c, whole);
          }
        });
    return sets;
  }

  /** The character and its other cases, ascending. */
  static int[] of(int c) {
    int[] set = SETS.get(c);
    return set == null ? new int[] {c} : set;
  }

  /** The characters from {@code low} to {@code high} that have an other case. */
  static int[] within(int low, int high) {
    return Arrays.stream(CASED).filter(c -> c >= low && c <= high).toArray();
  }
}
