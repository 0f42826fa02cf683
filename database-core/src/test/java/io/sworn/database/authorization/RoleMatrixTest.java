package io.sworn.database.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each role against each command of the table: allowed or denied, nothing in between. */
final class RoleMatrixTest {

  private static final UserName SELF = new UserName("me", "shop");
  private static final String[] ROLES = {"read", "readWrite", "dbAdmin", "userAdmin", "dbOwner"};

  /**
   * One letter per role of {@link #ROLES} on database {@code shop}: a command on {@code shop} is
   * allowed (x) or denied (-). Root may do all of them.
   */
  private static final String[][] MATRIX = {
    {"xx--x", "{find: 'c'}"},
    {"xx--x", "{count: 'c'}"},
    {"xx--x", "{distinct: 'c', key: 'a'}"},
    {"xx--x", "{aggregate: 'c', pipeline: [{$match: {}}]}"},
    {"xx--x", "{aggregate: 'c', pipeline: [{$lookup: {from: 'd', as: 'x'}}]}"},
    {"-----", "{aggregate: 'c', pipeline: [{$lookup: {from: 'system.users', as: 'x'}}]}"},
    {"-x--x", "{aggregate: 'c', pipeline: [{$out: 'd'}]}"},
    {"-x--x", "{aggregate: 'c', pipeline: [{$merge: {into: 'd'}}]}"},
    {"-----", "{aggregate: 'c', pipeline: [{$out: {db: 'other', coll: 'd'}}]}"},
    {"-----", "{aggregate: 'c', pipeline: [{$merge: {into: {db: 'other', coll: 'd'}}}]}"},
    {"-----", "{aggregate: 'system.users', pipeline: []}"},
    {"-----", "{find: 'system.users'}"},
    {"-----", "{find: 'system.namespaces'}"},
    {"-----", "{insert: 'system.indexes', documents: []}"},
    {"xx--x", "{getMore: 1, collection: 'c'}"},
    {"xxxxx", "{killCursors: 'c', cursors: []}"},
    {"xx--x", "{explain: {find: 'c'}}"},
    {"-x--x", "{explain: {delete: 'c', deletes: []}}"},
    {"-x--x", "{insert: 'c', documents: []}"},
    {"-x--x", "{update: 'c', updates: [{q: {}, u: {}, upsert: true}]}"},
    {"-x--x", "{delete: 'c', deletes: []}"},
    {"-x--x", "{findAndModify: 'c', remove: true}"},
    {"-x--x", "{findandmodify: 'c', update: {}, upsert: 1}"},
    {"-xx-x", "{create: 'c'}"},
    {"-x--x", "{create: 'v', viewOn: 'c', pipeline: []}"},
    {"-xx-x", "{drop: 'c'}"},
    {"--x-x", "{dropDatabase: 1}"},
    {"-xx-x", "{createIndexes: 'c', indexes: []}"},
    {"-xx-x", "{dropIndexes: 'c', index: 'a'}"},
    {"-xx-x", "{deleteIndexes: 'c', index: 'a'}"},
    {"-xx-x", "{renameCollection: 'shop.c', to: 'shop.d'}"},
    {"-xx-x", "{renameCollection: 'shop.c', to: 'shop.d', dropTarget: true}"},
    {"-----", "{renameCollection: 'shop.c', to: 'other.d'}"},
    {"-----", "{renameCollection: 'other.c', to: 'shop.d'}"},
    {"-----", "{renameCollection: 'shop.system.users', to: 'shop.d'}"},
    {"--x-x", "{collMod: 'c'}"},
    {"xxx-x", "{listCollections: 1}"},
    {"xxx-x", "{listIndexes: 'c'}"},
    {"xxxxx", "{listDatabases: 1}"},
    {"xxx-x", "{collStats: 'c'}"},
    {"xxx-x", "{collstats: 'c'}"},
    {"xxx-x", "{dbStats: 1}"},
    {"xxx-x", "{dbstats: 1}"},
    {"--x-x", "{validate: 'c'}"},
    {"---xx", "{createUser: 'u', pwd: 'p', roles: ['read']}"},
    {"---xx", "{createUser: 'u', pwd: 'p', roles: []}"},
    {"-----", "{createUser: 'u', pwd: 'p', roles: [{role: 'root', db: 'admin'}]}"},
    {"-----", "{createUser: 'u', pwd: 'p', roles: [{role: 'read', db: 'other'}]}"},
    {"---xx", "{updateUser: 'u', pwd: 'p'}"},
    {"---xx", "{updateUser: 'u', customData: {}}"},
    {"-----", "{updateUser: 'u', roles: ['read']}"},
    {"---xx", "{dropUser: 'u'}"},
    {"---xx", "{dropAllUsersFromDatabase: 1}"},
    {"---xx", "{grantRolesToUser: 'u', roles: ['readWrite']}"},
    {"-----", "{grantRolesToUser: 'u', roles: [{role: 'root', db: 'admin'}]}"},
    {"---xx", "{revokeRolesFromUser: 'u', roles: ['readWrite']}"},
    {"---xx", "{grantRolesToUser: 'u', roles: []}"},
    {"---xx", "{usersInfo: 1}"},
    {"---xx", "{usersInfo: 'somebody'}"},
    {"xxxxx", "{usersInfo: 'me'}"},
    {"-----", "{usersInfo: {forAllDBs: true}}"},
    {"-----", "{usersInfo: {user: 'u', db: 'other'}}"},
    {"---xx", "{rolesInfo: 1}"},
    {"-----", "{serverStatus: 1}"},
    {"-----", "{hostInfo: 1}"},
    {"-----", "{getLog: 'global'}"},
    {"-----", "{getCmdLineOpts: 1}"},
    {"-----", "{getParameter: '*'}"},
    {"-----", "{setParameter: 1, auditAuthorizationSuccess: false}"},
    {"-----", "{logApplicationMessage: 'm'}"},
    {"-----", "{replSetGetStatus: 1}"},
    {"-----", "{shutdown: 1}"},
    {"-----", "{createRole: 'r'}"},
    {"xxxxx", "{startSession: 1}"},
    {"xxxxx", "{refreshSessions: []}"},
    {"xxxxx", "{endSessions: []}"},
    {"xxxxx", "{commitTransaction: 1}"},
    {"xxxxx", "{abortTransaction: 1}"},
  };

  static Stream<Arguments> matrix() {
    return Stream.of(MATRIX).map(row -> Arguments.of(row[1], row[0]));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("matrix")
  void roleAllowsOrDeniesTheCommand(String command, String expected) {
    for (int i = 0; i < ROLES.length; i++) {
      boolean allowed = expected.charAt(i) == 'x';
      assertThat(allowed(command, new RoleName(ROLES[i], "shop"))).as(ROLES[i]).isEqualTo(allowed);
      boolean elsewhere = expected.equals("xxxxx");
      if (command.contains("'other'")) {
        continue; // reaches there on purpose
      }
      assertThat(allowed(command, new RoleName(ROLES[i], "other")))
          .as("%s on another database alone", ROLES[i])
          .isEqualTo(elsewhere);
      if (!ROLES[i].equals("dbOwner") && allowed) {
        RoleName any = new RoleName(ROLES[i] + "AnyDatabase", "admin");
        assertThat(allowed(command, any)).as(any.role()).isTrue();
        RoleName misplaced = new RoleName(ROLES[i] + "AnyDatabase", "shop");
        assertThat(allowed(command, misplaced))
            .as("AnyDatabase outside admin")
            .isEqualTo(elsewhere);
      }
    }
    assertThat(allowed(command)).as("no role at all").isEqualTo(expected.equals("xxxxx"));
    boolean isProtected = command.contains("system.");
    assertThat(allowed(command, BuiltInRoles.ROOT)).as("root").isEqualTo(!isProtected);
  }

  @Test
  void rolesForAllDatabasesReachAcrossDatabasesButNotIntoServerCommands() {
    String rename = "{renameCollection: 'shop.c', to: 'other.d'}";
    assertThat(allowed(rename, new RoleName("readWriteAnyDatabase", "admin"))).isTrue();
    assertThat(allowed(rename, new RoleName("readAnyDatabase", "admin"))).isFalse();
    assertThat(
            allowed(rename, new RoleName("readWrite", "shop"), new RoleName("readWrite", "other")))
        .isTrue();
    assertThat(allowed(rename, new RoleName("readWrite", "shop"), new RoleName("read", "other")))
        .isFalse();
    for (String role : ROLES) {
      assertThat(allowed("{serverStatus: 1}", new RoleName(role + "AnyDatabase", "admin")))
          .isFalse();
    }
    assertThat(
            allowed(
                "{createUser: 'u', pwd: 'p', roles: [{role: 'root', db: 'admin'}]}",
                new RoleName("userAdminAnyDatabase", "admin")))
        .as("as in MongoDB, who administers all users may make a root")
        .isTrue();
  }

  @Test
  void localAndConfigAreClosedToRolesForAllDatabases() {
    for (String role : new String[] {"readAnyDatabase", "readWriteAnyDatabase"}) {
      RoleName any = new RoleName(role, "admin");
      assertThat(allowedOn("local", "{find: 'oplog.rs'}", any)).isFalse();
      assertThat(allowedOn("config", "{find: 'c'}", any)).isFalse();
    }
    assertThat(allowedOn("local", "{find: 'oplog.rs'}", BuiltInRoles.ROOT)).isFalse();
    assertThat(allowedOn("local", "{find: 'c'}", new RoleName("read", "local"))).isFalse();
  }

  @Test
  void matrixCoversEveryCommandThatNeedsAuthentication() {
    Set<String> covered = new HashSet<>();
    for (String[] row : MATRIX) {
      covered.add(BsonDocument.parse(row[1]).getFirstKey());
    }
    Set<String> missing = new TreeSet<>();
    CommandTable.all()
        .forEach(
            (spelling, rule) -> {
              if (rule.access() == CommandRule.Access.AUTHENTICATED
                  && rule.supported()
                  && !covered.contains(spelling)) {
                missing.add(spelling);
              }
            });
    assertThat(missing).isEmpty();
  }

  @Test
  void refusedCommandsAskForRightsBeforeTheyTellThatTheyAreNotSupported() {
    CommandTable.all().values().stream()
        .filter(rule -> !rule.supported())
        .filter(
            rule ->
                !Set.of("bulkWrite", "mapReduce", "currentOp", "explain", "collMod")
                    .contains(rule.name()))
        .forEach(
            rule ->
                assertThat(rule.needs().of("shop", new BsonDocument(), SELF))
                    .as(rule.name())
                    .containsExactly(new Need(Action.ADMINISTER_SERVER, Resource.SERVER)));
  }

  @Test
  void namesAreMatchedLetterByLetter() {
    for (String name : new String[] {"INSERT", "Find", "listcollections", "findandModify", ""}) {
      assertThat(CommandTable.find(name)).as(name).isEmpty();
    }
  }

  @Test
  void onlyBuiltInRolesExist() {
    assertThat(BuiltInRoles.exists(new RoleName("read", "anything"))).isTrue();
    assertThat(BuiltInRoles.exists(BuiltInRoles.ROOT)).isTrue();
    assertThat(BuiltInRoles.exists(new RoleName("root", "shop"))).isFalse();
    assertThat(BuiltInRoles.exists(new RoleName("readAnyDatabase", "shop"))).isFalse();
    assertThat(BuiltInRoles.exists(new RoleName("dbOwnerAnyDatabase", "admin"))).isFalse();
    assertThat(BuiltInRoles.exists(new RoleName("clusterAdmin", "admin"))).isFalse();
    assertThat(BuiltInRoles.of("admin")).allMatch(BuiltInRoles::exists).hasSize(10);
    assertThat(BuiltInRoles.of("shop")).allMatch(BuiltInRoles::exists).hasSize(5);
  }

  private static boolean allowed(String command, RoleName... roles) {
    return allowedOn("shop", command, roles);
  }

  private static boolean allowedOn(String db, String command, RoleName... roles) {
    BsonDocument body = BsonDocument.parse(command);
    CommandRule rule = CommandTable.find(body.getFirstKey()).orElseThrow();
    List<Need> needs = new ArrayList<>(rule.needs().of(db, body, SELF));
    return needs.stream().allMatch(need -> BuiltInRoles.grant(List.of(roles), need));
  }
}
