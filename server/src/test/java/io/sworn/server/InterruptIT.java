package io.sworn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.server.testing.Deliveries;
import io.sworn.server.testing.InsertingClient;
import io.sworn.server.testing.SwornProcess;
import io.sworn.server.testing.SwornYaml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, and what a person sees before. */
class InterruptIT {

  /** A start, and rounds of which each may wait for many things. */
  private static final Duration ROUNDS_MAX = Duration.ofSeconds(180);

  /** An endless demonstration finishes its round and writes the report first. */
  private static final Duration END_MAX = Duration.ofSeconds(150);

  private static final int ACTIONS = 100;

  @TempDir Path directory;

  @Test
  void anInterruptedDemonstrationLeavesDataThatTheNextOneBalances() throws Exception {
    try (SwornProcess once = demo("--once")) {
      once.awaitOutput(Pattern.compile("Splunk is away"), ROUNDS_MAX);
      endsWithAllItsChildren(once, 130);
      assertThat(once.output()).contains("what is on its way arrives with the next run");
    }
    try (SwornProcess endless = demo("-Dsworn.terminal=true")) {
      theDisplayShowsEverything(endless);
      endsWithAllItsChildren(endless, 0);
      List<String> lines = endless.output().lines().toList();
      JsonNode last = JsonMapper.builder().build().readTree(lines.get(lines.size() - 1));
      assertThat(last.path("lost").asLong()).isZero();
      assertThat(last.path("archived")).isEqualTo(last.path("emitted"));
      assertThat(last.at("/routes/file/delivered")).isEqualTo(last.path("emitted"));
      assertThat(last.path("routes"))
          .allSatisfy(route -> assertThat(route.path("inFlight").asLong()).isZero());
    }
  }

  /**
   * In one block, after any round: what was emitted, kept by each filter, delivered, and balance.
   * What the interrupted run had handed over without an answer may have come again.
   */
  private static void theDisplayShowsEverything(SwornProcess demo) throws Exception {
    String count = "\\s+[1-9][0-9,]*";
    demo.awaitOutput(
        Pattern.compile(
            "round (?:[2-9]|[1-9]\\d+), \\d+:\\d\\d +Ctrl-C stops it\\s+emitted"
                + count
                + "\\s+archived"
                + count
                + "\\s+duplicates [0-9,]+\\s+gaps 0\\s+\u001b\\[32mBALANCED\u001b\\[0m"
                + "\\s+kept by filter\\s+events"
                + ("\\s+failed-logins" + count)
                + ("\\s+schema-changes" + count)
                + ("\\s+patient-writes" + count)
                + "\\s+destination\\s+kept\\s+delivered\\s+dead letters\\s+in flight"
                + ("\\s+file" + count + count + "\\s+0\\s+0")
                + ("\\s+guardium" + count + count + "\\s+0\\s+0")
                + ("\\s+splunk" + count + count + "\\s+[1-9]\\s+0")),
        ROUNDS_MAX);
    assertThat(demo.output()).as("drawn over itself").containsPattern("\u001b\\[\\d+A\u001b\\[J");
  }

  @Test
  void anInterruptedServerEndsWithZeroAndHasLostNothing() throws Exception {
    int port =
        SwornYaml.write(
            directory,
            "console: {enabled: false}",
            "alerts: {enabled: false}",
            "routes: [{name: file, redact: []}]");
    Path data = directory.resolve("data");
    SwornProcess sworn = SwornProcess.start(directory, List.of(), "up").awaitReady();
    try (InsertingClient client =
        new InsertingClient(port, data.resolve("identity/ca.pem"), sworn.password())) {
      client.awaitMore(ACTIONS);
      endsWithAllItsChildren(sworn, 0); // while the client works
      sworn = SwornProcess.start(directory, List.of(), "up").awaitReady();
      client.awaitMore(ACTIONS);
      client.stop();
      sworn.awaitSettledArchive();
      Deliveries settled = Deliveries.ofArchive(data.resolve("archive"));
      endsWithAllItsChildren(sworn, 0);
      // What it says of its own end may reach archive and file only after the next start.
      sworn = SwornProcess.start(directory, List.of(), "up").awaitReady();
      sworn.awaitSettledArchive();

      Deliveries archive = Deliveries.ofArchive(data.resolve("archive"));
      Deliveries file = Deliveries.ofLines(data.resolve("delivered/events.jsonl"));
      assertThat(archive.actions()).doesNotHaveDuplicates().containsAll(client.acknowledged());
      assertThat(archive.ids()).doesNotHaveDuplicates().containsAll(settled.ids());
      assertThat(file.ids()).containsExactlyInAnyOrderElementsOf(archive.ids());
    } finally {
      sworn.close();
    }
  }

  private static void endsWithAllItsChildren(SwornProcess sworn, int code) throws Exception {
    List<ProcessHandle> all = sworn.interrupt();
    assertThat(all).as("it has a broker").hasSizeGreaterThan(1);
    assertThat(sworn.awaitEnd(END_MAX)).as(sworn.output()).isEqualTo(code);
    for (ProcessHandle one : all) {
      one.onExit().get(END_MAX.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private SwornProcess demo(String option) throws Exception {
    List<String> java = option.startsWith("-D") ? List.of(option) : List.of();
    String data = directory.resolve("data").toString();
    String out = directory.resolve("out").toString();
    return java.isEmpty()
        ? SwornProcess.start(directory, java, "demo", option, "--data", data, "--out", out)
        : SwornProcess.start(directory, java, "demo", "--data", data, "--out", out);
  }
}
