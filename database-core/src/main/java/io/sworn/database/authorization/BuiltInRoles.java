package io.sworn.database.authorization;

import static io.sworn.database.authorization.Action.*;

import io.sworn.event.RoleName;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** MongoDB's built-in roles, as far as this server has them. There are no others. */
public final class BuiltInRoles {

  /** The database of roles that reach beyond one database. */
  public static final String ADMIN = "admin";

  /** May do everything that anybody may do. */
  public static final RoleName ROOT = new RoleName("root", ADMIN);

  private static final String ANY_DATABASE = "AnyDatabase";

  private static final Set<Action> READ =
      EnumSet.of(FIND, LIST_COLLECTIONS, LIST_INDEXES, COLL_STATS, DB_STATS);
  private static final Set<Action> READ_WRITE =
      union(
          READ,
          EnumSet.of(
              INSERT,
              UPDATE,
              REMOVE,
              CREATE_COLLECTION,
              DROP_COLLECTION,
              CREATE_INDEX,
              DROP_INDEX,
              RENAME_COLLECTION_SAME_DB));
  private static final Set<Action> DB_ADMIN =
      EnumSet.of(
          LIST_COLLECTIONS,
          LIST_INDEXES,
          COLL_STATS,
          DB_STATS,
          INDEX_STATS,
          CREATE_COLLECTION,
          DROP_COLLECTION,
          CREATE_INDEX,
          DROP_INDEX,
          DROP_DATABASE,
          RENAME_COLLECTION_SAME_DB,
          COLL_MOD,
          VALIDATE);
  private static final Set<Action> USER_ADMIN =
      EnumSet.of(
          CREATE_USER,
          DROP_USER,
          CHANGE_PASSWORD,
          CHANGE_CUSTOM_DATA,
          GRANT_ROLE,
          REVOKE_ROLE,
          VIEW_USER,
          VIEW_ROLE);

  /** Roles that exist on every database and reach no further than it. */
  private static final Map<String, Set<Action>> ON_DATABASE =
      new TreeMap<>(
          Map.of(
              "read", READ,
              "readWrite", READ_WRITE,
              "dbAdmin", DB_ADMIN,
              "userAdmin", USER_ADMIN,
              "dbOwner", union(union(READ_WRITE, DB_ADMIN), USER_ADMIN)));

  /** Roles that exist on {@code admin} in a form for all databases. */
  private static final Set<String> WITH_ANY_FORM =
      Set.of("read", "readWrite", "dbAdmin", "userAdmin");

  private BuiltInRoles() {}

  /** Whether there is such a role. */
  public static boolean exists(RoleName role) {
    return role.equals(ROOT)
        || ON_DATABASE.containsKey(role.role())
        || (role.db().equals(ADMIN) && anyForm(role) != null);
  }

  /** All roles of a database, sorted by name. */
  public static List<RoleName> of(String db) {
    return java.util.stream.Stream.concat(
            ON_DATABASE.keySet().stream(),
            db.equals(ADMIN)
                ? java.util.stream.Stream.concat(
                    WITH_ANY_FORM.stream().map(base -> base + ANY_DATABASE),
                    java.util.stream.Stream.of(ROOT.role()))
                : java.util.stream.Stream.empty())
        .sorted()
        .map(name -> new RoleName(name, db))
        .toList();
  }

  /** Whether one of the roles grants what is needed. */
  public static boolean grant(Collection<RoleName> roles, Need need) {
    return !need.resource().isProtected() && roles.stream().anyMatch(role -> grants(role, need));
  }

  private static boolean grants(RoleName role, Need need) {
    if (role.equals(ROOT)) {
      return true;
    }
    String db = need.resource().db();
    String base = role.db().equals(ADMIN) ? anyForm(role) : null;
    if (base != null) {
      return db == null
          ? need.action() == LIST_DATABASES
          : !db.equals("config") && onDatabase(base).contains(need.action());
    }
    return role.db().equals(db) && onDatabase(role.role()).contains(need.action());
  }

  private static Set<Action> onDatabase(String role) {
    return ON_DATABASE.getOrDefault(role, Set.of());
  }

  private static @Nullable String anyForm(RoleName role) {
    String name = role.role();
    if (!name.endsWith(ANY_DATABASE)) {
      return null;
    }
    String base = name.substring(0, name.length() - ANY_DATABASE.length());
    return WITH_ANY_FORM.contains(base) ? base : null;
  }

  private static Set<Action> union(Set<Action> one, Set<Action> other) {
    Set<Action> both = EnumSet.copyOf(one);
    both.addAll(other);
    return both;
  }
}
