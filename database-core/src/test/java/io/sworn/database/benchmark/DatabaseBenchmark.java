package io.sworn.database.benchmark;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.sworn.database.testing.ServerProcess;
import io.sworn.database.testing.TestServer;
import io.sworn.event.Topics;
import io.sworn.testing.KafkaBroker;
import io.sworn.testing.TestCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Throughput and latency of a server in a process of its own: official driver, TLS, SCRAM, a real
 * broker that takes the events meanwhile. Phases with and without auditing of what was allowed take
 * turns, so that a busy moment of the machine hits both.
 */
final class DatabaseBenchmark {

  private static final Duration PHASE = Duration.ofMillis(setting("PHASE_MS", 3_000));
  private static final int ROUNDS = setting("ROUNDS", 3);
  private static final int BATCH = 1_000;
  private static final String PADDING = "x".repeat(180);

  private final Map<String, List<Timing>> results = new TreeMap<>();
  private int next;

  @TempDir Path directory;

  private static int setting(String name, int otherwise) {
    String given = System.getenv(name);
    return given == null || given.isEmpty() ? otherwise : Integer.parseInt(given);
  }

  @Test
  void measure() throws Exception {
    double fsync = FsyncProbe.medianMillis(directory);
    Topics topics = new Topics("bench.");
    KafkaBroker.shared().createTopic(topics.events(), 1);
    TestCertificates certificate = TestCertificates.create(directory);
    try (ServerProcess server = ServerProcess.start(directory, certificate, topics);
        MongoClient client =
            TestServer.connect(server.port(), certificate, "admin", "admin", server.password())) {
      phases(client, true, false);
      for (int round = 0; round < ROUNDS; round++) {
        phases(client, round % 2 == 0, true);
        phases(client, round % 2 != 0, true);
      }
    }
    print(fsync);
  }

  private void phases(MongoClient client, boolean audit, boolean counts) throws Exception {
    client
        .getDatabase("admin")
        .runCommand(new Document("setParameter", 1).append("auditAuthorizationSuccess", audit));
    MongoCollection<Document> c = client.getDatabase("bench").getCollection("c" + ++next);
    c.insertOne(document(-1));
    Work insert = (thread, n) -> c.insertOne(document(thread * 10_000_000 + n));
    record(audit, counts, "insertOne, 1 thread", Timing.of(1, PHASE, insert));
    record(
        audit, counts, "insertOne, 8 threads", Timing.of(8, PHASE, (t, n) -> insert.run(t + 1, n)));
    record(
        audit,
        counts,
        "insertMany 1,000, documents",
        Timing.of(
                1,
                PHASE,
                (t, n) ->
                    c.insertMany(
                        IntStream.range(0, BATCH)
                            .mapToObj(i -> document(500_000_000 + n * BATCH + i))
                            .toList()))
            .times(BATCH));
    Work find = (t, n) -> c.find(Filters.eq("_id", n % 100)).first();
    record(audit, counts, "find by _id, 1 thread", Timing.of(1, PHASE, find));
    record(audit, counts, "find by _id, 8 threads", Timing.of(8, PHASE, find));
    Work update = (t, n) -> c.updateOne(Filters.eq("_id", (t * 10 + n) % 100), Updates.inc("n", 1));
    record(audit, counts, "updateOne by _id, 8 threads", Timing.of(8, PHASE, update));
    c.drop();
  }

  private static Document document(int id) {
    return new Document("_id", id).append("n", id).append("name", "n" + id).append("p", PADDING);
  }

  private void record(boolean audit, boolean counts, String phase, Timing timing) {
    if (counts) {
      results.computeIfAbsent(phase + (audit ? "|on" : "|off"), k -> new ArrayList<>()).add(timing);
    }
  }

  private void print(double fsync) {
    StringBuilder out = new StringBuilder("\n");
    out.append(String.format(Locale.ROOT, "one fsync alone: %.2f ms (median)%n%n", fsync));
    out.append(
        String.format(
            Locale.ROOT,
            "%-30s %7s %12s %10s %10s%n",
            "phase",
            "audited",
            "per second",
            "p50 ms",
            "p99 ms"));
    List<String> members = new ArrayList<>();
    results.forEach(
        (phase, timings) -> {
          String[] parts = phase.split("\\|");
          double rate = Timing.median(timings, Timing::perSecond);
          double p50 = Timing.median(timings, Timing::p50Millis);
          double p99 = Timing.median(timings, Timing::p99Millis);
          out.append(
              String.format(
                  Locale.ROOT,
                  "%-30s %7s %12.0f %10.2f %10.2f%n",
                  parts[0],
                  parts[1],
                  rate,
                  p50,
                  p99));
          members.add(
              String.format(
                  Locale.ROOT,
                  "{\"phase\":\"%s\",\"audited\":%s,\"per_s\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f}",
                  parts[0],
                  parts[1].equals("on"),
                  rate,
                  p50,
                  p99));
        });
    out.append(
        String.format(
            Locale.ROOT,
            "%n{\"benchmark\":\"database\",\"fsync_ms\":%.2f,\"rounds\":%d,\"phases\":[%s]}",
            fsync,
            ROUNDS,
            String.join(",", members)));
    System.out.println(out);
  }
}
