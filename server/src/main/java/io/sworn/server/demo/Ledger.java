package io.sworn.server.demo;

import java.util.Map;
import java.util.TreeMap;

/**
 * What the clients themselves say that they did: counted where they act, so that it owes nothing to
 * the server. Bounded by the number of kinds.
 */
final class Ledger {

  private final Map<String, Long> counts = new TreeMap<>();

  synchronized void patientWrite() {
    counts.merge(DemoFilters.PATIENT_WRITES, 1L, Long::sum);
  }

  synchronized void schemaChange(String type) {
    counts.merge(DemoFilters.SCHEMA_CHANGES + "/" + type, 1L, Long::sum);
  }

  synchronized void failedLogin() {
    counts.merge(DemoFilters.FAILED_LOGINS, 1L, Long::sum);
  }

  synchronized long of(String kind) {
    return counts.entrySet().stream()
        .filter(e -> e.getKey().equals(kind) || e.getKey().startsWith(kind + "/"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
