package io.sworn.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import io.sworn.console.AlertLine;
import io.sworn.event.AuditEvent;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.RulePack;
import io.sworn.server.alerts.LatestAlerts;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.RunningSworn;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live alert rules, changed by the command of a person beside a running instance. */
class AlertCommandIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void aRuleIsPutChangedDisabledAndBroughtBackWhileClientsWork() throws Exception {
    Path data = directory.resolve("data");
    Path rule = directory.resolve("rule.yaml");
    try (RunningSworn running = new RunningSworn(data, List.of(), Optional.of(RulePack.rules()));
        MongoClient client = running.client()) {
      var patients = client.getDatabase("mydb").getCollection("patients");
      Files.writeString(rule, rule("insert"));
      assertThat(run(data, "put", rule.toString(), "--reason", "curious").get(0))
          .contains("\"name\":\"watch\",\"version\":1,\"enabled\":true", "curious");
      await(running, "watch", 1);
      patients.insertOne(new Document("_id", 1));
      settle(running);
      assertThat(alerts(running)).containsExactly("watch@1");

      Files.writeString(rule, rule("delete"));
      run(data, "put", rule.toString());
      await(running, "watch", 2);
      patients.insertOne(new Document("_id", 2));
      patients.deleteOne(new Document("_id", 2));
      settle(running);
      assertThat(alerts(running)).containsExactly("watch@1", "watch@2");

      run(data, "disable", "watch", "--reason", "noise");
      await(running, "watch", 3);
      patients.deleteOne(new Document("_id", 1));
      settle(running);
      assertThat(alerts(running)).hasSize(2);

      run(data, "rollback", "watch", "1");
      await(running, "watch", 4);
      patients.insertOne(new Document("_id", 3));
      settle(running);
      assertThat(alerts(running)).containsExactly("watch@1", "watch@2", "watch@4");

      assertThat(
              new LatestAlerts(
                      running.sworn().kafka(KafkaRole.OPERATOR),
                      running.sworn().config().kafka().topics())
                  .read())
          .filteredOn(alert -> alert.rule().startsWith("watch@"))
          .extracting(AlertLine::rule)
          .containsExactly("watch@4", "watch@2", "watch@1");

      assertThat(run(data, "versions", "watch"))
          .extracting(line -> line.contains("\"enabled\":true"))
          .containsExactly(true, true, false, true);
      String packed = RulePack.rules().get(0).name();
      run(data, "disable", packed, "--reason", "not here");
      assertThat(run(data, "list"))
          .hasSize(RulePack.rules().size() + 1)
          .anyMatch(line -> line.startsWith(packed + "@2") && line.endsWith(": not here)"));
      settle(running);
      assertThat(running.events(running.sworn().config().kafka().topics().events()))
          .extracting(AuditEvent::type)
          .contains("alertPut", "alertDisable", "alertRollback");

      assertThat(tried(data, "disable", packed).err()).contains("is off already");
      Files.writeString(
          rule, "[" + rule("insert").replace("}}", "}, samples: {fires: [[]]}}") + "]");
      assertThat(tried(data, "put", rule.toString()).code()).isEqualTo(2);
      Files.writeString(rule, "{name: watch, type: event, select: {result: {$gt: 5, $lt: 3}}}");
      assertThat(tried(data, "put", rule.toString()).err())
          .contains("watch: at the top: can never match", "--force");
      assertThat(tried(data, "put", rule.toString(), "--force").code()).isZero();
      assertThat(tried(data, "rollback", "watch", "99").err()).contains("has no version 99");
      assertThat(tried(data, "disable", "nosuch").err()).contains("no alert rule 'nosuch'");
      settle(running);
      assertThat(running.events(running.sworn().config().kafka().topics().events()))
          .filteredOn(event -> event.type().matches("alert[A-Z].*"))
          .extracting(event -> event.type() + " " + event.result())
          .containsExactly(
              "alertPut 0",
              "alertPut 0",
              "alertDisable 0",
              "alertRollback 0",
              "alertDisable 0",
              "alertPut 2",
              "alertPut 2",
              "alertPut 0",
              "alertRollback 2",
              "alertDisable 2");
    }
  }

  private static String rule(String command) {
    return "{name: watch, type: event, select: {atype: authCheck, param.command: " + command + "}}";
  }

  private static void await(RunningSworn running, String name, int version) throws Exception {
    long deadline = System.nanoTime() + SETTLE.toNanos();
    while (version(running, name) != version && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(version(running, name)).isEqualTo(version);
  }

  private static int version(RunningSworn running, String name) {
    return running.sworn().alertRules().stream()
        .filter(rule -> rule.name().equals(name))
        .mapToInt(AlertDefinition::version)
        .findFirst()
        .orElse(0);
  }

  private static void settle(RunningSworn running) throws InterruptedException {
    assertThat(running.sworn().awaitSettled(SETTLE).settled()).isTrue();
  }

  /** Labels of the alerts of the rule under test, in order. */
  private static List<String> alerts(RunningSworn running) {
    return running.events(running.sworn().config().kafka().topics().alerts()).stream()
        .map(event -> event.param().toDocument())
        .filter(param -> param.getString("rule").getValue().equals("watch"))
        .map(param -> "watch@" + param.getInt32("version").getValue())
        .toList();
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
    List<String> all = new ArrayList<>(List.of("alert"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--data", data.toString()));
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
    return new Tried(code, out.toString(), err.toString());
  }
}
