package io.sworn.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import io.sworn.database.testing.ServerProcess;
import io.sworn.database.testing.TestServer;
import io.sworn.event.AuditEvent;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.testing.KafkaBroker;
import io.sworn.testing.TestCertificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when something breaks: refused with a reason, or there after the restart. */
final class FaultIT {

  @TempDir Path directory;

  @Test
  void restartKeepsUsersDataAndTheTrailAndShowsThePasswordOnlyOnce() throws Exception {
    try (TestServer server = new TestServer(directory)) {
      server.admin().getDatabase("shop").getCollection("c").insertOne(new Document("_id", 1));
      server.createUser("shop", "ann", "ann-password", "read");
      JournalStatus before = server.server().journal();

      server.restart();

      assertThat(server.server().initialAdministrator()).isEmpty();
      assertThat(server.server().journal().trail()).isEqualTo(before.trail());
      assertThat(
              server
                  .client("shop", "ann", "ann-password")
                  .getDatabase("shop")
                  .getCollection("c")
                  .find()
                  .first())
          .containsEntry("_id", 1);
      long last = server.server().journal().lastSequence();
      assertThat(server.events().upTo(last)).extracting(AuditEvent::type).contains("shutdown");
    }
  }

  @Test
  void acknowledgedWritesAndTheirEventsSurviveEveryKill() throws Exception {
    Topics topics = new Topics("killed.");
    KafkaBroker.shared().createTopic(topics.events(), 1);
    TestCertificates certificate = TestCertificates.create(directory);
    Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    String password = "";
    int kills = 3;
    for (int kill = 0; kill < kills; kill++) {
      try (ServerProcess process = ServerProcess.start(directory, certificate, topics)) {
        password = kill == 0 ? process.password() : password;
        workUntilKilled(process, password, certificate, kill, acknowledged);
      }
    }
    assertThat(acknowledged).hasSizeGreaterThan(50 * kills);

    try (ServerProcess again = ServerProcess.start(directory, certificate, topics);
        MongoClient client =
            TestServer.connect(again.port(), certificate, "admin", "admin", password)) {
      List<Integer> kept = new ArrayList<>();
      client
          .getDatabase("shop")
          .getCollection("killed")
          .find()
          .forEach(document -> kept.add(document.getInteger("_id")));
      assertThat(kept).containsAll(acknowledged);
      List<AuditEvent> events = TestServer.events(topics).until(all -> starts(all) > kills);
      List<Long> sequences = events.stream().map(AuditEvent::sequence).distinct().sorted().toList();
      assertThat(sequences.get(0)).isEqualTo(1);
      assertThat(sequences.get(sequences.size() - 1)).isEqualTo(sequences.size());
      assertThat(events.stream().map(e -> e.sequence() + "=" + e.id()).distinct())
          .as("no sequence is given to two events")
          .hasSameSizeAs(sequences);
      assertThat(insertedBy(events)).containsAll(kept);
    }
  }

  /** Events may come twice, so startups are told apart by their sequence. */
  private static long starts(List<AuditEvent> events) {
    return events.stream()
        .filter(e -> "startup".equals(e.type()))
        .map(AuditEvent::sequence)
        .distinct()
        .count();
  }

  /** Ids in the audit events of inserts. */
  private static Set<Integer> insertedBy(List<AuditEvent> events) {
    return events.stream()
        .filter(e -> "insert".equals(e.command()))
        .flatMap(e -> e.param().toDocument().getDocument("args").getArray("documents").stream())
        .map(document -> document.asDocument().getInt32("_id").getValue())
        .collect(Collectors.toSet());
  }

  /** Six clients that write and two that read, until the server is killed under them. */
  private static void workUntilKilled(
      ServerProcess process,
      String password,
      TestCertificates certificate,
      int kill,
      Set<Integer> acknowledged)
      throws Exception {
    int threads = 8;
    int before = acknowledged.size();
    ExecutorService clients = Executors.newFixedThreadPool(threads);
    try (MongoClient client =
        TestServer.connect(process.port(), certificate, "admin", "admin", password)) {
      MongoCollection<Document> killed = client.getDatabase("shop").getCollection("killed");
      for (int t = 0; t < threads; t++) {
        int thread = t;
        clients.execute(
            () -> {
              try {
                for (int i = kill * 100_000_000 + thread * 1_000_000; ; i++) {
                  if (thread >= 6) {
                    killed.find(new Document("_id", i)).first();
                  } else {
                    killed.insertOne(new Document("_id", i));
                    acknowledged.add(i);
                  }
                }
              } catch (MongoException killedNow) {
                return; // the server is gone, as this test wants it
              }
            });
      }
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (acknowledged.size() < before + 200 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      process.kill();
    } finally {
      clients.shutdownNow();
      assertThat(clients.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void fullJournalRefusesCommandsInsteadOfRunningThemUnaudited() throws Exception {
    TestCertificates certificate = TestCertificates.create(directory);
    DatabaseLimits d = DatabaseLimits.DEFAULT;
    DatabaseConfig config =
        DatabaseConfig.of(
                "db-1",
                directory.resolve("data"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                certificate.serverCertificate(),
                certificate.serverKey())
            .withLimits(
                new DatabaseLimits(
                    20,
                    4,
                    d.strangerIdleMax(),
                    d.loginFailuresMax(),
                    d.loginFailuresWindow(),
                    64 * 1024,
                    d.auditArgumentBytesMax(),
                    Duration.ofMillis(100)));
    Map<String, Object> nobody = Map.of("bootstrap.servers", "127.0.0.1:1");
    try (DatabaseServer server = DatabaseServer.start(config, nobody, Topics.standard())) {
      String password = server.initialAdministrator().orElseThrow().password();
      try (MongoClient client =
          TestServer.connect(server.address().getPort(), certificate, "admin", "admin", password)) {
        MongoDatabase shop = client.getDatabase("shop");
        List<Integer> acknowledged = new ArrayList<>();
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 2000; i++) {
                    shop.getCollection("c").insertOne(new Document("_id", i));
                    acknowledged.add(i);
                  }
                })
            .isInstanceOfSatisfying(
                MongoException.class,
                e -> {
                  assertThat(e.getCode()).isEqualTo(14031);
                  assertThat(e.getMessage()).contains("could not be audited");
                });
        assertThat(acknowledged).isNotEmpty();
        assertThatThrownBy(() -> shop.getCollection("c").find().first())
            .hasMessageContaining("could not be audited");
        assertThatThrownBy(() -> shop.runCommand(Document.parse("{dropDatabase: 1}")))
            .hasMessageContaining("could not be audited");
      }
    }
  }

  @Test
  void badConfigurationIsRefusedWithPlaceAndRemedy() throws Exception {
    TestCertificates certificate = TestCertificates.create(directory);
    DatabaseConfig config =
        DatabaseConfig.of(
            "db-1",
            directory.resolve("data"),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            certificate.serverCertificate(),
            certificate.serverCertificate());
    Map<String, Object> nobody = Map.of("bootstrap.servers", "127.0.0.1:1");
    assertThatThrownBy(() -> DatabaseServer.start(config, nobody, Topics.standard()))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("PKCS #8");
    Files.delete(directory.resolve("data/master.key"));
    assertThatThrownBy(() -> DatabaseServer.start(config, nobody, Topics.standard()))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("put the key back");
    Files.writeString(directory.resolve("data/master.key"), "00");
    assertThatThrownBy(() -> DatabaseServer.start(config, nobody, Topics.standard()))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("chmod 600");
    assertThatThrownBy(() -> config.withAccessList(List.of("everybody")))
        .hasMessageContaining("'everybody'");
  }
}
