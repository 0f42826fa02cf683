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
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Throughput and latency of a server in a process of its own: official driver, TLS, SCRAM, a real
 * broker that takes the events meanwhile. Phases with and without auditing of what was allowed take
 * turns, so that a busy moment of the machine hits both. The server's Java compiles as that of
 * {@code sworn up}; SERVER_JAVA_OPTS adds options to it.
 */
final class DatabaseBenchmark {

  private static final Duration PHASE = Duration.ofMillis(setting("PHASE_MS", 3_000));
  private static final int ROUNDS = setting("ROUNDS", 3);

  /** Only phases whose names begin so. */
  private static final String PHASES = Objects.requireNonNullElse(System.getenv("PHASES"), "");

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
    List<String> options = new ArrayList<>(List.of("-Xms64m"));
    String more = System.getenv("SERVER_JAVA_OPTS");
    if (more != null && !more.isEmpty()) {
      options.addAll(List.of(more.split(" ")));
    }
    try (ServerProcess server = ServerProcess.start(directory, certificate, topics, options);
        MongoClient client =
            TestServer.connect(server.port(), certificate, "admin", "admin", server.password())) {
      phases(server, client, true, false);
      phases(server, client, false, false);
      for (int round = 0; round < ROUNDS; round++) {
        phases(server, client, round % 2 == 0, true);
        phases(server, client, round % 2 != 0, true);
      }
    }
    print(fsync);
  }

  private void phases(ServerProcess server, MongoClient client, boolean audit, boolean counts)
      throws Exception {
    client
        .getDatabase("admin")
        .runCommand(new Document("setParameter", 1).append("auditAuthorizationSuccess", audit));
    MongoCollection<Document> c = client.getDatabase("bench").getCollection("c" + ++next);
    c.insertOne(document(-1));
    String mode = !counts ? "" : audit ? "|on" : "|off";
    Work insert = (thread, n) -> c.insertOne(document(thread * 10_000_000 + n));
    phase(server, "insertOne, 1 thread" + mode, 1, 1, insert);
    phase(server, "insertOne, 8 threads" + mode, 8, 1, (t, n) -> insert.run(t + 1, n));
    phase(
        server,
        "insertMany 1,000, documents" + mode,
        1,
        BATCH,
        (t, n) ->
            c.insertMany(
                IntStream.range(0, BATCH)
                    .mapToObj(i -> document(500_000_000 + n * BATCH + i))
                    .toList()));
    Work find = (t, n) -> c.find(Filters.eq("_id", n % 100)).first();
    phase(server, "find by _id, 1 thread" + mode, 1, 1, find);
    phase(server, "find by _id, 8 threads" + mode, 8, 1, find);
    Work update = (t, n) -> c.updateOne(Filters.eq("_id", (t * 10 + n) % 100), Updates.inc("n", 1));
    phase(server, "updateOne by _id, 8 threads" + mode, 8, 1, update);
    c.drop();
  }

  /** Runs a phase and keeps what it took unless its name has no mode. */
  private void phase(ServerProcess server, String name, int threads, int factor, Work work)
      throws Exception {
    if (!name.startsWith(PHASES)) {
      return;
    }
    long cpu = server.cpuNanos();
    Timing timing = Timing.of(threads, PHASE, work).times(factor);
    long used = server.cpuNanos() - cpu;
    if (name.contains("|")) {
      results
          .computeIfAbsent(name, k -> new ArrayList<>())
          .add(timing.withCpu(used / 1e3 / timing.operations()));
    }
  }

  private static Document document(int id) {
    return new Document("_id", id).append("n", id).append("name", "n" + id).append("p", PADDING);
  }

  private void print(double fsync) {
    StringBuilder out = new StringBuilder("\n");
    out.append(String.format(Locale.ROOT, "one fsync alone: %.2f ms (median)%n%n", fsync));
    out.append(
        String.format(
            Locale.ROOT,
            "%-30s %7s %12s %10s %10s %10s%n",
            "phase",
            "audited",
            "per second",
            "p50 ms",
            "p99 ms",
            "CPU us"));
    List<String> members = new ArrayList<>();
    results.forEach(
        (phase, timings) -> {
          String[] parts = phase.split("\\|");
          double rate = Timing.median(timings, Timing::perSecond);
          double p50 = Timing.median(timings, Timing::p50Millis);
          double p99 = Timing.median(timings, Timing::p99Millis);
          double cpu = Timing.median(timings, Timing::cpuMicros);
          out.append(
              String.format(
                  Locale.ROOT,
                  "%-30s %7s %12.0f %10.2f %10.2f %10.0f%n",
                  parts[0],
                  parts[1],
                  rate,
                  p50,
                  p99,
                  cpu));
          members.add(
              String.format(
                  Locale.ROOT,
                  "{\"phase\":\"%s\",\"audited\":%s,\"per_s\":%.0f,\"p50_ms\":%.2f,"
                      + "\"p99_ms\":%.2f,\"server_cpu_us\":%.1f}",
                  parts[0],
                  parts[1].equals("on"),
                  rate,
                  p50,
                  p99,
                  cpu));
        });
    out.append(
        String.format(
            Locale.ROOT, "%n%-30s %20s %20s%n", "audited : not", "rate", "CPU of the server"));
    List<String> ratios = new ArrayList<>();
    results.forEach(
        (phase, on) -> {
          List<Timing> off = results.get(phase.replace("|on", "|off"));
          if (phase.endsWith("|on") && off != null) {
            String name = phase.substring(0, phase.indexOf('|'));
            String rate = ratio(on, off, Timing::perSecond);
            String cpu = ratio(on, off, Timing::cpuMicros);
            out.append(String.format(Locale.ROOT, "%-30s %20s %20s%n", name, rate, cpu));
            ratios.add(
                String.format(
                    "{\"phase\":\"%s\",\"rate\":\"%s\",\"cpu\":\"%s\"}", name, rate, cpu));
          }
        });
    out.append(
        String.format(
            Locale.ROOT,
            "%n{\"benchmark\":\"database\",\"fsync_ms\":%.2f,\"rounds\":%d,\"phases\":[%s],"
                + "\"audited_ratio\":[%s]}",
            fsync,
            ROUNDS,
            String.join(",", members),
            String.join(",", ratios)));
    System.out.println(out);
  }

  /** Median, least and greatest of the rounds' ratios. */
  private static String ratio(List<Timing> on, List<Timing> off, ToDoubleFunction<Timing> value) {
    double[] ratios =
        IntStream.range(0, on.size())
            .mapToDouble(i -> value.applyAsDouble(on.get(i)) / value.applyAsDouble(off.get(i)))
            .sorted()
            .toArray();
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f to %.2f)",
        ratios[ratios.length / 2],
        ratios[0],
        ratios[ratios.length - 1]);
  }
}
