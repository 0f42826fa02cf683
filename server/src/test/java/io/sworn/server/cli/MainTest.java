package io.sworn.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sworn.event.FlowSnapshot;
import io.sworn.server.Sworn;
import io.sworn.server.testing.SwornYaml;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

class MainTest {

  @TempDir Path directory;

  private record Ran(int code, String out, String err) {}

  @Test
  void everyCommandExplainsItselfWithAnExample() {
    List<String> names = new ArrayList<>(new CommandLine(new Main()).getSubcommands().keySet());
    assertThat(names).contains("up", "status", "tail", "dead-letters");
    for (String name : names) {
      Ran ran = run(name, "--help");
      assertThat(ran.code).as(name).isZero();
      assertThat(ran.out).as(name).contains("Usage: sworn " + name).contains("Example: sworn");
      assertThat(ran.err).as(name).isEmpty();
    }
  }

  @Test
  void anUnknownCommandOrOptionIsBadInput() {
    assertThat(run("fly").code).isEqualTo(2);
    assertThat(run("status", "--colour").code).isEqualTo(2);
    assertThat(run().code).isEqualTo(2);
    assertThat(run("fly").out).isEmpty();
  }

  @Test
  void anUnknownCommandIsNamedAtEveryLevelOfTheTree() {
    List<String> groups = new ArrayList<>();
    groups(new CommandLine(new Main()), groups);
    assertThat(groups).contains("sworn", "sworn filter", "sworn alert", "sworn report");
    for (String group : groups) {
      List<String> words = new ArrayList<>(List.of(group.split(" ")));
      words.remove(0);
      words.add("qqqq");
      assertThat(run(words.toArray(String[]::new)))
          .isEqualTo(new Ran(2, "", "unknown command 'qqqq': '" + group + " --help' lists all\n"));
    }
    assertThat(run("filter", "chek", "x.json").err)
        .isEqualTo(
            "unknown command 'chek': did you mean 'sworn filter check'?"
                + " 'sworn filter --help' lists all\n");
    assertThat(run("statsu").err)
        .startsWith("unknown command 'statsu': did you mean 'sworn status");
    assertThat(run("filter", "--colour").err).contains("Unknown option: '--colour'");
  }

  private static void groups(CommandLine command, List<String> into) {
    if (!command.getSubcommands().isEmpty()) {
      into.add(command.getCommandSpec().qualifiedName());
      command.getSubcommands().values().forEach(child -> groups(child, into));
    }
  }

  @Test
  void everyFileIsCheckedAndTheWorstOneDecides() throws IOException {
    Path wrong = directory.resolve("wrong.json");
    Files.writeString(wrong, "{\"$or\": []}");
    Path never = directory.resolve("never.json");
    Files.writeString(never, "{\"result\": {\"$gt\": 5, \"$lt\": 3}}");
    Path right = directory.resolve("right.json");
    Files.writeString(right, "{\"atype\": \"createUser\"}");
    Ran ran =
        run("filter", "check", wrong.toString(), never.toString(), "gone.json", right.toString());
    assertThat(ran.code).isEqualTo(2);
    assertThat(ran.err.lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith(wrong + ": invalid filter at $or: "),
            line ->
                assertThat(line)
                    .isEqualTo(never + ": warning at the top: can never match an event"),
            line ->
                assertThat(line).isEqualTo("gone.json cannot be read: no such file or directory"));
    assertThat(ran.out).contains(never + " is a valid filter", right + " is a valid filter");
    assertThat(run("filter", "check", never.toString(), right.toString()).code).isZero();
    assertThat(run("filter", "check").code).isEqualTo(2);
  }

  @Test
  void aThousandFiltersJudgeTenThousandEventsInOnePass() throws IOException {
    Path filters = Files.createDirectories(directory.resolve("filters"));
    for (int i = 0; i < 1_000; i++) {
      Files.writeString(
          filters.resolve(String.format("f%03d.json", i)),
          "{\"atype\":\"authCheck\",\"param.ns\":\"shop.c" + i + "\",\"result\":{\"$lt\":13}}");
    }
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      lines
          .append("{\"atype\":\"authCheck\",\"ts\":{\"$date\":\"2026-03-02T08:01:42.100+00:00\"},")
          .append("\"users\":[],\"roles\":[],\"param\":{\"command\":\"find\",\"ns\":\"shop.c")
          .append(i)
          .append("\"},\"result\":")
          .append(i % 2 == 0 ? 0 : 13)
          .append("}\n");
    }
    Path events = directory.resolve("events.jsonl");
    Files.writeString(events, lines);
    Ran ran = run("filter", "test", "--filters", filters.toString(), "--events", events.toString());
    assertThat(ran.code).as(ran.err).isZero();
    List<String> out = ran.out.lines().toList();
    assertThat(out).hasSize(10_000);
    assertThat(out.get(42)).isEqualTo("{\"line\":43,\"matched\":[\"f042\"]}");
    assertThat(out.get(43)).isEqualTo("{\"line\":44,\"matched\":[]}");
    assertThat(out.stream().filter(line -> line.contains("\"f")).count()).isEqualTo(500);
  }

  @Test
  void aBadConfigurationIsBadInputWithoutAStackTrace() throws IOException {
    Path file = directory.resolve("sworn.yaml");
    Files.writeString(file, "dta: x\nconsole: {enabled: maybe}\n");
    Ran ran = run("status", "--config", file.toString());
    assertThat(ran.code).isEqualTo(2);
    assertThat(ran.err)
        .contains("dta: unknown key, did you mean 'data'?", "console.enabled")
        .doesNotContain("\tat ");
    assertThat(ran.out).isEmpty();
  }

  @Test
  void onlyWhatAPersonCannotPutRightLeavesAStackTraceInTheLog() throws IOException {
    Logger log = (Logger) LoggerFactory.getLogger(Main.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      assertThat(run("status", "--config", directory.resolve("gone.yaml").toString()).code)
          .isEqualTo(2);
      assertThat(logged.list).isEmpty();
      Files.writeString(directory.resolve("logs"), "no directory");
      assertThat(run("up", "--data", directory.toString()).code).isEqualTo(1);
      assertThat(logged.list).as("what is a disk's fault").isNotEmpty();
    } finally {
      log.detachAppender(logged);
    }
  }

  @Test
  void withoutAnInstanceStatusFailsAndTailSaysWhatToDo() {
    assertThat(run("status", "--data", directory.toString()))
        .isEqualTo(new Ran(1, "", "no instance runs on " + directory + System.lineSeparator()));
    Ran tail = run("tail", "--data", directory.toString());
    assertThat(tail.code).isEqualTo(2);
    assertThat(tail.err).contains("start one with 'sworn up'");
  }

  @Test
  void whereNoInstanceRunsReadersOfItsKafkaSaySo() throws IOException {
    Path properties = Sworn.operatorProperties(directory);
    Files.createDirectories(properties.getParent());
    Files.writeString(
        properties,
        "bootstrap.servers=127.0.0.1:" + SwornYaml.freePort() + "\ndefault.api.timeout.ms=300\n");
    for (String[] command :
        List.of(
            new String[] {"losses", "list"},
            new String[] {"losses", "acknowledge", "siem", "--reason", "x"},
            new String[] {"dead-letters", "list"})) {
      List<String> words = new ArrayList<>(List.of(command));
      words.addAll(List.of("--data", directory.toString()));
      Ran ran = run(words.toArray(String[]::new));
      assertThat(ran.code).as(words.toString()).isEqualTo(Main.FAILED);
      assertThat(ran.err)
          .startsWith("Kafka: ")
          .contains("cannot be read: ", "see 'sworn status' whether the instance runs");
    }
  }

  @Test
  void statusOfARunningInstanceIsOneJsonObject() {
    FlowSnapshot flow =
        new FlowSnapshot(
            7,
            7,
            7,
            0,
            0,
            0,
            new TreeMap<>(Map.of("siem", new FlowSnapshot.DestinationFlow("siem", 3, 2, 1, 0))),
            System.currentTimeMillis());
    new StatusFile(
            1,
            "127.0.0.1:27017",
            false,
            List.of("destination siem has done nothing for 61 s while 1 events wait"),
            Map.of("siem", "RUNNING"),
            flow,
            Map.of("logins@3 (shadow)", 7L))
        .write(directory);
    Ran json = run("status", "--data", directory.toString(), "--format", "json");
    assertThat(json.code).isEqualTo(Main.FAILED);
    assertThat(json.out.lines()).hasSize(1);
    assertThat(json.out).startsWith("{").contains("\"emitted\":7", "\"deadLetters\":1");
    assertThat(run("status", "--data", directory.toString()).out)
        .contains("siem", "RUNNING", "filter    logins@3 (shadow) hits 7")
        .contains("TROUBLE   destination siem has done nothing for 61 s while 1 events wait");
  }

  @Test
  void aFilterIsTriedOnEveryLineAndAnUnreadableOneSaysWhy() throws IOException {
    Path filters = Files.createDirectories(directory.resolve("filters"));
    Path logins = filters.resolve("logins.json");
    Files.writeString(logins, "{\"atype\": \"authenticate\", \"result\": {\"$ne\": 0}}");
    Files.writeString(filters.resolve("all.json"), "{}");
    Path events = directory.resolve("events.jsonl");
    Files.writeString(
        events,
        "{\"atype\": \"authenticate\", \"result\": 18}\n"
            + "{\"atype\": \"authenticate\", \"result\": 0}\n"
            + "no json\n");
    Ran one = run("filter", "test", "--filter", logins.toString(), "--events", events.toString());
    assertThat(one.code).isEqualTo(Main.FAILED);
    assertThat(one.err.lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("line 3: "),
            line -> assertThat(line).isEqualTo("2 events, 1 unreadable, 0 undecidable verdicts"));
    assertThat(one.out.lines().toList())
        .hasSize(3)
        .startsWith("{\"line\":1,\"matched\":true}", "{\"line\":2,\"matched\":false}")
        .last()
        .asString()
        .startsWith("{\"line\":3,\"error\":\"");
    Ran all = run("filter", "test", "--filters", filters.toString(), "--events", events.toString());
    assertThat(all.out.lines().toList())
        .startsWith(
            "{\"line\":1,\"matched\":[\"all\",\"logins\"]}", "{\"line\":2,\"matched\":[\"all\"]}");
  }

  @Test
  void anUndecidableVerdictIsToldWithFilterLineAndReason() throws IOException {
    Path filters = Files.createDirectories(directory.resolve("filters"));
    Path hostile = filters.resolve("hostile.json");
    Files.writeString(
        hostile,
        "{\"$or\": [{\"$nor\": [{\"users.user\": {\"$regex\": \"(a+)+$\"}}]},"
            + " {\"atype\": \"logout\", \"users.user\": {\"$regex\": \"(b+)+$\"}}]}");
    Files.writeString(filters.resolve("all.json"), "{}");
    Path events = directory.resolve("events.jsonl");
    String user = "\"users\": [{\"user\": \"" + "a".repeat(5_000) + "!\", \"db\": \"d\"}]}";
    Files.writeString(
        events,
        "{\"atype\": \"logout\", \"users\": []}\n{\"atype\": \"authenticate\", " + user + "\n");
    String reason =
        "$or[0].$nor[0].users.user.$regex: search given up after 2000000 looks at a character;"
            + " make the pattern simpler, or anchor it with ^";
    Ran all = run("filter", "test", "--filters", filters.toString(), "--events", events.toString());
    assertThat(all.code).isZero();
    assertThat(all.out.lines())
        .containsExactly(
            "{\"line\":1,\"matched\":[\"all\",\"hostile\"]}",
            "{\"line\":2,\"matched\":[\"all\",\"hostile\"],"
                + "\"undecidable\":[{\"filter\":\"hostile\",\"reason\":\""
                + reason
                + "\"}]}");
    assertThat(all.err.lines())
        .containsExactly(
            "line 2: filter hostile: undecidable, counts as matched: " + reason,
            "2 events, 0 unreadable, 1 undecidable verdicts");
    Ran one = run("filter", "test", "--filter", hostile.toString(), "--events", events.toString());
    assertThat(one.out.lines().toList().get(1))
        .isEqualTo(
            "{\"line\":2,\"matched\":true,\"undecidable\":[{\"reason\":\"" + reason + "\"}]}");
    assertThat(run("filter", "test", "--help").out).contains("Exit codes:");
  }

  @Test
  void aDirectoryWithoutFiltersIsBadInput() throws IOException {
    Path empty = Files.createDirectories(directory.resolve("none"));
    Files.writeString(empty.resolve("README"), "no filter");
    Ran ran = run("filter", "test", "--filters", empty.toString());
    assertThat(ran.code).isEqualTo(2);
    assertThat(ran.out).isEmpty();
    assertThat(ran.err)
        .isEqualTo(
            empty + ": no file that ends in .json: put filters there, or name one with --filter\n");
    Ran gone = run("filter", "test", "--filters", directory.resolve("gone").toString());
    assertThat(gone.code).isEqualTo(2);
    assertThat(gone.err).endsWith("gone cannot be listed: no such file or directory\n");
  }

  @Test
  void aShadowIsTriedBesideWhatRoutes() throws IOException {
    Path filters = Files.createDirectories(directory.resolve("filters"));
    Path shadow = filters.resolve("logins.json");
    Files.writeString(shadow, "{\"filter\": {\"atype\": \"authenticate\"}, \"shadow\": true}");
    Files.writeString(filters.resolve("all.json"), "{}");
    Path events = directory.resolve("events.jsonl");
    Files.writeString(events, "{\"atype\": \"authenticate\"}\n{\"atype\": \"logout\"}\n");
    Ran all = run("filter", "test", "--filters", filters.toString(), "--events", events.toString());
    assertThat(all.out.lines())
        .containsExactly(
            "{\"line\":1,\"matched\":[\"all\"],\"shadow\":[\"logins\"]}",
            "{\"line\":2,\"matched\":[\"all\"],\"shadow\":[]}");
    Ran one = run("filter", "test", "--filter", shadow.toString(), "--events", events.toString());
    assertThat(one.out).startsWith("{\"line\":1,\"matched\":true,\"shadow\":true}");
    Files.writeString(shadow, "{\"filter\": {}, \"shadow\": \"yes\"}");
    Ran wrong = run("filter", "check", shadow.toString());
    assertThat(wrong.code).isEqualTo(2);
    assertThat(wrong.err).contains("logins.json", "shadow", "true or false");
    Files.writeString(shadow, "{\"filter\": {}, \"shadow\": true, \"rote\": [\"a\"]}");
    assertThat(run("filter", "check", shadow.toString()).err).contains("rote", "not a member");
  }

  @Test
  void aChangeOfAFilterIsShownOnRecordedTraffic() throws IOException {
    Path old = directory.resolve("old.json");
    Files.writeString(old, "{\"atype\": \"authenticate\"}");
    Path changed = directory.resolve("new.json");
    Files.writeString(changed, "{\"result\": {\"$ne\": 0}}");
    Path events = directory.resolve("events.jsonl");
    Files.writeString(
        events,
        "{\"atype\": \"authenticate\", \"result\": 18}\n"
            + "{\"atype\": \"authenticate\", \"result\": 0}\n"
            + "no json\n"
            + "{\"atype\": \"authCheck\", \"result\": 13}\n"
            + "{\"atype\": \"authCheck\", \"result\": 13}\n");
    String[] arguments = {
      "filter", "diff", changed.toString(), "--old", old.toString(), "--events", events.toString()
    };
    Ran ran = run(arguments);
    assertThat(ran.code).isZero();
    assertThat(ran.err).contains("events.jsonl, line 3: ");
    assertThat(ran.out.lines().toList())
        .hasSize(4)
        .first()
        .asString()
        .startsWith("{\"change\":\"dropped\",\"event\":{ \"atype\" : \"authenticate\"");
    assertThat(ran.out.lines().toList().get(3))
        .isEqualTo(
            "{\"events\":4,\"unreadable\":1,\"keptBefore\":2,\"keptAfter\":3,"
                + "\"newlyKept\":2,\"newlyDropped\":1,\"undecidable\":0}");
    assertThat(run("filter", "diff", changed.toString()).code).isEqualTo(2);
    assertThat(
            run("filter", "diff", changed.toString(), "--old", old.toString(), "--events", "gone"))
        .matches(gone -> gone.code == 2 && gone.err.contains("gone cannot be read"));
  }

  @Test
  void anInvalidFilterIsBadInputThatNamesThePlace() throws IOException {
    Path wrong = directory.resolve("wrong.json");
    Files.writeString(wrong, "{\"$or\": [{\"a\": 1}, {\"b\": {\"$near\": 1}}]}");
    Ran check = run("filter", "check", wrong.toString());
    assertThat(check.code).isEqualTo(2);
    assertThat(check.err).contains("wrong.json", "$near").doesNotContain("\tat ");
    assertThat(run("filter", "test", "--filter", wrong.toString()).code).isEqualTo(2);
    Path right = directory.resolve("right.json");
    Files.writeString(right, "{\"atype\": \"createUser\"}");
    Ran checked = run("filter", "check", right.toString());
    assertThat(checked.code).isZero();
    assertThat(checked.out).endsWith("cost: found by index: atype (equality)\n");
    assertThat(checked.err).isEmpty();
    Files.writeString(right, "{\"result\": {\"$gt\": 5, \"$lt\": 3}}");
    assertThat(run("filter", "check", right.toString()).err)
        .isEqualTo("warning at the top: can never match an event\n");
    Path own = directory.resolve("own.json");
    Files.writeString(own, "{\"remote.ip\":{\"$cidr\":\"10.0.0.0/8\"}}");
    assertThat(run("filter", "check", own.toString()).code).isZero();
    Ran strict = run("filter", "check", "--strict", own.toString());
    assertThat(strict.code).isEqualTo(2);
    assertThat(strict.err).contains("remote.ip.$cidr", "an extension that MongoDB does not know");
    assertThat(strict.err).doesNotContain("\tat ");
  }

  @Test
  void verifyExplainsItsArgumentsAndExitCodes() {
    assertThat(run("verify", "--help").out)
        .contains("BUNDLE   ", "The zip file", "--key=VKEY   ", "Without it, the key in the bundle")
        .contains("Exit codes:", "0   Sound: ", "1   Tampered: ", "2   Unusable: ");
  }

  @Test
  void whatIsNoBundleIsUnusable() throws IOException {
    Path file = directory.resolve("bundle.zip");
    Files.writeString(file, "no bundle");
    Ran ran = run("verify", file.toString());
    assertThat(ran.code).isEqualTo(2);
    assertThat(ran.out).startsWith("UNUSABLE: ");
    assertThat(run("verify", file.toString(), "--key", "nonsense").code).isEqualTo(2);
  }

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Ran(code, out.toString(), err.toString());
  }
}
