package io.sworn.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.IndexOptions;
import io.sworn.database.testing.Arrivals;
import io.sworn.database.testing.RawClient;
import io.sworn.database.testing.TestServer;
import io.sworn.event.AuditEvent;
import io.sworn.event.Endpoint;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What clients do comes out of Kafka in MongoDB's words, in order, without holes. */
final class AuditIT {

  @TempDir Path directory;

  @Test
  void oneLifeOfAServerIsToldFromStartupToShutdown() throws Exception {
    TestServer server = new TestServer(directory);
    MongoDatabase shop = server.admin().getDatabase("shop");
    shop.createCollection("orders");
    shop.getCollection("orders").insertOne(new Document("_id", 1));
    shop.getCollection("orders")
        .createIndex(new Document("status", 1), new IndexOptions().name("by_status"));
    shop.getCollection("orders").find().first();
    shop.getCollection("orders").dropIndex("by_status");
    shop.runCommand(Document.parse("{logApplicationMessage: 'change window opened'}"));
    shop.getCollection("orders").drop();
    server.createUser("shop", "ann", "ann-password", "read");
    shop.runCommand(Document.parse("{updateUser: 'ann', customData: {team: 'x'}}"));
    shop.runCommand(Document.parse("{grantRolesToUser: 'ann', roles: ['dbAdmin']}"));
    shop.runCommand(Document.parse("{revokeRolesFromUser: 'ann', roles: ['dbAdmin']}"));
    shop.runCommand(Document.parse("{dropUser: 'ann'}"));
    shop.runCommand(Document.parse("{dropAllUsersFromDatabase: 1}"));
    shop.getCollection("left").insertOne(new Document());
    shop.drop();
    server.close();

    long last = server.server().journal().lastSequence();
    List<AuditEvent> events = server.events().upTo(last);

    assertThat(events).extracting(AuditEvent::sequence).doesNotHaveDuplicates().hasSize((int) last);
    assertThat(events).allSatisfy(e -> assertThat(e.previous()).isEqualTo(e.sequence() - 1));
    assertThat(events).extracting(AuditEvent::trail).containsOnly(events.get(0).trail());
    assertThat(events.get(0).type()).isEqualTo("startup");
    assertThat(events.get(0).remote()).isEqualTo(Endpoint.SYSTEM_USER);
    assertThat(events.get((int) last - 1).type()).isEqualTo("shutdown");
    assertThat(types(events))
        .containsSubsequence(
            "startup",
            "createUser",
            "clientMetadata",
            "authenticate",
            "createDatabase",
            "createCollection",
            "createIndex",
            "createIndex",
            "dropIndex",
            "applicationMessage",
            "dropCollection",
            "createUser",
            "updateUser",
            "grantRolesToUser",
            "revokeRolesFromUser",
            "dropUser",
            "dropAllUsersFromDatabase",
            "dropCollection",
            "dropDatabase",
            "logout",
            "shutdown");
    assertThat(of(events, "createIndex"))
        .filteredOn(e -> e.param().toDocument().toJson().contains("by_status"))
        .extracting(e -> param(e).getString("indexBuildState").getValue())
        .containsExactly("IndexBuildStarted", "IndexBuildSucceeded");
    checkEnvelope(events);
  }

  /** Who, from where, with which client: on every message of the authenticated connection. */
  private static void checkEnvelope(List<AuditEvent> events) {
    AuditEvent insert =
        events.stream().filter(e -> "insert".equals(e.command())).findFirst().orElseThrow();
    assertThat(insert.type()).isEqualTo("authCheck");
    assertThat(insert.namespace()).isEqualTo("shop.orders");
    assertThat(insert.users()).containsExactly(new UserName("admin", "admin"));
    assertThat(insert.roles()).containsExactly(new RoleName("root", "admin"));
    assertThat(insert.remote().ip()).isEqualTo("127.0.0.1");
    assertThat(insert.client().application()).isEqualTo("test-app");
    assertThat(insert.client().driver()).contains("java");
    assertThat(insert.client().mechanism()).isEqualTo("SCRAM-SHA-256");
    assertThat(param(insert).getDocument("args").getFirstKey()).isEqualTo("insert");
    assertThat(param(insert).getDocument("args").getString("$db").getValue()).isEqualTo("shop");
    AuditEvent login =
        of(events, "authenticate").stream()
            .filter(e -> insert.session().equals(e.session()))
            .findFirst()
            .orElseThrow();
    assertThat(login.sequence()).isLessThan(insert.sequence());
    AuditEvent logout =
        of(events, "logout").stream()
            .filter(e -> insert.session().equals(e.session()))
            .findFirst()
            .orElseThrow();
    assertThat(logout.users()).isEmpty();
    assertThat(param(logout).toJson()).contains("Client has disconnected", "\"user\": \"admin\"");
  }

  @Test
  void failuresAreAuditedAlsoWhenSuccessesAreNot() throws Exception {
    TestServer server =
        new TestServer(directory, config -> config.withAuditAuthorizationSuccess(false));
    MongoDatabase shop = server.admin().getDatabase("shop");
    shop.getCollection("orders").insertOne(new Document("_id", 1));
    server.createUser("shop", "reader", "reader-password", "read");
    MongoDatabase reader = server.client("shop", "reader", "reader-password").getDatabase("shop");
    reader.getCollection("orders").find().first();
    assertThatThrownBy(() -> reader.getCollection("orders").insertOne(new Document()));
    assertThatThrownBy(
        () -> server.client("shop", "reader", "wrong-password").listDatabaseNames().first());
    shop.getCollection("doesNotExist").drop();
    shop.runCommand(Document.parse("{setParameter: 1, auditAuthorizationSuccess: true}"));
    reader.getCollection("orders").find().first();
    server.close();

    List<AuditEvent> events = server.events().upTo(server.server().journal().lastSequence());
    assertThat(of(events, "authCheck"))
        .extracting(AuditEvent::command, AuditEvent::namespace, AuditEvent::result)
        .startsWith(
            org.assertj.core.groups.Tuple.tuple("insert", "shop.orders", 13),
            org.assertj.core.groups.Tuple.tuple("find", "shop.orders", 0));
    assertThat(of(events, "authenticate"))
        .filteredOn(e -> e.result() == 18)
        .isNotEmpty()
        .allSatisfy(e -> assertThat(e.users()).isEmpty())
        .allSatisfy(e -> assertThat(param(e).getString("user").getValue()).isEqualTo("reader"));
    assertThat(of(events, "dropCollection")).extracting(AuditEvent::result).containsExactly(26);
    assertThat(of(events, "auditConfigure")).hasSize(1);
  }

  /** {@code saslStart} with a first message of SCRAM as a client sends it. */
  private static String start(String command, String user) {
    String first = "n,,n=" + user + ",r=rOprNGfwEbeRWgbNEkqO";
    String payload = Base64.getEncoder().encodeToString(first.getBytes(StandardCharsets.UTF_8));
    return "{saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: {$binary: {base64: '"
        + payload
        + "', subType: '00'}}, "
        + command
        + "}";
  }

  @Test
  void aLoginThatIsBegunAndNotFinishedIsToldAsAbandoned() throws Exception {
    try (TestServer server = new TestServer(directory)) {
      SSLSocketFactory tls = server.certificate().trusting().getSocketFactory();
      try (RawClient client = new RawClient(tls, server.port())) {
        assertThat(client.command(start("$db: 'admin'", "left")).getDouble("ok").getValue())
            .isEqualTo(1);
      }
      try (RawClient client = new RawClient(tls, server.port())) {
        client.command(start("$db: 'admin'", "replaced"));
        client.command(start("$db: 'admin'", "left"));
      }
      try (RawClient client = new RawClient(tls, server.port())) {
        String hello =
            "{hello: 1, speculativeAuthenticate: "
                + start("db: 'shop'", "spec")
                + ", $db: 'admin'}";
        BsonDocument reply = client.command(hello);
        BsonDocument speculative = reply.getDocument("speculativeAuthenticate");
        assertThat(speculative.getBoolean("done").getValue()).isFalse();
      }
      List<AuditEvent> abandoned =
          server.events().until(all -> all.stream().filter(e -> e.result() == 337).count() == 4);
      assertThat(abandoned)
          .filteredOn(e -> e.result() == 337)
          .allSatisfy(e -> assertThat(e.type()).isEqualTo("authenticate"))
          .allSatisfy(e -> assertThat(e.users()).isEmpty())
          .extracting(e -> param(e).toJson())
          .containsExactlyInAnyOrder(
              abandonedParam("left", "admin"),
              abandonedParam("replaced", "admin"),
              abandonedParam("left", "admin"),
              abandonedParam("spec", "shop"));
    }
  }

  private static String abandonedParam(String user, String db) {
    return new BsonDocument("user", new BsonString(user))
        .append("db", new BsonString(db))
        .append("mechanism", new BsonString("SCRAM-SHA-256"))
        .toJson();
  }

  @Test
  void everyNamespaceThatAPipelineTouchesHasAMessageOfItsOwn() throws Exception {
    try (TestServer server = new TestServer(directory)) {
      server.createUser("shop", "ann", "ann-password", "readWrite");
      MongoDatabase shop = server.admin().getDatabase("shop");
      for (String name : List.of("a", "b", "c", "d", "e")) {
        shop.getCollection(name).insertOne(new Document("_id", 1));
      }
      MongoDatabase ann = server.client("shop", "ann", "ann-password").getDatabase("shop");
      ann.runCommand(
          Document.parse(
              "{aggregate: 'a', cursor: {}, comment: 'allowed', pipeline: ["
                  + "{$lookup: {from: 'b', localField: '_id', foreignField: '_id', as: 'x'}},"
                  + "{$graphLookup: {from: 'c', startWith: '$_id', connectFromField: '_id',"
                  + " connectToField: '_id', as: 'y'}},"
                  + "{$unionWith: {coll: 'd', pipeline: [{$unionWith: 'e'}]}}, {$limit: 1}, {$out: 'f'}]}"));
      assertThatThrownBy(
              () ->
                  ann.runCommand(
                      Document.parse(
                          "{aggregate: 'a', cursor: {}, comment: 'denied', pipeline: [{$facet: {x:"
                              + " [{$lookup: {from: 'b', pipeline: [], as: 'z'}}]}}, {$merge:"
                              + " {into: {db: 'other', coll: 'g'}}}]}")))
          .isInstanceOfSatisfying(
              com.mongodb.MongoException.class, e -> assertThat(e.getCode()).isEqualTo(13));

      List<AuditEvent> events = server.events().upTo(server.server().journal().lastSequence());
      assertThat(commented(events, "allowed"))
          .containsExactly("shop.a 0", "shop.b 0", "shop.c 0", "shop.d 0", "shop.e 0", "shop.f 0");
      assertThat(commented(events, "denied")).containsExactly("other.g 13");
      assertThat(of(events, "createCollection"))
          .extracting(AuditEvent::namespace)
          .contains("shop.f")
          .doesNotContain("other.g");
    }
  }

  @Test
  void anotherDatabaseIsDeniedBeforeItIsRefused() throws Exception {
    String there = "{db: 'other', coll: 'g'}";
    String lookup = "{$lookup: {from: " + there + ", pipeline: [], as: 'x'}}";
    List<String> refused =
        List.of(
            lookup,
            "{$lookup: {from: " + there + ", localField: 'a', foreignField: 'b', as: 'x'}}",
            "{$facet: {x: [" + lookup + "]}}",
            "{$graphLookup: {from: "
                + there
                + ", startWith: '$a', connectFromField: 'a', connectToField: 'b', as: 'x'}}",
            "{$unionWith: " + there + "}",
            "{$unionWith: {coll: " + there + "}}");
    List<String> done = List.of("{$out: " + there + "}", "{$merge: {into: " + there + "}}");
    try (TestServer server = new TestServer(directory)) {
      server.createUser("shop", "ann", "ann-password", "readWrite");
      MongoClient admin = server.admin();
      MongoClient ann = server.client("shop", "ann", "ann-password");
      admin.getDatabase("shop").getCollection("a").insertOne(new Document("_id", 1));
      for (String stage : Stream.concat(refused.stream(), done.stream()).toList()) {
        String command = "{aggregate: 'a', cursor: {}, pipeline: [" + stage + "], comment: '";
        assertThat(code(ann, command + "denied'}")).as(stage).isEqualTo(13);
        assertThat(code(admin, command + "allowed'}"))
            .as(stage)
            .isEqualTo(refused.contains(stage) ? 9 : 0);
      }
      List<AuditEvent> events = server.events().upTo(server.server().journal().lastSequence());
      assertThat(commented(events, "denied")).hasSize(8).containsOnly("other.g 13");
      assertThat(commented(events, "allowed")).hasSize(16).containsOnly("shop.a 0", "other.g 0");
    }
  }

  /** The code with which {@code shop} refuses a command; 0 if it does not. */
  private static int code(MongoClient client, String command) {
    try {
      client.getDatabase("shop").runCommand(Document.parse(command));
      return 0;
    } catch (MongoCommandException e) {
      return e.getErrorCode();
    }
  }

  private static List<String> commented(List<AuditEvent> events, String comment) {
    return of(events, "authCheck").stream()
        .filter(e -> new BsonString(comment).equals(param(e).getDocument("args").get("comment")))
        .map(e -> e.namespace() + " " + e.result())
        .toList();
  }

  @Test
  void whatAClientDoesReachesAConsumerWithinASecond() throws Exception {
    try (TestServer server = new TestServer(directory)) {
      MongoDatabase shop = server.admin().getDatabase("shop");
      Duration best = Duration.ofDays(1);
      // A pause of the machine meets one round and says nothing of the server.
      for (int round = 0; round < 3 && best.toMillis() >= 1000; round++) {
        try (Arrivals arrivals = server.arrivals()) {
          for (int i = 0; i < 20; i++) {
            shop.getCollection("orders").insertOne(new Document("_id", i));
            shop.getCollection("orders").find(new Document("_id", i)).first();
          }
          shop.getCollection("orders").drop();
          Duration now = arrivals.nineOfTen(server.server().journal().lastSequence());
          best = now.compareTo(best) < 0 ? now : best;
        }
      }
      assertThat(best).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void noSecretReachesJournalLogOrKafka() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(log);
    TestServer server = new TestServer(directory);
    MongoClient admin = server.admin();
    MongoDatabase shop = admin.getDatabase("shop");
    server.createUser("shop", "ann", "Sesame-one", "read");
    shop.runCommand(Document.parse("{updateUser: 'ann', pwd: 'Sesame-two'}"));
    for (String refused :
        List.of(
            "{createUser: 'ann', pwd: 'Sesame-three', roles: []}",
            "{createUser: 'bob', pwd: 'Sesame-four', roles: ['nonsense']}",
            "{CREATEUSER: 'bob', pwd: 'Sesame-five', roles: []}",
            "{saslStart: 1, mechanism: 'PLAIN', payload: 'Sesame-six'}")) {
      assertThatThrownBy(() -> shop.runCommand(Document.parse(refused)));
    }
    assertThatThrownBy(
        () -> server.client("shop", "ann", "Sesame-seven").listDatabaseNames().first());
    try (Socket plain = new Socket()) {
      plain.connect(server.server().address());
      plain
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nX: Sesame-eight\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      plain.getInputStream().readAllBytes(); // the end, or an alert and the end
    }
    server.close();

    List<AuditEvent> events = server.events().upTo(server.server().journal().lastSequence());
    assertThat(events)
        .allSatisfy(
            e ->
                assertThat(param(e).toJson())
                    .doesNotContain("Sesame")
                    .doesNotContain(server.password()));
    assertThat(log.list)
        .allSatisfy(
            line ->
                assertThat(String.valueOf(line.getFormattedMessage()))
                    .doesNotContain("Sesame")
                    .doesNotContainIgnoringCase(
                        HexFormat.of().formatHex("Sesame".getBytes(StandardCharsets.US_ASCII)))
                    .doesNotContain(server.password()))
        .anySatisfy(line -> assertThat(line.getFormattedMessage()).contains("does not speak TLS"));
    assertThat(filesHold(server.data(), "Sesame")).isFalse();
    assertThat(filesHold(server.data(), server.password())).isFalse();
  }

  private static boolean filesHold(Path directory, String secret) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (text.contains(secret)) {
          return true;
        }
      }
      return false;
    }
  }

  private static List<String> types(List<AuditEvent> events) {
    return events.stream().map(AuditEvent::type).toList();
  }

  private static List<AuditEvent> of(List<AuditEvent> events, String type) {
    return events.stream().filter(e -> e.type().equals(type)).toList();
  }

  private static BsonDocument param(AuditEvent event) {
    return event.param().toDocument();
  }
}
