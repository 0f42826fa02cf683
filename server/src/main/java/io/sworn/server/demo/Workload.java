package io.sworn.server.demo;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoCredential;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Updates;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.bson.Document;

/**
 * What the clients of the demonstration do, with the official driver over TLS and SCRAM. Every
 * round uses databases and users of its own, so it can run any number of times on one server.
 */
final class Workload {

  private static final String MYDB = "mydb";
  private static final int PATIENTS = 20;

  private final InetSocketAddress server;
  private final SSLContext tls;
  private final String suffix;
  private final String secret;
  private final Ledger ledger;

  Workload(InetSocketAddress server, SSLContext tls, Ledger ledger) {
    this.server = server;
    this.tls = tls;
    this.ledger = ledger;
    byte[] random = new byte[20];
    new SecureRandom().nextBytes(random);
    suffix = HexFormat.of().formatHex(random, 0, 4);
    secret = HexFormat.of().formatHex(random, 4, 20);
  }

  /** One round; throws if an honest client is refused or a hostile one is not. */
  void run(String administrator, String password) {
    String app = "app-" + suffix;
    String dba = "dba-" + suffix;
    String reader = "reader-" + suffix;
    try (MongoClient admin = client(administrator, password)) {
      createUser(admin, app, "readWrite", MYDB);
      createUser(admin, dba, "root", "admin");
      createUser(admin, reader, "read", MYDB);
    }
    honest(app);
    administer(dba);
    hostile(app, reader);
  }

  private void createUser(MongoClient admin, String user, String role, String db) {
    admin
        .getDatabase("admin")
        .runCommand(
            new Document("createUser", user)
                .append("pwd", secret)
                .append("roles", List.of(new Document("role", role).append("db", db))));
  }

  private void honest(String user) {
    try (MongoClient client = client(user, secret)) {
      MongoCollection<Document> patients = client.getDatabase(MYDB).getCollection("patients");
      for (int i = 0; i < PATIENTS; i++) {
        patients.insertOne(new Document("name", "patient " + i).append("round", suffix));
        ledger.patientWrite();
      }
      patients.updateMany(Filters.eq("round", suffix), Updates.set("seen", true));
      ledger.patientWrite();
      patients.find(Filters.eq("round", suffix)).batchSize(5).forEach(document -> {});
      patients
          .aggregate(List.of(Aggregates.match(Filters.eq("round", suffix)), Aggregates.count()))
          .first();
      patients.deleteOne(Filters.eq("round", suffix));
      ledger.patientWrite();
    }
  }

  private void administer(String user) {
    try (MongoClient client = client(user, secret)) {
      MongoDatabase shop = client.getDatabase("shop-" + suffix);
      shop.createCollection("orders");
      ledger.schemaChange("createCollection");
      MongoCollection<Document> orders = shop.getCollection("orders");
      orders.insertOne(new Document("item", "lamp"));
      orders.createIndex(Indexes.ascending("item"));
      ledger.schemaChange("createIndex");
      orders.dropIndex(Indexes.ascending("item"));
      ledger.schemaChange("dropIndex");
      orders.drop();
      ledger.schemaChange("dropCollection");
    }
  }

  private void hostile(String app, String reader) {
    for (String[] guess : new String[][] {{app, "guess"}, {"nobody-" + suffix, "guess"}}) {
      try (MongoClient client = client(guess[0], guess[1])) {
        refused(() -> client.getDatabase(MYDB).getCollection("patients").countDocuments());
        ledger.failedLogin();
      }
    }
    try (MongoClient client = client(reader, secret)) {
      refused(
          () -> client.getDatabase(MYDB).getCollection("patients").insertOne(new Document("x", 1)));
      ledger.patientWrite();
      refused(
          () ->
              client
                  .getDatabase(MYDB)
                  .getCollection("patients")
                  .aggregate(List.of(Aggregates.out("stolen")))
                  .first());
      refused(
          () ->
              client
                  .getDatabase("admin")
                  .runCommand(
                      new Document("grantRolesToUser", reader).append("roles", List.of("root"))));
    }
  }

  private static void refused(Runnable attempt) {
    try {
      attempt.run();
    } catch (MongoSecurityException | MongoCommandException e) {
      return;
    } catch (MongoException e) {
      if (e.getCode() > 0) {
        return;
      }
      throw e;
    }
    throw new IllegalStateException("a hostile client was let in");
  }

  private MongoClient client(String user, String password) {
    String address = "mongodb://" + server.getAddress().getHostAddress() + ":" + server.getPort();
    return MongoClients.create(
        MongoClientSettings.builder()
            .applyConnectionString(new ConnectionString(address))
            .credential(MongoCredential.createCredential(user, "admin", password.toCharArray()))
            .applyToSslSettings(ssl -> ssl.enabled(true).context(tls))
            .applyToConnectionPoolSettings(pool -> pool.maxSize(1))
            .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(20, TimeUnit.SECONDS))
            .retryWrites(false)
            .retryReads(false)
            .applicationName("sworn-demo")
            .build());
  }
}
