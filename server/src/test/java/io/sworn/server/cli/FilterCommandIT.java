package io.sworn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornJson;
import io.sworn.server.testing.RunningSworn;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live filters, changed by the command of a person beside a running instance. */
class FilterCommandIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void aFilterIsPutComparedDisabledAndBroughtBackWhileClientsWork() throws Exception {
    Path data = directory.resolve("data");
    Path all = write("all.json", "{}");
    Path inserts = write("inserts.json", "{\"param.command\": \"insert\"}");
    try (RunningSworn running = new RunningSworn(data, List.of());
        MongoClient client = running.client()) {
      // The instance begins with a filter of that name, version 1.
      assertThat(run(data, "put", "everything", all.toString(), "--route", "file").get(0))
          .contains("\"version\":2", "\"from\":{\"0\":");
      MongoCollection<Document> patients = client.getDatabase("mydb").getCollection("patients");
      for (int i = 0; i < 5; i++) {
        patients.insertOne(new Document("_id", i));
        patients.countDocuments(new Document("_id", i));
      }
      FlowSnapshot flow = settled(running);
      long kept = flow.destinations().get("file").kept();
      assertThat(kept).isGreaterThanOrEqualTo(10);

      List<String> diff =
          run(data, "diff", inserts.toString(), "--name", "everything", "--samples", "2");
      assertThat(diff).hasSize(3);
      assertThat(diff.get(0)).startsWith("{\"change\":\"dropped\",\"event\":{");
      long before =
          SwornJson.read(diff.get(2).getBytes(UTF_8), JsonNode.class).get("events").asLong();
      // The look itself is an event, which may or may not be among those that it sees.
      assertThat(before).isBetween(flow.emitted(), flow.emitted() + 1);
      assertThat(diff.get(2))
          .contains("\"keptBefore\":" + before, "\"newlyKept\":0", "\"unreadable\":0")
          .contains("\"keptAfter\":5", "\"newlyDropped\":" + (before - 5));
      assertThat(settled(running).emitted()).isEqualTo(flow.emitted() + 1);

      assertThat(run(data, "disable", "everything", "--reason", "noise").get(0))
          .contains("\"version\":3", "\"enabled\":false", "noise");
      awaitFilters(running, 0);
      long keptBefore = settled(running).destinations().get("file").kept();
      patients.insertOne(new Document("_id", 100));
      FlowSnapshot off = settled(running);
      assertThat(off.emitted()).isGreaterThan(flow.emitted());
      assertThat(off.destinations().get("file").kept()).isEqualTo(keptBefore);

      assertThat(run(data, "rollback", "everything", "1").get(0))
          .contains("\"version\":4", "\"enabled\":true");
      awaitFilters(running, 1);
      patients.insertOne(new Document("_id", 101));
      assertThat(settled(running).destinations().get("file").kept()).isGreaterThan(keptBefore);
      run(data, "put", "trial", inserts.toString(), "--route", "file", "--shadow");
      long routed = settled(running).destinations().get("file").kept();
      patients.insertOne(new Document("_id", 102));
      FlowSnapshot shadowed = settled(running);
      awaitHits(running, "trial@1 (shadow)", 1);
      assertThat(run(data, "list").get(1)).contains("\"shadow\":true", "\"hits\":1");
      assertThat(shadowed.destinations().get("file").kept()).isGreaterThan(routed);
      assertThat(run(data, "put", "trial", inserts.toString(), "--route", "file").get(0))
          .contains("\"version\":2", "\"shadow\":false");
      List<String> versions = run(data, "show", "everything");
      assertThat(versions).hasSize(4);
      // The first one may have been replaced before it came to judge at this partition.
      assertThat(versions.subList(1, 4)).allMatch(line -> line.contains("\"from\":{\"0\":"));
      assertThat(versions.get(2)).contains("\"hits\":0"); // disabled
    }
  }

  @Test
  void whatIsRefusedIsOnRecordAsRefused() throws Exception {
    Path data = directory.resolve("data");
    String logins = write("logins.json", "{\"atype\": \"authenticate\"}").toString();
    String wrong = write("wrong.json", "{\"atype\": {\"$foo\": 1}}").toString();
    try (RunningSworn running = new RunningSworn(data, List.of())) {
      refused(data, "lower-case letters", "put", "a b/../x", logins);
      refused(data, "'no route!'", "put", "logins", logins, "--route", "no route!");
      refused(data, "$foo", "put", "logins", wrong);
      refused(data, "no filter 'logins'", "disable", "logins");
      refused(data, "no filter 'logins'", "rollback", "logins", "1");
      run(data, "put", "logins", logins);
      refused(data, "has no version 99", "rollback", "logins", "99");
      run(data, "disable", "logins");
      Tried again = tried(data, "disable", "logins");
      assertThat(again.code).isZero();
      assertThat(again.err).contains("'logins' is off already");
      assertThat(run(data, "show", "logins")).hasSize(2);
      String never = write("never.json", "{\"result\": {\"$gt\": 5, \"$lt\": 3}}").toString();
      refused(data, "--force puts it", "put", "never", never);
      Tried forced = tried(data, "put", "never", never, "--force", "--route", "nowhere");
      assertThat(forced.code).as(forced.err).isZero();
      assertThat(forced.err)
          .contains("warning at the top: can never match an event")
          .contains("no destination reads route 'nowhere'; configured: file");
      settled(running);
      assertThat(running.events(running.sworn().config().kafka().topics().events()))
          .filteredOn(event -> event.type().startsWith("filter"))
          .filteredOn(event -> !event.type().equals("filterSwitched"))
          .extracting(event -> event.type() + " " + event.result())
          .containsExactly(
              "filterPut 0", // of the first start
              "filterPut 2",
              "filterPut 2",
              "filterPut 2",
              "filterDisable 2",
              "filterRollback 2",
              "filterPut 0",
              "filterRollback 2",
              "filterDisable 0",
              "filterPut 2",
              "filterPut 0");
    }
  }

  private static void refused(Path data, String why, String... arguments) {
    Tried tried = tried(data, arguments);
    assertThat(tried.code).isEqualTo(2);
    assertThat(tried.err).contains(why);
  }

  private static FlowSnapshot settled(RunningSworn running) throws InterruptedException {
    FlowSnapshot flow = running.sworn().awaitSettled(SETTLE);
    assertThat(flow.settled()).isTrue();
    return flow;
  }

  private static void awaitFilters(RunningSworn running, int count) throws InterruptedException {
    long deadline = System.nanoTime() + SETTLE.toNanos();
    while (running.sworn().activeFilters().size() != count && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(running.sworn().activeFilters()).hasSize(count);
  }

  private static void awaitHits(RunningSworn running, String filter, long hits)
      throws InterruptedException {
    long deadline = System.nanoTime() + SETTLE.toNanos();
    while (running.sworn().meter().hits().getOrDefault(filter, 0L) < hits
        && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(running.sworn().meter().hits()).containsEntry(filter, hits);
  }

  private Path write(String name, String text) throws Exception {
    return Files.writeString(directory.resolve(name), text);
  }

  private record Tried(int code, String out, String err) {}

  private static List<String> run(Path data, String... arguments) {
    Tried tried = tried(data, arguments);
    assertThat(tried.code).as(tried.err).isZero();
    return tried.out.lines().toList();
  }

  private static Tried tried(Path data, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    java.util.ArrayList<String> all = new java.util.ArrayList<>(List.of("filter"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--data", data.toString()));
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
    return new Tried(code, out.toString(), err.toString());
  }
}
