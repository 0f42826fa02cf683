package io.sworn.filter.lint;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The types of events ({@code atype}) and the members of their {@code param}, as MongoDB's manual
 * (System Event Audit Messages, OCSF mapping), Percona's source and Sworn's own trails have them.
 */
final class KnownTypes {

  private static final Map<String, Optional<Set<String>>> PARAMS = new TreeMap<>();

  static {
    // MongoDB, by the manual. Percona's additional members stand beside.
    add("authenticate", "user", "db", "mechanism");
    add("authCheck", "command", "ns", "args");
    add("clientMetadata", "localEndpoint", "clientMetadata");
    add(
        "startup",
        "startupOptions",
        "initialClusterServerParameter",
        "options",
        "initialClusterServerParameters");
    add("shutdown");
    add("applicationMessage", "msg");
    add("createDatabase", "ns");
    add("dropDatabase", "ns");
    add("createCollection", "ns", "viewOn", "pipeline");
    add("dropCollection", "ns", "viewOn", "pipeline");
    add("renameCollection", "old", "new");
    add("createIndex", "ns", "indexName", "indexSpec", "indexBuildState");
    add("dropIndex", "ns", "indexName");
    add(
        "createUser",
        "user",
        "db",
        "customData",
        "roles",
        "password",
        "authenticationRestrictions");
    add(
        "updateUser",
        "user",
        "db",
        "passwordChanged",
        "customData",
        "roles",
        "password",
        "authenticationRestrictions");
    add("dropUser", "user", "db");
    add("dropAllUsersFromDatabase", "db");
    add("grantRolesToUser", "user", "db", "roles");
    add("revokeRolesFromUser", "user", "db", "roles");
    add("createRole", "role", "db", "roles", "privileges", "authenticationRestrictions");
    add("updateRole", "role", "db", "roles", "privileges", "authenticationRestrictions");
    add("dropRole", "role", "db");
    add("dropAllRolesFromDatabase", "db");
    add("grantRolesToRole", "role", "db", "roles");
    add("revokeRolesFromRole", "role", "db", "roles");
    add("grantPrivilegesToRole", "role", "db", "privileges");
    add("revokePrivilegesFromRole", "role", "db", "privileges");
    add("directAuthMutation", "document", "ns", "operation");
    add("replSetReconfig", "old", "new");
    add("addShard", "shard", "connectionString", "maxSize");
    add("removeShard", "shard");
    add("enableSharding", "ns");
    add("shardCollection", "ns", "key", "options");
    add("refineCollectionShardKey", "ns", "key");
    add("getClusterParameter", "requestedClusterServerParameters");
    add(
        "setClusterParameter",
        "originalClusterServerParameter",
        "updatedClusterServerParameter",
        "tenantId");
    add(
        "updateCachedClusterServerParameter",
        "originalClusterServerParameter",
        "updatedClusterServerParameter",
        "tenantId");
    // Their members are not documented, or not all of them.
    opaque("logout", "auditConfigure", "rotateLog", "importCollection", "dropPrivilegesToRole");
    opaque("authzCheck", "startupOptions");
    // Percona.
    add("createView", "ns", "viewOn", "pipeline");
    add("dropView", "ns", "viewOn", "pipeline");
    add("dropAllUsers", "db");
    add("dropAllRoles", "db");
    // Sworn.
    opaque("alert", "alertNotice", "protocolError", "eventsLost", "lossAcknowledged", "reportRun");
    opaque("filterPut", "filterRollback", "filterDisable", "filterSwitched", "filterDiff");
    opaque("alertPut", "alertRollback", "alertDisable", "tail", "deadLettersList");
    opaque("consoleSignedIn", "consoleSignInRefused", "consoleSignInThrottled");
    opaque("consoleSignedOut", "consoleSessionExpired", "consoleReportViewed");
    opaque("consoleBundleTaken");
  }

  private KnownTypes() {}

  private static void add(String type, String... members) {
    PARAMS.put(type, Optional.of(Set.of(members)));
  }

  private static void opaque(String... types) {
    for (String type : types) {
      PARAMS.put(type, Optional.empty());
    }
  }

  static boolean contains(String type) {
    return PARAMS.containsKey(type);
  }

  /** Whether the documentation of a type lists its members, and not this one. */
  static boolean lacks(String type, String member) {
    return PARAMS
        .getOrDefault(type, Optional.empty())
        .map(members -> !members.contains(member))
        .orElse(false);
  }

  /** The known type that is spelt most alike; empty if none is alike. */
  static Optional<String> nearest(String type) {
    String best = null;
    int least = 1 + Math.max(1, type.length() / 4);
    String wanted = type.toLowerCase(Locale.ROOT);
    for (String known : PARAMS.keySet()) {
      int distance =
          Math.abs(known.length() - type.length()) < least
              ? distance(wanted, known.toLowerCase(Locale.ROOT))
              : least;
      if (distance < least) {
        best = known;
        least = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Letters to insert, delete or replace (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
