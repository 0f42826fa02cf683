package io.sworn.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertCommandTest {

  private static final String RULE =
      """
      name: failed
      type: threshold
      severity: high
      select: {atype: authenticate, result: 18}
      group: remote.ip
      count: 2
      within: 1m
      """;

  @TempDir Path directory;

  private record Ran(int code, String out, String err) {}

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Ran(code, out.toString(), err.toString());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static String login(int second, int result) {
    return "{\"atype\":\"authenticate\",\"ts\":{\"$date\":\"2026-03-02T08:03:0"
        + second
        + "Z\"},\"remote\":{\"ip\":\"10.0.0.9\",\"port\":1},\"users\":[],\"roles\":[],"
        + "\"param\":{\"user\":\"ann\"},\"result\":"
        + result
        + "}\n";
  }

  @Test
  void listsTheRulesThatComeAlong() {
    Ran ran = run("alert", "list");
    assertThat(ran.code).isZero();
    assertThat(ran.out.lines().count()).isGreaterThanOrEqualTo(30);
    assertThat(ran.out).contains("success-after-failures");
    assertThat(run("alert", "list", "--format", "json").out.lines())
        .allSatisfy(line -> assertThat(line).startsWith("{\"name\":").contains("\"tags\":["));
  }

  @Test
  void alertNamesTheLinesThatMadeItAndUnreadableLinesAreTold() throws IOException {
    Path events = file("events.jsonl", login(1, 18) + "garbage\n" + login(2, 0) + login(3, 18));
    Ran ran =
        run("alert", "test", "--rules", file("r.yaml", RULE).toString(), "--events", "" + events);
    assertThat(ran.code).isZero();
    assertThat(ran.out)
        .isEqualToIgnoringNewLines(
            "{\"rule\":\"failed\",\"severity\":\"high\",\"title\":\"failed\",\"group\":{\"remote.ip\":\"10.0.0.9\"},"
                + "\"from\":\"2026-03-02T08:03:01Z\",\"to\":\"2026-03-02T08:03:03Z\",\"count\":2,\"lines\":[1,4],"
                + "\"values\":[],\"suppressed\":0}");
    assertThat(ran.err).contains("line 2: ").contains("failed: 2 selected, 1 alerts");
  }

  @Test
  void samplesOfTheRulesThatComeAlongAreRightAndOthersAreTold() throws IOException {
    assertThat(run("alert", "test", "--samples").out)
        .endsWith("rules, 0 wrong" + System.lineSeparator());
    Ran ran = run("alert", "test", "--samples", "--rules", file("r.yaml", RULE).toString());
    assertThat(ran.code).isEqualTo(1);
    assertThat(ran.out).contains("failed: has no firing sample");
  }

  @Test
  void invalidRuleIsBadInputWithFileAndPlace() throws IOException {
    Path file = file("r.yaml", RULE.replace("count: 2", "count: two"));
    Ran ran = run("alert", "list", "--rules", file.toString());
    assertThat(ran.code).isEqualTo(2);
    assertThat(ran.err)
        .contains(file + ":6:8: invalid rule at count: \"two\"")
        .doesNotContain("\tat ");
  }

  @Test
  void sigmaRulesBecomeFilesThatAreRulesAndTheRefusedAreTold() throws IOException {
    Path good =
        file(
            "good.yml",
            """
            title: A failed login, "quoted"
            id: 929a690e-bef0-4204-a928-ef5e620d6fcc
            logsource: {product: mongodb}
            detection: {s: {atype: authenticate, result: 18, user|re: '^a\\d*'}, condition: s}
            """);
    Path bad =
        file(
            "bad.yml",
            """
            title: Other
            logsource: {product: windows}
            detection: {s: {EventID: 1}, condition: s}
            """);
    Path out = directory.resolve("out");
    Ran ran = run("alert", "import", "--out", out.toString(), good.toString(), bad.toString());
    assertThat(ran.code).isEqualTo(1);
    assertThat(ran.err)
        .contains("refused: " + bad + ":3:26: 'Other' at")
        .contains("1 imported, 1 refused");
    Path events = file("events.jsonl", login(1, 18));
    Ran test = run("alert", "test", "--rules", out.toString(), "--events", events.toString());
    assertThat(test.out).contains("\"title\":\"A failed login, \\\"quoted\\\"\"");
    assertThat(run("alert", "import", good.toString()).code).isZero();
    Path empty = file("empty.yml", "");
    Ran nothing = run("alert", "import", empty.toString());
    assertThat(nothing.code).isEqualTo(1);
    assertThat(nothing.err).contains("refused: " + empty + ": nothing is in it");
    Path none = Files.createDirectory(directory.resolve("none"));
    Ran noFile = run("alert", "import", none.toString());
    assertThat(noFile.code).isNotZero();
    assertThat(noFile.err).contains(none + ": no file that ends in .yaml");
  }
}
