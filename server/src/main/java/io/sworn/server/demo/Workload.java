package io.sworn.server.demo;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.MergeOptions;
import com.mongodb.client.model.Updates;
import io.sworn.database.InitialAdministrator;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bson.Document;

/**
 * What the clients of the demonstration do. Every round has users and databases of its own and
 * takes them away at its end, so it can run any number of times on one server. What the driver does
 * not tell of (changes of the catalogue and of accounts) is written into the ledger here.
 */
final class Workload {

  static final String HOSPITAL = "mydb";
  private static final String PATIENTS = "patients";
  private static final String VISITS = "visits";
  private static final int PATIENTS_COUNT = 12;

  /**
   * So many that the envelope around the audit message exceeds what Splunk's proxy takes, also when
   * all values are masked on the way: names of fields are not.
   */
  private static final int READINGS_COUNT = 6_000;

  private static final int DENIED = 13;

  private final DemoClient.Access access;
  private final InitialAdministrator administrator;
  private final String suffix;
  private final String secret;
  private final String newSecret;
  private final String app;
  private final String dba;
  private final String reader;

  Workload(DemoClient.Access access, InitialAdministrator administrator) {
    this.access = access;
    this.administrator = administrator;
    byte[] random = new byte[36];
    new SecureRandom().nextBytes(random);
    suffix = HexFormat.of().formatHex(random, 0, 4);
    secret = HexFormat.of().formatHex(random, 4, 20);
    newSecret = HexFormat.of().formatHex(random, 20, 36);
    app = "app-" + suffix;
    dba = "dba-" + suffix;
    reader = "reader-" + suffix;
  }

  /** Users come, and the collections that everybody shares. */
  void prepare() {
    try (DemoClient admin = administrator()) {
      createUser(admin, app, "readWrite", HOSPITAL);
      createUser(admin, dba, "root", "admin");
      createUser(admin, reader, "read", HOSPITAL);
      Set<String> there = new HashSet<>();
      admin.database(HOSPITAL).listCollectionNames().into(there);
      boolean fresh = there.isEmpty();
      for (String name : List.of(PATIENTS, VISITS)) {
        if (there.add(name)) {
          admin.database(HOSPITAL).createCollection(name);
          if (fresh) {
            due("createDatabase", admin, HOSPITAL);
            fresh = false;
          }
          due("createCollection", admin, HOSPITAL + "." + name);
        }
      }
    }
  }

  /**
   * The hospital's application: writes and reads, a little of each.
   *
   * @param large whether one write is too large for Splunk's proxy
   */
  void honest(boolean large) {
    try (DemoClient client = access.open(app, secret)) {
      MongoCollection<Document> patients = client.collection(HOSPITAL, PATIENTS);
      for (int i = 0; i < PATIENTS_COUNT; i++) {
        patients.insertOne(new Document("name", "patient " + i).append("round", suffix));
      }
      if (large) {
        patients.insertOne(
            new Document("name", "patient under watch")
                .append("round", suffix)
                .append("readings", readings()));
      }
      patients.updateMany(Filters.eq("round", suffix), Updates.set("seen", true));
      patients
          .find(Filters.eq("round", suffix))
          .projection(new Document("name", 1))
          .batchSize(5)
          .forEach(document -> {});
      patients
          .aggregate(List.of(Aggregates.match(Filters.eq("round", suffix)), Aggregates.count()))
          .first();
      client.collection(HOSPITAL, VISITS).insertOne(new Document("round", suffix));
      patients.deleteMany(Filters.eq("round", suffix));
    }
  }

  private static Document readings() {
    Document readings = new Document();
    for (int i = 0; i < READINGS_COUNT; i++) {
      readings.append("reading-" + i, i);
    }
    return readings;
  }

  /** A database administrator: collections, indexes, names. */
  void administer() {
    String shop = "shop-" + suffix;
    try (DemoClient client = access.open(dba, secret)) {
      MongoDatabase database = client.database(shop);
      database.createCollection("orders");
      due("createDatabase", client, shop);
      due("createCollection", client, shop + ".orders");
      MongoCollection<Document> orders = database.getCollection("orders");
      orders.insertOne(new Document("item", "lamp"));
      orders.createIndex(Indexes.ascending("item"));
      for (String state : List.of("IndexBuildStarted", "IndexBuildSucceeded")) {
        access.ledger().due(new Caused("createIndex", state, client.user(), shop + ".orders", 0));
      }
      orders.dropIndex(Indexes.ascending("item"));
      due("dropIndex", client, shop + ".orders");
      orders.renameCollection(new MongoNamespace(shop, "old_orders"));
      due("renameCollection", client, shop + ".orders to " + shop + ".old_orders");
      database.getCollection("carts").insertOne(new Document("item", "chair"));
      due("createCollection", client, shop + ".carts");
      database.getCollection("carts").drop();
      due("dropCollection", client, shop + ".carts");
      database.drop();
      due("dropCollection", client, shop + ".old_orders");
      due("dropDatabase", client, shop);
    }
  }

  /** Those who try what they may not. */
  void hostile() throws IOException {
    failedLogin(app, "guess");
    failedLogin("nobody-" + suffix, "guess");
    beyondRights();
    foreignCursor();
    new Intruder(access).tryEverything();
    try (DemoClient admin = administrator()) {
      admin.run("admin", new Document("updateUser", app).append("pwd", newSecret));
      access.ledger().due(Caused.check("updateUser", admin.user(), "admin", 0));
      due("updateUser", admin, app + "@admin");
    }
    failedLogin(app, secret);
    try (DemoClient client = access.open(app, newSecret)) {
      client.collection(HOSPITAL, VISITS).countDocuments();
    }
  }

  /** The users of this round go. */
  void tidy() {
    try (DemoClient admin = administrator()) {
      for (String user : List.of(app, dba, reader)) {
        admin.run("admin", new Document("dropUser", user));
        due("dropUser", admin, user + "@admin");
      }
    }
  }

  private void failedLogin(String user, String guess) {
    try (DemoClient client = access.open(user, guess)) {
      client.refused(List.of(), () -> client.collection(HOSPITAL, PATIENTS).countDocuments());
    }
  }

  private void beyondRights() {
    try (DemoClient client = access.open(reader, secret)) {
      MongoCollection<Document> patients = client.collection(HOSPITAL, PATIENTS);
      client.refused(
          List.of(HOSPITAL + "." + PATIENTS), () -> patients.insertOne(new Document("x", 1)));
      client.refused(List.of(HOSPITAL + "." + PATIENTS), () -> patients.deleteMany(new Document()));
      client.refused(
          List.of(HOSPITAL + ".stolen"),
          () -> patients.aggregate(List.of(Aggregates.out("stolen"))).toCollection());
      client.refused(
          List.of("elsewhere.stolen"),
          () ->
              patients
                  .aggregate(
                      List.of(
                          Aggregates.merge(
                              new MongoNamespace("elsewhere", "stolen"), new MergeOptions())))
                  .toCollection());
      client.refused(
          List.of(HOSPITAL + ".system.users"),
          () ->
              patients
                  .aggregate(List.of(Aggregates.lookup("system.users", "name", "user", "found")))
                  .first());
      client.refused(List.of(HOSPITAL), () -> client.database(HOSPITAL).drop());
      client.refused(
          List.of("admin"),
          () ->
              client.run(
                  "admin",
                  new Document("grantRolesToUser", reader).append("roles", List.of("root"))));
      client.refused(
          List.of(),
          () ->
              client.run(
                  "admin",
                  new Document("createUser", "backdoor-" + suffix)
                      .append("pwd", secret)
                      .append("roles", List.of("root"))));
      access.ledger().due(Caused.check("createUser", client.user(), "admin", DENIED));
    }
  }

  /** A cursor belongs to whoever opened it, also against others who may read the collection. */
  private void foreignCursor() {
    try (DemoClient owner = access.open(app, secret);
        DemoClient thief = access.open(reader, secret)) {
      for (int i = 0; i < 3; i++) {
        owner.collection(HOSPITAL, VISITS).insertOne(new Document("round", suffix));
      }
      Document cursor =
          owner
              .run(HOSPITAL, new Document("find", VISITS).append("batchSize", 1))
              .get("cursor", Document.class);
      Document steal = new Document("getMore", cursor.getLong("id")).append("collection", VISITS);
      thief.refused(List.of(), () -> thief.run(HOSPITAL, steal));
      owner.run(
          HOSPITAL,
          new Document("killCursors", VISITS).append("cursors", List.of(cursor.getLong("id"))));
      owner.collection(HOSPITAL, VISITS).deleteMany(Filters.eq("round", suffix));
    }
  }

  private DemoClient administrator() {
    return access.open(administrator.user(), administrator.password());
  }

  private void createUser(DemoClient admin, String user, String role, String db) {
    admin.run(
        "admin",
        new Document("createUser", user)
            .append("pwd", secret)
            .append("roles", List.of(new Document("role", role).append("db", db))));
    for (String touched : new ArrayList<>(new LinkedHashSet<>(List.of("admin", db)))) {
      access.ledger().due(Caused.check("createUser", admin.user(), touched, 0));
    }
    due("createUser", admin, user + "@admin");
  }

  private void due(String type, DemoClient by, String object) {
    access.ledger().due(Caused.change(type, by.user(), object));
  }
}
