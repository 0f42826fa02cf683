package io.sworn.server.config;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Everything that is wrong with a configuration, told at once. */
final class Problems {

  private final String source;
  private final List<String> texts = new ArrayList<>();

  Problems(String source) {
    this.source = source;
  }

  /** Key, what it holds, what it should hold. */
  void wrong(String key, String value, String expected) {
    texts.add(key + ": got '" + value + "', expected " + expected);
  }

  void missing(String key, String expected) {
    texts.add(key + ": missing, expected " + expected);
  }

  /** Key, and what is wrong with it in whole. */
  void told(String key, String text) {
    texts.add(key + ": " + text);
  }

  void unknown(String key, String name, Collection<String> known) {
    Optional<String> near = nearest(name, known);
    texts.add(
        key
            + ": unknown key, "
            + near.map(word -> "did you mean '" + word + "'?")
                .orElseGet(() -> "known here: " + String.join(", ", known)));
  }

  void throwIfAny() {
    if (!texts.isEmpty()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          source
              + " has "
              + texts.size()
              + (texts.size() == 1 ? " problem:" : " problems:")
              + "\n  "
              + String.join("\n  ", texts));
    }
  }

  /** A word that ends with this one, else the most similar one if it is similar at all. */
  private static Optional<String> nearest(String name, Collection<String> known) {
    Optional<String> longer =
        known.stream().filter(candidate -> candidate.endsWith("." + name)).findFirst();
    return longer.isPresent()
        ? longer
        : known.stream()
            .filter(candidate -> distance(name, candidate) <= Math.max(2, candidate.length() / 3))
            .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
  }

  /** Levenshtein distance of two short words. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(previous[j - 1] + change, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
