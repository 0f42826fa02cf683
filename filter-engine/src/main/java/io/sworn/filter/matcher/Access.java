package io.sworn.filter.matcher;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    Set<Path> paths = new HashSet<>();
    probes.forEach(probe -> paths.add(probe.path()));
    return paths.size() == 1 ? probes.get(0).path() : null;
  }

  /** How much the worst probe lets through: the less the better. */
  int rank() {
    return probes.stream().mapToInt(probe -> probe.kind().ordinal()).max().orElse(0);
  }
}
