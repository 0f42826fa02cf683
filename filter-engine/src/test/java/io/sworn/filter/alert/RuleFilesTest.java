package io.sworn.filter.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sworn.event.SwornException;
import io.sworn.filter.sigma.SigmaImport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RuleFilesTest {

  private static final int MESSAGE_CHARS_MAX = 1_000;

  private static final String RULE =
      """
      name: failed
      type: threshold
      select: {atype: authenticate, result: {$ne: 0}}
      group: [remote.ip, param.user]
      count: 5
      within: 5m
      """;

  @TempDir private Path directory;

  private static Arguments file(String what, String text, String told) {
    return arguments(what, text.getBytes(StandardCharsets.UTF_8), told);
  }

  /** What stands in a file, and what is told behind its name. */
  static Stream<Arguments> brokenYaml() {
    return Stream.of(
        file("a tab", "name: x\nselect:\n\tatype: y\n", ":3:1: invalid rule: a tab at the begin"),
        file("an open quote", "name: x\ntitle: \"a\nb: 1\n", ":2:8: invalid rule: a quote that is"),
        file("a key twice", "name: x\nname: y\n", ":2:5: invalid rule: 'name' is given twice"),
        file(
            "a long key twice",
            ("k".repeat(900) + ": 1\n").repeat(2),
            ":2:901: invalid rule: '" + "k".repeat(80) + "... (900 characters)' is given"),
        file(
            "an anchor bomb",
            "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
            ":1:4: invalid rule: an anchor or an alias"),
        file("an alias", "name: x\ntitle: *x\n", ":2:8: invalid rule: an anchor or an alias"),
        file("a bare star", "name: *\n", ":1:8: invalid rule: no value may begin with *"),
        file("a NUL", RULE + "title: \0\n", ":7:8: invalid rule: character U+0000, which no"),
        file(
            "CRLF", RULE.replace("5m", "5m: x").replace("\n", "\r\n"), ":6:11: invalid rule: a se"),
        file("an open bracket", "name: x\ngroup: [a\n", ":3:1: invalid rule: the file ends within"),
        file("a stray bracket", "name: x\n]\n", ":2:1: invalid rule: a bracket is closed here"),
        file("no colon", "name: x\ntype\nselect: {}\n", ":2:1: invalid rule: a line that is nei"),
        file("an escape", "title: \"\\d\"\n", ":1:10: invalid rule: no escape of YAML in double"),
        file("no number", RULE + "version: .inf\n", ":7:14: invalid rule: '.inf' is no number"),
        file("a key that is a list", "? [a]\n: 1\n", ":1:4: invalid rule: a key that is a list"),
        file("200 levels", "[".repeat(200), ":1:100: invalid rule: more than 100 levels"),
        file("2 MB", "x".repeat(2 << 20), ": invalid rule: 2097152 characters: at most 1048576"));
  }

  /** YAML that is no rule. */
  static Stream<Arguments> brokenRules() {
    return Stream.of(
        file("nothing", "", ": invalid rule: nothing is in it: a rule expected"),
        file("a remark", "# nothing\n---\n", ": invalid rule: nothing is in it: a rule expected"),
        file(
            "a wrong type",
            RULE.replace("count: 5", "count: many"),
            ":5:8: invalid rule at count: \"many\": a number from 2 to 5000 expected"),
        file(
            "a wrong type in the second of two, behind a byte order mark, with CRLF",
            ("\uFEFF" + RULE + "---\n" + RULE.replace("failed", "two").replace("$ne", "$no"))
                .replace("\n", "\r\n"),
            ":10:45: invalid rule at select.result.$no: "),
        file(
            "a wrong item of a list",
            "- " + RULE.replace("\n", "\n  ").strip() + "\n- {name: two, type: event, select: 7}\n",
            ":7:36: invalid rule at select: 7: a filter expected"),
        file("a missing member", "---\n\n---\nname: x\n", ":4:1: invalid rule at type: missing"),
        file("one line of 1 MB", "x".repeat(1 << 20), ":1:1: invalid rule: \"" + "x".repeat(79)),
        file(
            "a name of 1 MB",
            "type: event\nname: " + "x".repeat((1 << 20) - 100),
            ":2:7: invalid rule at name: 'xxx"),
        file(
            "keys of 1 MB",
            RULE + "? " + "x".repeat((1 << 20) - 1000) + "\n: 1\n",
            ":1:1: invalid rule at xxx"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"brokenYaml", "brokenRules"})
  void whatIsWrongIsToldWithFileLineColumnAndRemedy(String what, byte[] bytes, String told)
      throws IOException {
    Path file = directory.resolve("rules.yaml");
    Files.write(file, bytes);
    assertThatThrownBy(() -> RuleFiles.read(List.of(file)))
        .isInstanceOf(SwornException.class)
        .message()
        .startsWith(file + told)
        .hasSizeLessThan(file.toString().length() + MESSAGE_CHARS_MAX)
        .doesNotContain("\n", "yaml.", "Exception", "<", "StreamReadConstraints");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenYaml")
  void sigmaSaysTheSame(String what, byte[] bytes, String told) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    List<SigmaImport.Refusal> refused = SigmaImport.read(Map.of("rules.yaml", text)).refused();
    assertThat(refused).hasSize(1);
    assertThat(refused.get(0).toString())
        .startsWith("rules.yaml" + told.replace("invalid rule: ", ""))
        .hasSizeLessThan(MESSAGE_CHARS_MAX)
        .doesNotContain("\n");
  }

  @Test
  void sigmaTellsWhereInItsFileADocumentIsWrongAndQuotesLittle() {
    String many = "x".repeat(500_000);
    String text =
        """
        title: First
        ---
        title: %s
        logsource: {product: mongodb}
        detection:
          s: {ts|hour: 3}
          condition: s
        ---
        title: Third
        logsource: {product: %s}
        detection:
          s: {atype: a}
          condition: s
        """
            .formatted(many, many);
    assertThat(SigmaImport.read(Map.of("a.yml", text)).refused())
        .extracting(SigmaImport.Refusal::toString)
        .allSatisfy(refusal -> assertThat(refusal).hasSizeLessThan(MESSAGE_CHARS_MAX))
        .satisfiesExactlyInAnyOrder(
            first -> assertThat(first).startsWith("a.yml:1:1: 'First': neither detection"),
            second ->
                assertThat(second).startsWith("a.yml:6:16: 'xxx").contains("' at detection.s."),
            third ->
                assertThat(third).startsWith("a.yml:10:12: 'Third' at logsource: {\"product\":"));
  }

  @Test
  void bytesThatAreNoTextAreToldSo() throws IOException {
    Path file = directory.resolve("rules.yaml");
    Files.write(file, new byte[] {0, 1, 2, 3, (byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> RuleFiles.read(List.of(file)))
        .hasMessage(file + " cannot be read: not UTF-8 text");
  }

  @Test
  void aByteOrderMarkAndCrLfAreNoFault() throws IOException {
    Path file = directory.resolve("rules.yaml");
    Files.writeString(file, "\uFEFF" + RULE.replace("\n", "\r\n"));
    assertThat(RuleFiles.read(List.of(file))).extracting(AlertRule::name).containsExactly("failed");
  }

  @Test
  void aListOfRulesHidesNoDocumentBehindIt() throws IOException {
    Path file = directory.resolve("rules.yaml");
    Files.writeString(
        file,
        "[{name: a, type: event, select: {}}, {name: b, type: event, select: {}}]\n---\n" + RULE);
    assertThat(RuleFiles.read(List.of(file)))
        .extracting(AlertRule::name)
        .containsExactly("a", "b", "failed");
  }
}
