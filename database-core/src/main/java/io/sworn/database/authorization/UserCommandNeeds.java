package io.sworn.database.authorization;

import static io.sworn.database.authorization.Action.*;

import io.sworn.database.authorization.CommandRule.Needs;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Rights that the commands about users and roles need, and the forms of their arguments. */
public final class UserCommandNeeds {

  private UserCommandNeeds() {}

  static void register(BiConsumer<String, Needs> table) {
    table.accept("createUser", UserCommandNeeds::createUser);
    table.accept("updateUser", UserCommandNeeds::updateUser);
    table.accept("dropUser", (db, body, self) -> List.of(onDatabase(DROP_USER, db)));
    table.accept(
        "dropAllUsersFromDatabase", (db, body, self) -> List.of(onDatabase(DROP_USER, db)));
    table.accept("grantRolesToUser", (db, body, self) -> onRoles(GRANT_ROLE, db, body));
    table.accept("revokeRolesFromUser", (db, body, self) -> onRoles(REVOKE_ROLE, db, body));
    table.accept("usersInfo", UserCommandNeeds::usersInfo);
    table.accept("rolesInfo", (db, body, self) -> List.of(onDatabase(VIEW_ROLE, db)));
  }

  /**
   * The roles of an array in both of MongoDB's forms: a name, or name and database.
   *
   * @throws CommandException if an item has another form
   */
  public static List<RoleName> roles(String db, @Nullable BsonValue value) {
    if (value == null || !value.isArray()) {
      throw CommandException.typeMismatch("'roles' must be an array");
    }
    List<RoleName> roles = new ArrayList<>();
    for (BsonValue item : value.asArray()) {
      RoleName role;
      if (item.isString()) {
        role = new RoleName(item.asString().getValue(), db);
      } else if (item.isDocument()
          && item.asDocument().isString("role")
          && item.asDocument().isString("db")) {
        BsonDocument named = item.asDocument();
        role = new RoleName(named.getString("role").getValue(), named.getString("db").getValue());
      } else {
        throw CommandException.badValue("a role is a name or a document with 'role' and 'db'");
      }
      if (!roles.contains(role)) {
        roles.add(role);
      }
    }
    return roles;
  }

  /**
   * The users that {@code usersInfo} asks for by name; empty if it asks for all of a database or of
   * all databases.
   */
  public static List<UserName> namedUsers(String db, BsonValue value) {
    List<BsonValue> items = value.isArray() ? value.asArray().getValues() : List.of(value);
    List<UserName> names = new ArrayList<>();
    for (BsonValue item : items) {
      if (item.isString()) {
        names.add(new UserName(item.asString().getValue(), db));
      } else if (item.isDocument() && item.asDocument().isString("user")) {
        BsonDocument named = item.asDocument();
        String on = named.isString("db") ? named.getString("db").getValue() : db;
        names.add(new UserName(named.getString("user").getValue(), on));
      }
    }
    return names;
  }

  /** Whether {@code usersInfo} asks for the users of all databases. */
  public static boolean forAllDatabases(BsonValue value) {
    return value.isDocument() && value.asDocument().containsKey("forAllDBs");
  }

  private static List<Need> createUser(String db, BsonDocument body, UserName self) {
    List<Need> needs = new ArrayList<>(List.of(onDatabase(CREATE_USER, db)));
    roles(db, body.get("roles")).forEach(role -> needs.add(onDatabase(GRANT_ROLE, role.db())));
    return needs;
  }

  private static List<Need> updateUser(String db, BsonDocument body, UserName self) {
    List<Need> needs = new ArrayList<>();
    if (body.containsKey("pwd")) {
      needs.add(onDatabase(CHANGE_PASSWORD, db));
    }
    if (body.containsKey("customData")) {
      needs.add(onDatabase(CHANGE_CUSTOM_DATA, db));
    }
    if (body.containsKey("roles")) {
      // Replacing roles takes away roles of any database, which only they may who may everywhere.
      needs.add(onDatabase(REVOKE_ROLE, db));
      needs.add(onDatabase(REVOKE_ROLE, BuiltInRoles.ADMIN));
      needs.addAll(onRoles(GRANT_ROLE, db, body));
    }
    if (needs.isEmpty()) {
      needs.add(onDatabase(CHANGE_CUSTOM_DATA, db));
    }
    return needs;
  }

  private static List<Need> usersInfo(String db, BsonDocument body, UserName self) {
    BsonValue asked = body.getOrDefault("usersInfo", new BsonInt32(1));
    if (forAllDatabases(asked)) {
      return List.of(onDatabase(VIEW_USER, BuiltInRoles.ADMIN));
    }
    List<UserName> named = namedUsers(db, asked);
    if (named.isEmpty()) {
      return List.of(onDatabase(VIEW_USER, db));
    }
    return named.stream()
        .filter(name -> !name.equals(self)) // everybody may see himself
        .map(name -> onDatabase(VIEW_USER, name.db()))
        .distinct()
        .toList();
  }

  private static List<Need> onRoles(Action action, String db, BsonDocument body) {
    List<RoleName> roles = roles(db, body.get("roles"));
    if (roles.isEmpty()) {
      return List.of(onDatabase(action, db));
    }
    return roles.stream().map(role -> onDatabase(action, role.db())).distinct().toList();
  }

  private static Need onDatabase(Action action, String db) {
    return new Need(action, Resource.database(db));
  }
}
