package io.sworn.filter.matcher;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A necessary condition of a rule: unless one of the probes answers yes, the rule does not match.
 *
 * @param exact the part of the rule that holds whenever a probe answers yes; null if none does
 */
record Access(List<Probe> probes, @Nullable Node exact) {

  /** Copies the probes. */
  Access {
    probes = List.copyOf(probes);
  }

  /** The only path of all probes, or null. */
  @Nullable Path path() {
    Path path = probes.isEmpty() ? null : probes.get(0).path();
    for (int i = 1; i < probes.size(); i++) {
      if (probes.get(i).path() != path) {
        return null;
      }
    }
    return path;
  }

  /** How much the worst probe lets through: the less the better. */
  int rank() {
    int rank = 0;
    for (Probe probe : probes) {
      rank = Math.max(rank, probe.kind().ordinal());
    }
    return rank;
  }

  /** Paths and sorts of index, such as {@code atype (equality)}. */
  String text() {
    return probes.stream()
        .map(probe -> probe.path() + " (" + probe.kind().text + ")")
        .distinct()
        .collect(Collectors.joining(" or "));
  }
}
