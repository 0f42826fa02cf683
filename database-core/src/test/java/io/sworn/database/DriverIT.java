package io.sworn.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoCredential;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import io.sworn.database.authorization.CommandRule;
import io.sworn.database.authorization.CommandTable;
import io.sworn.database.testing.TestServer;
import io.sworn.event.UserName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.types.Binary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official Java driver over TLS and SCRAM-SHA-256. */
final class DriverIT {

  @TempDir static Path directory;
  private static TestServer server;
  private static MongoClient admin;

  @BeforeAll
  static void start() throws Exception {
    server = new TestServer(directory);
    admin = server.admin();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void insertsFindsAndDeletes() {
    MongoCollection<Document> orders = admin.getDatabase("shop").getCollection("orders");
    orders.insertOne(new Document("_id", 1).append("status", "OPEN"));
    assertThat(orders.find(new Document("_id", 1)).first()).containsEntry("status", "OPEN");
    assertThat(orders.deleteOne(new Document("_id", 1)).getDeletedCount()).isEqualTo(1);
    assertThat(orders.find(new Document("_id", 1)).first()).isNull();
  }

  @Test
  void everySubtypeOfABinaryComesBackAsItWas() {
    MongoCollection<Document> binaries = admin.getDatabase("shop").getCollection("binaries");
    byte[] bytes = new byte[16];
    for (int subtype : new int[] {0, 1, 4, 5, 6, 7, 8, 128, 255}) {
      binaries.insertOne(
          new Document("_id", subtype).append("b", new Binary((byte) subtype, bytes)));
      Document back = binaries.find(new Document("_id", subtype)).first();
      BsonDocument raw =
          binaries.withDocumentClass(BsonDocument.class).find(new Document("_id", subtype)).first();
      assertThat(back).isNotNull();
      assertThat(raw.getBinary("b").getType()).isEqualTo((byte) subtype);
      assertThat(raw.getBinary("b").getData()).isEqualTo(bytes);
    }
  }

  @Test
  void resultsLargerThanAMessageComeInBatches() {
    MongoCollection<Document> big = admin.getDatabase("shop").getCollection("big");
    String megabyte = "x".repeat(1 << 20);
    for (int i = 0; i < 20; i++) {
      big.insertOne(new Document("_id", i).append("text", megabyte));
    }
    int[] count = {0};
    big.aggregate(List.of(new Document("$match", new Document()))).forEach(d -> count[0]++);
    big.find().forEach(d -> count[0]++);
    assertThat(count[0]).isEqualTo(40);
    big.drop();
  }

  @Test
  void cursorsGoOnBeyondTheFirstBatch() {
    MongoCollection<Document> many = admin.getDatabase("shop").getCollection("many");
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 350; i++) {
      documents.add(new Document("_id", i));
    }
    many.insertMany(documents);
    assertThat(many.find().into(new ArrayList<>())).hasSize(350);
  }

  @Test
  void compressesWithZlib() throws Exception {
    try (MongoClient client =
        server.client("admin", "admin", server.password(), "&compressors=zlib")) {
      MongoCollection<Document> texts = client.getDatabase("shop").getCollection("texts");
      String text = "audit ".repeat(20_000);
      texts.insertOne(new Document("_id", 1).append("text", text));
      assertThat(texts.find(new Document("_id", 1)).first()).containsEntry("text", text);
    }
  }

  @Test
  void unacknowledgedWritesAreExecuted() {
    MongoDatabase shop = admin.getDatabase("shop");
    MongoCollection<Document> quick =
        shop.getCollection("quick").withWriteConcern(WriteConcern.UNACKNOWLEDGED);
    quick.insertOne(new Document("_id", 1));
    // Another connection of the pool may overtake it, so ask until it is there.
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (shop.getCollection("quick").find().first() == null) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
    assertThat(
            server
                .events()
                .first(e -> "insert".equals(e.command()) && "shop.quick".equals(e.namespace()))
                .result())
        .isZero();
  }

  @Test
  void wrongPasswordAndUnknownUserAreRefusedAlike() {
    List<String> answers = new ArrayList<>();
    for (String user : new String[] {"admin", "nobody"}) {
      assertThatThrownBy(() -> server.client("admin", user, "wrong").listDatabaseNames().first())
          .isInstanceOf(MongoSecurityException.class)
          .rootCause()
          .satisfies(
              e -> {
                assertThat(((MongoCommandException) e).getErrorCode()).isEqualTo(18);
                answers.add(((MongoCommandException) e).getResponse().toJson());
              });
    }
    assertThat(answers.get(0)).isEqualTo(answers.get(1));
  }

  @Test
  void otherMechanismsAreRefused() {
    assertThatThrownBy(
            () ->
                server
                    .client(
                        MongoCredential.createScramSha1Credential(
                            "admin", "admin", "x".toCharArray()),
                        "")
                    .listDatabaseNames()
                    .first())
        .isInstanceOf(MongoSecurityException.class);
    assertThat(server.events().first(e -> e.result() == 334).param().toDocument().toJson())
        .contains("SCRAM-SHA-1");
  }

  @Test
  void withoutAuthenticationOnlyTheHandshakeIsAnswered() throws Exception {
    MongoClient stranger = server.client((MongoCredential) null, "");
    MongoDatabase database = stranger.getDatabase("admin");
    for (String open : new String[] {"ping", "hello", "isMaster", "buildInfo", "whatsmyuri"}) {
      assertThat(database.runCommand(new Document(open, 1))).containsEntry("ok", 1.0);
    }
    for (String closed :
        new String[] {"serverStatus", "listDatabases", "hostInfo", "getLog", "find", "insert"}) {
      assertThatThrownBy(() -> database.runCommand(new Document(closed, 1)))
          .as(closed)
          .isInstanceOfSatisfying(MongoException.class, e -> assertThat(e.getCode()).isEqualTo(13));
    }
  }

  @Test
  void commandNamesAreMatchedLetterByLetter() {
    fails("shop", "{INSERT: 'orders', documents: [{_id: 99}]}", 59);
    fails("admin", "{atlasVersion: 1}", 59);
    assertThat(admin.getDatabase("shop").getCollection("orders").find(new Document("_id", 99)))
        .isEmpty();
    assertThat(server.events().first(e -> "INSERT".equals(e.command())).result()).isEqualTo(59);
  }

  @Test
  void transactionsAndRetryableWritesAreRefused() {
    String insert = "{insert: 'c', documents: [{_id: 1}], txnNumber: {$numberLong: '1'}";
    fails("shop", insert + "}", 20);
    fails("shop", insert + ", startTransaction: true, autocommit: false}", 20);
    fails("admin", "{commitTransaction: 1}", 20);
  }

  @Test
  void whatMongodHasAndThisServerHasNotIsNamed() {
    for (String command :
        new String[] {
          "{bulkWrite: 1}",
          "{createRole: 'r', privileges: [], roles: []}",
          "{setClusterParameter: {}}",
          "{getClusterParameter: '*'}",
          "{shutdown: 1}"
        }) {
      fails("admin", command, 115);
    }
    fails("admin", "{replSetGetStatus: 1}", 76);
    fails("admin", "{setParameter: 1, logLevel: 5}", 72);
  }

  /** Arguments without which the rights that a command needs cannot be told. */
  private static final Map<String, String> ARGUMENTS =
      Map.of(
          "update", "updates: []",
          "getMore", "collection: 'c'",
          "renameCollection", "to: 'shop.d'",
          "createUser", "pwd: 'p', roles: []",
          "updateUser", "pwd: 'p'",
          "grantRolesToUser", "roles: []",
          "revokeRolesFromUser", "roles: []");

  @Test
  void everyCommandRefusesFieldsThatItDoesNotKnow() throws Exception {
    server.createUser("shop", "nobody", "nobody-password");
    MongoDatabase stranger = server.client((MongoCredential) null, "").getDatabase("shop");
    MongoDatabase nobody = server.client("shop", "nobody", "nobody-password").getDatabase("shop");
    Set<String> open =
        Set.of("hello", "isMaster", "ismaster", "ping", "serverStatus", "getParameter");
    CommandTable.all()
        .forEach(
            (name, rule) -> {
              String value = name.equals("explain") ? "{find: 'c'}" : "'shop.c'";
              String more = ARGUMENTS.containsKey(name) ? ", " + ARGUMENTS.get(name) : "";
              Document command =
                  Document.parse("{" + name + ": " + value + more + ", surprise: 1}");
              int expected =
                  name.equals("setParameter") || name.equals("getParameter")
                      ? 72
                      : open.contains(name) ? 0 : rule.supported() ? 40415 : 115;
              assertThat(code(admin.getDatabase("shop"), command)).as(name).isEqualTo(expected);
              boolean anyone = rule.access() == CommandRule.Access.ANYONE;
              assertThat(code(stranger, command))
                  .as("%s of somebody without a login", name)
                  .isEqualTo(anyone ? expected : 13);
              boolean denied = !anyone && !rule.needs().of("shop", bson(command), ADMIN).isEmpty();
              assertThat(code(nobody, command))
                  .as("%s of somebody without rights", name)
                  .isEqualTo(denied ? 13 : expected);
            });
    assertThat(code(admin.getDatabase("shop"), Document.parse("{usersInfo: 'nobody'}"))).isZero();
  }

  private static final UserName ADMIN = new UserName("admin", "admin");

  private static BsonDocument bson(Document command) {
    return command.toBsonDocument();
  }

  /** The code with which a command is refused; 0 if it is not. */
  private static int code(MongoDatabase database, Document command) {
    try {
      database.runCommand(command);
      return 0;
    } catch (MongoCommandException e) {
      return e.getErrorCode();
    }
  }

  @Test
  void aSectionOfTheStatusCanBeLeftOut() {
    MongoDatabase database = admin.getDatabase("admin");
    assertThat(database.runCommand(Document.parse("{serverStatus: 1, audit: 0, repl: 1}")))
        .containsKey("connections")
        .doesNotContainKey("audit");
  }

  @Test
  void describesItself() {
    MongoDatabase database = admin.getDatabase("admin");
    Document hello = database.runCommand(new Document("hello", 1));
    assertThat(hello)
        .containsEntry("maxWireVersion", 21)
        .containsEntry("logicalSessionTimeoutMinutes", 30)
        .doesNotContainKeys("setName", "topologyVersion");
    assertThat(database.runCommand(Document.parse("{connectionStatus: 1}")).toJson())
        .contains("\"user\": \"admin\"", "\"role\": \"root\"");
    Document status = database.runCommand(new Document("serverStatus", 1));
    assertThat(status.get("audit", Document.class).getString("trail")).startsWith("db-1/");
    for (String command :
        new String[] {
          "{getLog: '*'}",
          "{getLog: 'startupWarnings'}",
          "{getCmdLineOpts: 1}",
          "{getParameter: '*'}",
          "{hostInfo: 1}",
          "{listCommands: 1}",
          "{startSession: 1}",
          "{usersInfo: 1}",
          "{rolesInfo: 1, showBuiltinRoles: true}"
        }) {
      assertThat(database.runCommand(Document.parse(command))).containsEntry("ok", 1.0);
    }
  }

  @Test
  void usersAreCreatedChangedAndDropped() throws Exception {
    MongoDatabase hr = admin.getDatabase("hr");
    server.createUser("hr", "clerk", "first-password", "readWrite");
    server
        .client("hr", "clerk", "first-password")
        .getDatabase("hr")
        .getCollection("people")
        .insertOne(new Document("_id", 1));

    hr.runCommand(new Document("updateUser", "clerk").append("pwd", "second-password"));
    assertThatThrownBy(
            () -> server.client("hr", "clerk", "first-password").listDatabaseNames().first())
        .isInstanceOf(MongoSecurityException.class);
    MongoClient clerk = server.client("hr", "clerk", "second-password");
    MongoCollection<Document> people = clerk.getDatabase("hr").getCollection("people");
    assertThat(people.find().first()).isNotNull();

    // Revoked rights and dropped users count at once, also on connections that are open.
    hr.runCommand(Document.parse("{revokeRolesFromUser: 'clerk', roles: ['readWrite']}"));
    denied(() -> people.find().first());
    hr.runCommand(Document.parse("{grantRolesToUser: 'clerk', roles: ['read']}"));
    assertThat(people.find().first()).isNotNull();
    denied(() -> people.insertOne(new Document()));
    assertThat(hr.runCommand(Document.parse("{usersInfo: 'clerk'}")).toJson())
        .contains("\"role\": \"read\"")
        .doesNotContain("storedKey");
    hr.runCommand(Document.parse("{dropUser: 'clerk'}"));
    denied(() -> people.find().first());

    fails("hr", "{dropUser: 'clerk'}", 11);
    fails("hr", "{createUser: 'x', pwd: 'y', roles: ['clown']}", 31);
    fails("hr", "{createUser: 'x', pwd: 'y', roles: [], mechanisms: ['SCRAM-SHA-1']}", 2);
    fails("hr", "{usersInfo: 1, showCredentials: true}", 115);
    fails("hr", "{createUser: 'x', pwd: 'y', roles: [], passwordDigestor: 'client'}", 2);
    fails("hr", "{createUser: 'x', pwd: 'y', roles: [], digestPassword: false}", 2);
    fails("hr", "{createUser: 'x', pwd: 'y', roles: [], authenticationRestrictions: [{}]}", 115);
    server.createUser("hr", "boss", "boss-password");
    hr.runCommand(Document.parse("{updateUser: 'boss', customData: {room: 7}}"));
    fails("hr", "{updateUser: 'boss', pwd: 'y', passwordDigestor: 'client'}", 2);
    fails("hr", "{updateUser: 'boss', digestPassword: false, customData: {}}", 2);
    assertThat(hr.runCommand(Document.parse("{usersInfo: 1}")).toJson()).contains("room");
    assertThat(hr.runCommand(Document.parse("{usersInfo: 1, showCustomData: false}")).toJson())
        .contains("boss")
        .doesNotContain("room");
  }

  @Test
  void rightsOfAUserEndWhereItsRolesEnd() throws Exception {
    MongoDatabase adminShop = admin.getDatabase("shop");
    adminShop.getCollection("goods").insertMany(List.of(new Document(), new Document()));
    admin.getDatabase("vault").getCollection("gold").insertOne(new Document());
    server.createUser("shop", "reader", "reader-password", "read");
    server.createUser("shop", "writer", "writer-password", "readWrite");
    MongoClient reader = server.client("shop", "reader", "reader-password");
    MongoDatabase readerShop = reader.getDatabase("shop");
    MongoDatabase writerShop =
        server.client("shop", "writer", "writer-password").getDatabase("shop");

    assertThat(readerShop.getCollection("goods").find()).hasSize(2);
    assertThat(reader.listDatabaseNames()).contains("shop").doesNotContain("vault");
    denied(() -> reader.getDatabase("vault").getCollection("gold").find().first());
    denied(() -> readerShop.getCollection("goods").insertOne(new Document()));
    denied(() -> readerShop.getCollection("goods").drop());
    denied(() -> aggregate(readerShop, "{$out: 'stolen'}"));
    denied(() -> aggregate(readerShop, "{$merge: {into: 'stolen'}}"));
    denied(() -> aggregate(writerShop, "{$out: {db: 'vault', coll: 'stolen'}}"));
    denied(() -> aggregate(writerShop, "{$lookup: {from: 'system.users', as: 'u'}}"));
    denied(
        () ->
            writerShop.runCommand(
                Document.parse("{renameCollection: 'shop.goods', to: 'vault.goods'}")));
    denied(
        () ->
            writerShop.runCommand(Document.parse("{createUser: 'x', pwd: 'y', roles: ['root']}")));
    assertThat(admin.getDatabase("vault").listCollectionNames()).containsExactly("gold");
  }

  @Test
  void cursorOfAnotherUserCannotBeReadOn() throws Exception {
    MongoDatabase shop = admin.getDatabase("shop");
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      documents.add(new Document("_id", i));
    }
    shop.getCollection("pages").insertMany(documents);
    Document found = shop.runCommand(Document.parse("{find: 'pages', batchSize: 10}"));
    long cursor = found.get("cursor", Document.class).getLong("id");
    assertThat(cursor).isNotZero();

    server.createUser("shop", "thief", "thief-password", "read");
    MongoDatabase thief = server.client("shop", "thief", "thief-password").getDatabase("shop");
    Document getMore = new Document("getMore", cursor).append("collection", "pages");
    assertThatThrownBy(() -> thief.runCommand(getMore))
        .isInstanceOfSatisfying(MongoException.class, e -> assertThat(e.getCode()).isIn(13, 43));
    assertThat(
            shop.runCommand(getMore)
                .get("cursor", Document.class)
                .getList("nextBatch", Object.class))
        .isNotEmpty();
  }

  @Test
  void tooManyFailedLoginsLockThatUserFromThatAddress() throws Exception {
    server.createUser("shop", "target", "right-password", "read");
    for (int i = 0; i < DatabaseLimits.DEFAULT.loginFailuresMax(); i++) {
      assertThatThrownBy(() -> server.client("shop", "target", "guess").listDatabaseNames().first())
          .isInstanceOf(MongoSecurityException.class);
    }
    assertThatThrownBy(
            () -> server.client("shop", "target", "right-password").listDatabaseNames().first())
        .isInstanceOf(MongoSecurityException.class);
    assertThat(admin.getDatabase("admin").runCommand(new Document("ping", 1)))
        .as("others are not locked out")
        .containsEntry("ok", 1.0);
  }

  @Test
  void consoleSignInTakesAdministratorsOnly() throws Exception {
    server.createUser("admin", "viewer", "viewer-password", "readAnyDatabase");
    DatabaseServer it = server.server();
    assertThat(it.verifyAdministrator("admin", server.password().toCharArray())).isTrue();
    assertThat(it.verifyAdministrator("admin", "wrong".toCharArray())).isFalse();
    assertThat(it.verifyAdministrator("viewer", "viewer-password".toCharArray())).isFalse();
    assertThat(it.verifyAdministrator("nobody", "x".toCharArray())).isFalse();
  }

  private static void aggregate(MongoDatabase database, String stage) {
    database.getCollection("goods").aggregate(List.of(Document.parse(stage))).first();
  }

  private static void denied(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MongoException.class, e -> assertThat(e.getCode()).as(e.getMessage()).isEqualTo(13));
  }

  private static void fails(String db, String command, int code) {
    assertThatThrownBy(() -> admin.getDatabase(db).runCommand(Document.parse(command)))
        .as(command)
        .isInstanceOfSatisfying(
            MongoException.class, e -> assertThat(e.getCode()).as(e.getMessage()).isEqualTo(code));
  }
}
