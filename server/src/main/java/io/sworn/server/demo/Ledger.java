package io.sworn.server.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the clients say that they caused, written where they act, so that it owes nothing to the
 * server. Holds one round. Safe for any thread.
 */
final class Ledger {

  private final Map<Caused, Long> due = new HashMap<>();
  private final Map<Caused, Long> possible = new HashMap<>();

  /** What an archive lacks and what it has beyond the ledger, in words. */
  record Difference(List<String> missing, List<String> unexplained, long missed, long unknown) {
    boolean none() {
      return missing.isEmpty() && unexplained.isEmpty();
    }
  }

  /** This must be in the archive, once more than so far. */
  synchronized void due(Caused caused) {
    due.merge(caused, 1L, Long::sum);
  }

  /** This may be in the archive: the client was cut off before it knew. */
  synchronized void possible(Caused caused) {
    possible.merge(caused, 1L, Long::sum);
  }

  /** How many events are due. */
  synchronized long size() {
    return due.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Events due by type. */
  synchronized Map<String, Long> byKind() {
    Map<String, Long> kinds = new TreeMap<>();
    due.forEach((caused, count) -> kinds.merge(kind(caused), count, Long::sum));
    return kinds;
  }

  /** The sort of an event as the summary names it. */
  static String kind(Caused caused) {
    return switch (caused.type()) {
      case "authCheck" -> caused.result() == 0 ? "commands allowed" : "commands refused";
      case "authenticate" -> caused.result() == 0 ? "logins" : "failed logins";
      case "logout" -> "logouts";
      case "clientMetadata" -> "drivers introduced";
      case "protocolError" -> "malformed messages";
      case "createUser", "updateUser", "dropUser", "grantRolesToUser", "revokeRolesFromUser" ->
          "account changes";
      default -> "schema changes";
    };
  }

  /** Compares with what is in the archive. */
  synchronized Difference compare(List<Caused> archived) {
    Map<Caused, Long> found = new HashMap<>();
    archived.forEach(caused -> found.merge(caused, 1L, Long::sum));
    List<String> missing = new ArrayList<>();
    List<String> unexplained = new ArrayList<>();
    long missed = 0;
    long unknown = 0;
    for (Map.Entry<Caused, Long> entry : due.entrySet()) {
      long lacking = entry.getValue() - found.getOrDefault(entry.getKey(), 0L);
      if (lacking > 0) {
        missed += lacking;
        missing.add("not in the archive, " + times(lacking) + ": " + entry.getKey());
      }
    }
    for (Map.Entry<Caused, Long> entry : found.entrySet()) {
      long explained =
          due.getOrDefault(entry.getKey(), 0L) + possible.getOrDefault(entry.getKey(), 0L);
      if (entry.getValue() > explained) {
        unknown += entry.getValue() - explained;
        unexplained.add(
            "in the archive, but no client says so, "
                + times(entry.getValue() - explained)
                + ": "
                + entry.getKey());
      }
    }
    missing.sort(null);
    unexplained.sort(null);
    return new Difference(List.copyOf(missing), List.copyOf(unexplained), missed, unknown);
  }

  private static String times(long count) {
    return count == 1 ? "once" : count + " times";
  }
}
