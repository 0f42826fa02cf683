package io.sworn.database.command;

import io.sworn.database.authorization.CommandException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * The fields that each command takes. What is not known to be done right is refused, never ignored:
 * a field that MongoDB does not have with 40415 as MongoDB does, one that it has and this server
 * has not with 115, unless it is set to nothing. Arguments that go with every command are judged
 * here, too.
 */
final class CommandFields {

  /** What goes with every command and is honoured, or has no meaning on a server alone. */
  private static final Set<String> GENERIC =
      Set.of(
          "$db",
          "lsid",
          "comment",
          "maxTimeMS",
          "readConcern",
          "writeConcern",
          "$readPreference",
          "$clusterTime",
          "apiVersion",
          "apiStrict",
          "apiDeprecationErrors",
          "clientOperationKey",
          "stmtId");

  /** Commands of MongoDB's Stable API, version 1. */
  private static final Set<String> STABLE =
      Set.of(
          "abortTransaction",
          "aggregate",
          "authenticate",
          "commitTransaction",
          "count",
          "create",
          "createIndexes",
          "delete",
          "drop",
          "dropDatabase",
          "dropIndexes",
          "endSessions",
          "find",
          "findAndModify",
          "getMore",
          "hello",
          "insert",
          "killCursors",
          "listCollections",
          "listDatabases",
          "listIndexes",
          "ping",
          "refreshSessions",
          "saslContinue",
          "saslStart",
          "update");

  private static final Map<String, CommandFields> TABLE = new TreeMap<>();

  private final Set<String> taken;
  private final Set<String> notDone = new HashSet<>();
  private final boolean open;

  static {
    handshake();
    data();
    catalogue();
    users();
    server();
  }

  private CommandFields(Set<String> taken, boolean open) {
    this.taken = taken;
    this.open = open;
  }

  private static CommandFields takes(String command, String... fields) {
    CommandFields entry = new CommandFields(Set.of(fields), false);
    TABLE.put(command, entry);
    return entry;
  }

  private CommandFields not(String... fields) {
    notDone.addAll(Set.of(fields));
    return this;
  }

  /** A command whose further fields are names of things, or are ignored by MongoDB, too. */
  private static void open(String command) {
    TABLE.put(command, new CommandFields(Set.of(), true));
  }

  private static void handshake() {
    open("hello"); // newer drivers tell older servers what they can do (SERVER-55211)
    open("isMaster");
    open("ping");
    takes("buildInfo");
    takes("whatsmyuri");
    takes("connectionStatus", "showPrivileges");
    takes("listCommands");
    takes("saslStart", "mechanism", "payload", "options", "autoAuthorize");
    takes("saslContinue", "conversationId", "payload");
    takes("authenticate", "mechanism", "user", "nonce", "key", "pwd");
    takes("logout");
    takes("startSession");
    takes("refreshSessions");
    takes("endSessions");
    takes("commitTransaction", "recoveryToken");
    takes("abortTransaction", "recoveryToken");
  }

  private static void data() {
    takes(
            "find",
            "filter",
            "sort",
            "projection",
            "hint",
            "skip",
            "limit",
            "batchSize",
            "singleBatch",
            "noCursorTimeout",
            "oplogReplay",
            "allowPartialResults",
            "allowDiskUse")
        .not(
            "returnKey", "showRecordId", "tailable", "awaitData", "let", "min", "max", "collation");
    takes("getMore", "collection", "batchSize");
    takes("killCursors", "cursors");
    takes("count", "query", "limit", "skip", "hint", "fields").not("collation");
    takes("distinct", "key", "query", "hint").not("collation");
    takes("aggregate", "pipeline", "cursor", "allowDiskUse", "bypassDocumentValidation", "hint")
        .not("explain", "let", "collation");
    takes("insert", "documents", "ordered", "bypassDocumentValidation")
        .not("bypassEmptyTsReplacement");
    takes("update", "updates", "ordered", "bypassDocumentValidation")
        .not("let", "bypassEmptyTsReplacement");
    takes("delete", "deletes", "ordered").not("let");
    takes(
            "findAndModify",
            "query",
            "sort",
            "remove",
            "update",
            "new",
            "fields",
            "upsert",
            "bypassDocumentValidation",
            "arrayFilters",
            "hint")
        .not("let", "collation", "bypassEmptyTsReplacement");
  }

  private static void catalogue() {
    takes(
            "create", // which refuses most of them itself, with MongoDB's code for options
            "capped",
            "size",
            "max",
            "autoIndexId",
            "idIndex",
            "validator",
            "validationLevel",
            "validationAction",
            "viewOn",
            "pipeline",
            "timeseries",
            "expireAfterSeconds",
            "clusteredIndex",
            "encryptedFields",
            "storageEngine",
            "indexOptionDefaults",
            "changeStreamPreAndPostImages")
        .not("collation");
    takes("drop");
    takes("dropDatabase");
    takes("renameCollection", "to", "dropTarget");
    takes("createIndexes", "indexes", "commitQuorum").not("ignoreUnknownIndexOptions");
    takes("dropIndexes", "index");
    takes("listCollections", "filter", "nameOnly", "authorizedCollections", "cursor")
        .not("includePendingDrops");
    takes("listIndexes", "cursor").not("includeIndexBuildInfo");
    takes("listDatabases", "filter", "nameOnly", "authorizedDatabases");
    takes("collStats", "scale");
    takes("dbStats", "scale", "freeStorage");
    takes("validate", "full")
        .not("repair", "fixMultikey", "metadata", "checkBSONConformance", "background");
  }

  private static void users() {
    for (String command : List.of("createUser", "updateUser")) {
      takes(
              command,
              "pwd",
              "roles",
              "customData",
              "mechanisms",
              "digestPassword",
              "passwordDigestor")
          .not("authenticationRestrictions");
    }
    takes("dropUser");
    takes("dropAllUsersFromDatabase");
    takes("grantRolesToUser", "roles");
    takes("revokeRolesFromUser", "roles");
    takes("usersInfo", "showCustomData")
        .not("showCredentials", "showPrivileges", "showAuthenticationRestrictions", "filter");
    takes("rolesInfo", "showBuiltinRoles").not("showPrivileges", "showAuthenticationRestrictions");
  }

  private static void server() {
    open("serverStatus"); // sections
    open("getParameter"); // parameters
    open("setParameter"); // parameters, which it judges itself
    takes("hostInfo");
    takes("getLog");
    takes("getCmdLineOpts");
    takes("logApplicationMessage");
    takes("replSetGetStatus", "initialSync");
  }

  /** Whether an argument goes with every command. */
  static boolean isGeneric(String field) {
    return GENERIC.contains(field);
  }

  /**
   * Judges the fields of a command that may be run.
   *
   * @param command in MongoDB's own spelling
   * @param spelled as the client spelled it: the field that carries the command
   * @throws CommandException naming the field that is unknown or that cannot be honoured
   */
  static void check(String command, String spelled, BsonDocument body) {
    CommandFields fields = TABLE.get(command);
    if (fields == null) {
      throw new AssertionError("no list of the fields of " + command);
    }
    for (Map.Entry<String, BsonValue> entry : body.entrySet()) {
      String field = entry.getKey();
      if (!field.equals(spelled)) {
        refuseEverywhere(field);
        if (GENERIC.contains(field)) {
          generic(command, field, entry.getValue(), body);
        } else {
          fields.check(command, field, entry.getValue());
        }
      }
    }
  }

  private void check(String command, String field, BsonValue value) {
    if (notDone.contains(field)) {
      if (!isNothing(value)) {
        throw CommandException.notSupported(
            "option '" + field + "' of " + command + " is not supported by this server");
      }
    } else if (!open && !taken.contains(field)) {
      throw new CommandException(
          40415,
          "Location40415",
          "BSON field '" + command + "." + field + "' is an unknown field.");
    }
  }

  /** What asks for nothing: also the collation that compares as is done here anyway. */
  private static boolean isNothing(BsonValue value) {
    return value.isNull()
        || value.equals(BsonBoolean.FALSE)
        || (value.isArray() && value.asArray().isEmpty())
        || (value.isDocument()
            && (value.asDocument().isEmpty()
                || new BsonString("simple").equals(value.asDocument().get("locale"))));
  }

  private static void refuseEverywhere(String field) {
    switch (field) {
      case "txnNumber", "startTransaction", "autocommit", "txnRetryCounter", "coordinator" ->
          throw ServerCommands.refuseTransaction();
      case "encryptionInformation" ->
          throw CommandException.notSupported(
              "Queryable Encryption (encryptionInformation) is not supported by this server");
      default -> {}
    }
  }

  private static void generic(String command, String field, BsonValue value, BsonDocument body) {
    switch (field) {
      case "readConcern" -> readConcern(value);
      case "writeConcern" -> writeConcern(value);
      case "apiVersion" -> {
        if (!value.equals(new BsonString("1"))) {
          throw new CommandException(322, "APIVersionError", "the only API version is \"1\"");
        }
      }
      case "apiStrict", "apiDeprecationErrors" -> stableApi(command, field, value, body);
      default -> {}
    }
  }

  private static void readConcern(BsonValue value) {
    if (!value.isDocument()) {
      throw CommandException.typeMismatch("'readConcern' must be a document");
    }
    if (value.asDocument().get("level") instanceof BsonString level
        && Set.of("snapshot", "linearizable").contains(level.getValue())) {
      throw new CommandException(
          72, "InvalidOptions", "readConcern level " + level.getValue() + " needs a replica set");
    }
  }

  private static void writeConcern(BsonValue value) {
    if (!value.isDocument()) {
      throw CommandException.typeMismatch("'writeConcern' must be a document");
    }
    BsonValue w = value.asDocument().get("w");
    if (w != null && w.isNumber() && w.asNumber().intValue() > 1) {
      throw CommandException.badValue("cannot use 'w' > 1 when a host is not replicated");
    }
    if (w != null && w.isString() && !w.asString().getValue().equals("majority")) {
      throw CommandException.badValue(
          "cannot use non-majority 'w' mode when a host is not a member of a replica set");
    }
  }

  private static void stableApi(String command, String field, BsonValue value, BsonDocument body) {
    if (!value.isBoolean()) {
      throw CommandException.typeMismatch("'" + field + "' must be true or false");
    }
    if (!body.containsKey("apiVersion")) {
      throw new CommandException(
          4886600, "Location4886600", "'" + field + "' needs 'apiVersion' beside it");
    }
    if (field.equals("apiStrict") && value.asBoolean().getValue() && !STABLE.contains(command)) {
      throw new CommandException(
          323, "APIStrictError", command + " is not in API version 1, and apiStrict is true");
    }
  }
}
