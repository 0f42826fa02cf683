package io.sworn.database.authorization;

import static io.sworn.database.authorization.Action.*;

import io.sworn.database.authorization.CommandRule.Access;
import io.sworn.database.authorization.CommandRule.Needs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * Every command that this server knows, with the rights that it needs. A name is matched letter by
 * letter as mongod does; what is not in the table does not exist.
 */
public final class CommandTable {

  private static final Needs NOTHING = (db, body, self) -> List.of();
  private static final Needs SERVER =
      (db, body, self) -> List.of(new Need(ADMINISTER_SERVER, Resource.SERVER));

  private static final Map<String, CommandRule> RULES = new TreeMap<>();

  static {
    handshake();
    reads();
    writes();
    catalogue();
    UserCommandNeeds.register(CommandTable::put);
    server();
    knownButRefused();
  }

  private CommandTable() {}

  /** The rule for a command as the client spelled it. */
  public static Optional<CommandRule> find(String spelling) {
    return Optional.ofNullable(RULES.get(spelling));
  }

  /** All rules by spelling, aliases included. */
  public static Map<String, CommandRule> all() {
    return Map.copyOf(RULES);
  }

  private static void handshake() {
    for (String name :
        List.of(
            "hello",
            "ping",
            "saslStart",
            "saslContinue",
            "authenticate",
            "logout",
            "connectionStatus",
            "listCommands")) {
      RULES.put(name, new CommandRule(name, Access.ANYONE, NOTHING, true));
    }
    alias(new CommandRule("isMaster", Access.ANYONE, NOTHING, true), "ismaster");
    alias(new CommandRule("buildInfo", Access.ANYONE, NOTHING, true), "buildinfo");
    RULES.put("whatsmyuri", new CommandRule("whatsmyuri", Access.ANYONE, NOTHING, true));
    put("startSession", NOTHING);
    put("refreshSessions", NOTHING);
    put("endSessions", NOTHING);
  }

  private static void reads() {
    put("find", on(FIND));
    put("count", on(FIND));
    put("distinct", on(FIND));
    put("aggregate", CommandTable::aggregate);
    put("getMore", CommandTable::getMore);
    put("killCursors", NOTHING); // an owner's cursors are all that the engine shows
  }

  private static void writes() {
    put("insert", on(INSERT));
    put("delete", on(REMOVE));
    put("update", CommandTable::update);
    alias(
        new CommandRule("findAndModify", Access.AUTHENTICATED, CommandTable::findAndModify, true),
        "findandmodify");
  }

  private static void catalogue() {
    put("create", CommandTable::create);
    put("drop", on(DROP_COLLECTION));
    put("dropDatabase", onDatabase(DROP_DATABASE));
    put("renameCollection", CommandTable::renameCollection);
    put("createIndexes", on(CREATE_INDEX));
    alias(
        new CommandRule("dropIndexes", Access.AUTHENTICATED, on(DROP_INDEX), true),
        "deleteIndexes");
    put("listCollections", onDatabase(LIST_COLLECTIONS));
    put("listIndexes", on(LIST_INDEXES));
    put("listDatabases", NOTHING); // shows only databases that the user has rights in
    alias(new CommandRule("collStats", Access.AUTHENTICATED, on(COLL_STATS), true), "collstats");
    alias(new CommandRule("dbStats", Access.AUTHENTICATED, onDatabase(DB_STATS), true), "dbstats");
    put("validate", on(VALIDATE));
  }

  private static void server() {
    for (String name :
        List.of(
            "serverStatus",
            "hostInfo",
            "getLog",
            "getCmdLineOpts",
            "getParameter",
            "setParameter",
            "logApplicationMessage")) {
      put(name, SERVER);
    }
  }

  /** mongod has these. Here they are refused with a reason instead of being unknown. */
  private static void knownButRefused() {
    put("commitTransaction", NOTHING);
    put("abortTransaction", NOTHING);
    put("replSetGetStatus", SERVER);
    refuse("explain", CommandTable::explain);
    refuse("collMod", on(COLL_MOD));
    for (String name : List.of("bulkWrite", "mapReduce", "currentOp")) {
      refuse(name, NOTHING);
    }
    for (String name :
        List.of(
            "getClusterParameter",
            "setClusterParameter",
            "getAuditConfig",
            "setAuditConfig",
            "createRole",
            "updateRole",
            "dropRole",
            "dropAllRolesFromDatabase",
            "grantRolesToRole",
            "revokeRolesFromRole",
            "grantPrivilegesToRole",
            "revokePrivilegesFromRole",
            "killOp",
            "killSessions",
            "killAllSessions",
            "killAllSessionsByPattern",
            "compact",
            "fsync",
            "profile",
            "logRotate",
            "shutdown",
            "replSetInitiate",
            "replSetReconfig",
            "setFeatureCompatibilityVersion",
            "convertToCapped",
            "top")) {
      refuse(name, SERVER);
    }
  }

  private static void refuse(String name, Needs needs) {
    RULES.put(name, new CommandRule(name, Access.AUTHENTICATED, needs, false));
  }

  private static void put(String name, Needs needs) {
    RULES.put(name, new CommandRule(name, Access.AUTHENTICATED, needs, true));
  }

  private static void alias(CommandRule rule, String other) {
    RULES.put(rule.name(), rule);
    RULES.put(other, rule);
  }

  private static Needs on(Action action) {
    return (db, body, self) -> List.of(new Need(action, Resource.collection(db, target(body))));
  }

  private static Needs onDatabase(Action action) {
    return (db, body, self) -> List.of(new Need(action, Resource.database(db)));
  }

  /** The collection that the first member names. */
  private static String target(BsonDocument body) {
    BsonValue first = body.get(body.getFirstKey());
    if (first == null || !first.isString()) {
      throw new CommandException(
          73, "InvalidNamespace", "collection name has invalid type, a string is expected");
    }
    return first.asString().getValue();
  }

  private static List<Need> aggregate(String db, BsonDocument body, Object self) {
    if (!body.isString(body.getFirstKey())) {
      throw CommandException.notSupported("aggregate over a whole database is not supported");
    }
    return PipelineWalker.needs(db, target(body), body.getOrDefault("pipeline", new BsonArray()));
  }

  private static List<Need> getMore(String db, BsonDocument body, Object self) {
    if (!body.isString("collection")) {
      throw CommandException.typeMismatch("getMore needs a string 'collection'");
    }
    String collection = body.getString("collection").getValue();
    // Cursors over the catalogue; reading on needs no more than owning the cursor.
    return collection.startsWith("$cmd.")
        ? List.of()
        : List.of(new Need(FIND, Resource.collection(db, collection)));
  }

  private static List<Need> explain(String db, BsonDocument body, io.sworn.event.UserName self) {
    BsonValue inner = body.get("explain");
    if (inner == null || !inner.isDocument() || inner.asDocument().isEmpty()) {
      throw CommandException.typeMismatch("explain needs a command");
    }
    String name = inner.asDocument().getFirstKey();
    if (name.equals("explain")) {
      throw CommandException.badValue("explain cannot explain itself");
    }
    return find(name)
        .orElseThrow(
            () -> new CommandException(59, "CommandNotFound", "no such command in explain"))
        .needs()
        .of(db, inner.asDocument(), self);
  }

  private static List<Need> update(String db, BsonDocument body, Object self) {
    Resource resource = Resource.collection(db, target(body));
    List<Need> needs = new ArrayList<>(List.of(new Need(UPDATE, resource)));
    if (!body.isArray("updates")) {
      throw CommandException.typeMismatch("update needs an array 'updates'");
    }
    for (BsonValue item : body.getArray("updates")) {
      if (item.isDocument() && isTrue(item.asDocument().get("upsert"))) {
        needs.add(new Need(INSERT, resource));
        break;
      }
    }
    return needs;
  }

  private static List<Need> findAndModify(String db, BsonDocument body, Object self) {
    Resource resource = Resource.collection(db, target(body));
    List<Need> needs = new ArrayList<>(List.of(new Need(FIND, resource)));
    needs.add(new Need(isTrue(body.get("remove")) ? REMOVE : UPDATE, resource));
    if (isTrue(body.get("upsert"))) {
      needs.add(new Need(INSERT, resource));
    }
    return needs;
  }

  private static List<Need> create(String db, BsonDocument body, Object self) {
    List<Need> needs = new ArrayList<>();
    needs.add(new Need(CREATE_COLLECTION, Resource.collection(db, target(body))));
    if (body.isString("viewOn")) {
      needs.addAll(
          PipelineWalker.needs(
              db,
              body.getString("viewOn").getValue(),
              body.getOrDefault("pipeline", new BsonArray())));
    }
    return needs;
  }

  private static List<Need> renameCollection(String db, BsonDocument body, Object self) {
    Resource from = namespace(body.get(body.getFirstKey()));
    Resource to = namespace(body.get("to"));
    List<Need> needs = new ArrayList<>();
    if (from.db() != null && from.db().equals(to.db())) {
      needs.add(new Need(RENAME_COLLECTION_SAME_DB, from));
      needs.add(new Need(RENAME_COLLECTION_SAME_DB, to));
    } else {
      needs.add(new Need(FIND, from));
      needs.add(new Need(DROP_COLLECTION, from));
      needs.add(new Need(INSERT, to));
      needs.add(new Need(CREATE_INDEX, to));
    }
    if (isTrue(body.get("dropTarget"))) {
      needs.add(new Need(DROP_COLLECTION, to));
    }
    return needs;
  }

  private static Resource namespace(@org.jspecify.annotations.Nullable BsonValue value) {
    String text = value != null && value.isString() ? value.asString().getValue() : "";
    int dot = text.indexOf('.');
    if (dot < 1) {
      throw new CommandException(73, "InvalidNamespace", "Invalid namespace specified");
    }
    return Resource.collection(text.substring(0, dot), text.substring(dot + 1));
  }

  /** What MongoDB takes for true: any number but 0, or {@code true}. */
  private static boolean isTrue(@org.jspecify.annotations.Nullable BsonValue value) {
    return value != null
        && (value.isBoolean()
            ? value.asBoolean().getValue()
            : value.isNumber() && value.asNumber().doubleValue() != 0);
  }
}
