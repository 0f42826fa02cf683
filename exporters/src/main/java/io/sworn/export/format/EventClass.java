package io.sworn.export.format;

import io.sworn.event.AuditEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an audit action means to those who read it elsewhere: the one table behind every format.
 *
 * @param categories ECS {@code event.category}
 * @param types ECS {@code event.type}, allowed for those categories
 * @param model data model of Splunk's Common Information Model
 * @param action that model's {@code action}, for a success
 * @param object kind of thing acted upon: CIM {@code object_category}
 * @param severity 1 informational to 5 critical (OCSF {@code severity_id}), raised on failure
 * @param shownByGuardium whether Guardium's MongoDB input makes a record of it
 */
public record EventClass(
    List<String> categories,
    List<String> types,
    Model model,
    String action,
    String object,
    int severity,
    boolean shownByGuardium) {

  /** Data models of Splunk's Common Information Model. */
  public enum Model {
    /** Who signed in. */
    AUTHENTICATION,
    /** What was changed in structure, accounts or configuration. */
    CHANGE,
    /** Which data were read or written. */
    DATA_ACCESS,
    /** Connections. */
    DATABASES
  }

  private static final Set<String> READS =
      Set.of("find", "aggregate", "count", "distinct", "getMore");
  private static final Set<String> LISTS =
      Set.of("listCollections", "listDatabases", "listIndexes");
  private static final Set<String> CHANGES =
      Set.of("update", "findAndModify", "findandmodify", "bulkWrite");
  private static final Set<String> DELETES = Set.of("delete", "remove");

  private static final Map<String, EventClass> BY_TYPE = table();
  private static final EventClass OTHER_COMMAND = data("info", "unknown", 1);
  private static final EventClass READ = data("access", "read", 1);
  private static final EventClass INSERT = data("change", "created", 1);
  private static final EventClass CHANGE = data("change", "modified", 1);
  private static final EventClass DELETE = data("change", "deleted", 2);
  private static final EventClass UNKNOWN =
      row("database", "info", Model.CHANGE, "unknown", "unknown", 2, false);

  /** The meaning of {@code event}. An unknown type has the class of a note. */
  public static EventClass of(AuditEvent event) {
    EventClass found =
        event.type().equals("authCheck")
            ? ofCommand(event)
            : BY_TYPE.getOrDefault(event.type(), UNKNOWN);
    return event.result() == 0 ? found : found.failed();
  }

  /** Every type that the table names, {@code authCheck} aside. */
  static Set<String> namedTypes() {
    return BY_TYPE.keySet();
  }

  /** Text for a server error code; the number itself where it has no common name. */
  public static String resultText(int code) {
    return switch (code) {
      case 0 -> "OK";
      case 2 -> "BadValue";
      case 11 -> "UserNotFound";
      case 13 -> "Unauthorized";
      case 18 -> "AuthenticationFailed";
      case 26 -> "NamespaceNotFound";
      case 31 -> "RoleNotFound";
      case 48 -> "NamespaceExists";
      case 59 -> "CommandNotFound";
      case 276 -> "IndexBuildAborted";
      case 334 -> "MechanismUnavailable";
      case 11000 -> "DuplicateKey";
      case 51002 -> "DuplicateRole";
      case 51003 -> "DuplicateUser";
      default -> "Error " + code;
    };
  }

  private static EventClass ofCommand(AuditEvent event) {
    String command = event.command();
    if (command == null) {
      return OTHER_COMMAND;
    }
    if (command.equals("aggregate") && PipelineWrites.in(event)) {
      return CHANGE;
    }
    if (READS.contains(command) || LISTS.contains(command)) {
      return READ;
    }
    if (CHANGES.contains(command)) {
      return CHANGE;
    }
    if (DELETES.contains(command)) {
      return DELETE;
    }
    return command.equals("insert") ? INSERT : OTHER_COMMAND;
  }

  private EventClass failed() {
    return new EventClass(
        categories, types, model, action, object, Math.min(5, severity + 2), shownByGuardium);
  }

  private static EventClass data(String type, String action, int severity) {
    return row("database", type, Model.DATA_ACCESS, action, "collection", severity, true);
  }

  private static EventClass row(
      String categories,
      String types,
      Model model,
      String action,
      String object,
      int severity,
      boolean guardium) {
    return new EventClass(
        List.of(categories.split(" ")),
        List.of(types.split(" ")),
        model,
        action,
        object,
        severity,
        guardium);
  }

  private static Map<String, EventClass> table() {
    Map<String, EventClass> t = new HashMap<>();
    t.put(
        "authenticate",
        row("authentication", "start", Model.AUTHENTICATION, "success", "user", 1, true));
    t.put("logout", row("authentication session", "end", Model.CHANGE, "logoff", "user", 1, true));
    t.put(
        "clientMetadata",
        row("network", "connection info", Model.DATABASES, "connect", "session", 1, true));
    t.put(
        "applicationMessage",
        row("database", "info", Model.DATABASES, "message", "application", 1, true));

    for (String what : List.of("Collection", "Database", "Index")) {
      String object = what.toLowerCase(java.util.Locale.ROOT);
      t.put("create" + what, structure("creation", "created", object, 2, true));
      t.put(
          "drop" + what,
          structure("deletion", "deleted", object, what.equals("Database") ? 4 : 3, true));
    }
    t.put("importCollection", structure("creation", "created", "collection", 2, false));
    t.put("renameCollection", structure("change", "modified", "collection", 2, true));

    t.put("createUser", account("user creation", "created", "user", 3));
    t.put("dropUser", account("user deletion", "deleted", "user", 3));
    t.put("dropAllUsersFromDatabase", account("user deletion", "deleted", "user", 3));
    t.put("updateUser", account("user change", "modified", "user", 3));
    t.put("grantRolesToUser", account("user change", "acl_modified", "user", 3));
    t.put("revokeRolesFromUser", account("user change", "acl_modified", "user", 3));
    t.put("createRole", account("admin creation", "created", "role", 3));
    t.put("updateRole", account("admin change", "modified", "role", 3));
    t.put("dropRole", account("admin deletion", "deleted", "role", 3));
    t.put("dropAllRolesFromDatabase", account("admin deletion", "deleted", "role", 3));
    for (String change :
        List.of(
            "grantPrivilegesToRole",
            "grantRolesToRole",
            "revokePrivilegesFromRole",
            "revokeRolesFromRole")) {
      t.put(change, account("admin change", "acl_modified", "role", 3));
    }
    t.put(
        "dropPrivilegesToRole",
        row("iam", "admin change", Model.CHANGE, "acl_modified", "role", 3, false));
    t.put(
        "directAuthMutation", row("iam", "change", Model.CHANGE, "acl_modified", "user", 4, false));

    t.put("auditConfigure", server("configuration", "change", "modified", 5, false));
    t.put("rotateLog", server("configuration", "info", "modified", 2, false));
    for (String change :
        List.of(
            "replSetReconfig", "addShard", "removeShard", "enableSharding", "shardCollection")) {
      t.put(change, server("configuration", "change", "modified", 3, true));
    }
    for (String change :
        List.of(
            "refineCollectionShardKey",
            "setClusterParameter",
            "updateCachedClusterServerParameter")) {
      t.put(change, server("configuration", "change", "modified", 3, false));
    }
    t.put("getClusterParameter", server("configuration", "access", "read", 1, false));
    t.put("startup", server("process", "start", "started", 3, false));
    t.put("shutdown", server("process", "end", "stopped", 3, true));
    return Map.copyOf(t);
  }

  private static EventClass structure(
      String type, String action, String object, int severity, boolean guardium) {
    return row(
            "database configuration",
            "change " + type,
            Model.CHANGE,
            action,
            object,
            severity,
            guardium)
        .distinctTypes();
  }

  private static EventClass account(String types, String action, String object, int severity) {
    return row("iam", types, Model.CHANGE, action, object, severity, true);
  }

  private static EventClass server(
      String category, String type, String action, int severity, boolean guardium) {
    return row(category, type, Model.CHANGE, action, "server", severity, guardium);
  }

  private EventClass distinctTypes() {
    return new EventClass(
        categories,
        types.stream().distinct().toList(),
        model,
        action,
        object,
        severity,
        shownByGuardium);
  }
}
