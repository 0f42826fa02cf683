package io.sworn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportRunnerTest {

  private static final Period DAY = Period.day(SampleArchive.DAY);
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-02T02:00:00Z"), ZoneOffset.UTC);

  @TempDir Path dir;

  private Report run(SampleArchive sample) {
    long size = sample.write(dir.resolve("archive"));
    return ReportJson.read(runner("reports", size, size).run("pci-dss-4.0.1", DAY).json());
  }

  private ReportRunner runner(String reports, long emitted, long archived) {
    return runner(
        reports, new FlowSnapshot(emitted, archived, emitted, 0, 0, 0, new TreeMap<>(), 0));
  }

  private ReportRunner runner(String reports, FlowSnapshot flow) {
    return new ReportRunner(
        dir.resolve("archive"),
        dir.resolve(reports),
        SampleArchive.KEY,
        () -> flow,
        CLOCK,
        (framework, period, occasion) -> {});
  }

  private static Verdict verdict(Report report, String control) {
    return report.findings().stream()
        .filter(f -> f.control().id().equals(control))
        .findFirst()
        .orElseThrow()
        .verdict();
  }

  @Test
  void aFullDayDecidesTheControlsAndNothingSpeaksAgainstTheReport() {
    Report report = run(SampleArchive.fullDay());
    assertThat(report.reliability().problems()).isEmpty();
    for (String control :
        List.of(
            "2.2.2",
            "7.3.3",
            "8.2.1",
            "8.3.2",
            "10.2.1.1",
            "10.2.1.2",
            "10.2.1.3",
            "10.2.1.4",
            "10.2.1.5",
            "10.2.1.6",
            "10.2.1.7",
            "10.2.2",
            "10.3.4",
            "10.4.1.1",
            "10.7.2")) {
      assertThat(verdict(report, control)).as(control).isEqualTo(Verdict.PASS);
    }
    assertThat(verdict(report, "8.3.4")).isEqualTo(Verdict.NEEDS_REVIEW);
  }

  /** The archive as a process of its own does not know what the database has emitted. */
  @Test
  void whatAnotherProcessCountsIsOpenAndNeitherProvedNorFailed() throws Exception {
    long size = SampleArchive.fullDay().write(dir.resolve("archive"));
    FlowSnapshot flow =
        new FlowSnapshot(
            1, size, size, 0, 0, 0, new TreeMap<>(), 0, Set.of(FlowSnapshot.End.EMITTED));
    ReportResult result = runner("reports", flow).run("pci-dss-4.0.1", DAY);
    Report report = ReportJson.read(result.json());
    assertThat(verdict(report, "10.7.2")).isEqualTo(Verdict.NO_DATA);
    assertThat(report.reliability().problems())
        .singleElement()
        .asString()
        .contains("counted elsewhere");
    assertThat(Files.readString(result.html()))
        .contains("what was emitted is counted elsewhere")
        .doesNotContain("emitted by the sources");
  }

  @Test
  void whatWasNeverCapturedIsNoDataAndNeverAPass() {
    Report report = run(new SampleArchive().login("nurse", 0));
    for (String control :
        List.of(
            "7.3.3",
            "10.2.1.1",
            "10.2.1.2",
            "10.2.1.3",
            "10.2.1.4",
            "10.2.1.5",
            "10.2.1.6",
            "10.2.1.7")) {
      assertThat(verdict(report, control)).as(control).isEqualTo(Verdict.NO_DATA);
    }
  }

  @Test
  void nothingToJudgeIsNoDataAndNeverClean() {
    SampleArchive sample = new SampleArchive();
    for (int i = 0; i < 3; i++) {
      sample.add(
          EventKind.DATABASE,
          "authenticate",
          null,
          null,
          new BsonDocument("user", new BsonString("nurse"))
              .append("db", new BsonString("admin"))
              .append("mechanism", new BsonString("SCRAM-SHA-1")),
          334);
    }
    Report report = run(sample);
    for (String control : List.of("2.2.2", "7.2.2", "8.2.1", "8.3.2", "8.3.4")) {
      assertThat(verdict(report, control)).as(control).isEqualTo(Verdict.NO_DATA);
    }
    assertThat(verdict(report, "10.2.2")).isEqualTo(Verdict.PASS);
    // The database refused them, which is on record, apart from wrong secrets.
    assertThat(verdict(report, "10.2.1.4")).isEqualTo(Verdict.PASS);
    assertThat(
            report.findings().stream()
                .filter(finding -> finding.control().id().equals("10.2.1.4"))
                .flatMap(finding -> finding.evidence().rows().stream()))
        .hasSize(3)
        .allSatisfy(row -> assertThat(row.cells()).contains("334", "mechanism not offered"));
  }

  @Test
  void brokenRulesAreFound() {
    SampleArchive sample = SampleArchive.fullDay();
    for (int i = 0; i < 11; i++) {
      sample.login("guest", 18);
    }
    sample.login("guest", 0).act("nurse", "directAuthMutation", null).act("admin", "startup", null);
    sample.act(null, "dropCollection", null);
    sample.add(
        EventKind.DATABASE,
        "authenticate",
        "old",
        null,
        new BsonDocument("user", new BsonString("old"))
            .append("mechanism", new BsonString("PLAIN")),
        0);
    sample.add(EventKind.DATABASE, "authCheck", "admin2", "a.b", new BsonDocument(), 0);
    Report report = run(sample);
    assertThat(verdict(report, "8.3.4")).isEqualTo(Verdict.FAIL);
    assertThat(verdict(report, "8.3.2")).isEqualTo(Verdict.FAIL);
    assertThat(verdict(report, "2.2.2")).isEqualTo(Verdict.NEEDS_REVIEW);
    assertThat(verdict(report, "10.2.1.5")).isEqualTo(Verdict.FAIL);
    assertThat(verdict(report, "10.2.1.6")).isEqualTo(Verdict.NEEDS_REVIEW);
    assertThat(verdict(report, "10.2.2")).isEqualTo(Verdict.FAIL);
  }

  @Test
  void aGapIsOnTheFirstPageAndNoEventControlPasses() throws IOException {
    Report report = run(SampleArchive.fullDay().skip().login("nurse", 0));
    assertThat(report.reliability().problems())
        .anyMatch(p -> p.contains("1 sequences are missing"));
    assertThat(verdict(report, "10.2.1.1")).isEqualTo(Verdict.NEEDS_REVIEW);
    assertThat(verdict(report, "10.7.2")).isEqualTo(Verdict.FAIL);
    assertThat(Files.readString(dir.resolve("reports").resolve(report.id()).resolve("report.html")))
        .contains("Not without answers to this");
  }

  @Test
  void aChangedByteTakesEveryEventVerdictAway() throws IOException {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    flipOneByteOf("mydb.patients");
    Report report = ReportJson.read(runner("reports", 8, 8).run("pci-dss-4.0.1", DAY).json());
    assertThat(report.reliability().integrity().sound()).isFalse();
    assertThat(verdict(report, "10.3.4")).isEqualTo(Verdict.FAIL);
    assertThat(verdict(report, "10.2.1.1")).isEqualTo(Verdict.NO_DATA);
    assertThat(report.findings())
        .filteredOn(f -> f.verdict() == Verdict.PASS)
        .extracting(f -> f.control().id())
        .containsOnly("10.4.1.1");
  }

  @Test
  void aTimeAlteredInTheIndexHidesNoEventFromAReport() throws IOException {
    Path archive = dir.resolve("archive");
    SampleArchive.fullDay().write(archive);
    byte[] index = Files.readAllBytes(archive.resolve("index"));
    Arrays.fill(index, 2 * 32 + 8, 2 * 32 + 16, (byte) 0); // the time of event 2: long ago
    Files.write(archive.resolve("index"), index);
    for (boolean noted : new boolean[] {true, false}) {
      if (!noted) {
        Files.delete(archive.resolve("index.note"));
      }
      Report report = ReportJson.read(runner("reports", 8, 8).run("pci-dss-4.0.1", DAY).json());
      assertThat(report.reliability().integrity().sound()).isFalse();
      assertThat(report.reliability().integrity().problem()).contains("index: its ");
      assertThat(verdict(report, "10.3.4")).isEqualTo(Verdict.FAIL);
    }
  }

  private void flipOneByteOf(String text) throws IOException {
    try (var files = Files.walk(dir.resolve("archive"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
        if (at >= 0) {
          bytes[at]++;
          Files.write(file, bytes);
          return;
        }
      }
    }
    throw new AssertionError(text + " is in no file of the archive");
  }

  @Test
  void equalInputGivesEqualBytesInAnyZoneAndLocale() throws IOException {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    ReportResult one = runner("one", 8, 8).run("pci-dss-4.0.1", DAY);
    TimeZone zone = TimeZone.getDefault();
    Locale locale = Locale.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      ReportResult two = runner("two", 8, 8).run("pci-dss-4.0.1", DAY);
      assertThat(two.json()).hasSameBinaryContentAs(one.json());
      assertThat(two.html()).hasSameBinaryContentAs(one.html());
      assertThat(two.bundle()).hasSameBinaryContentAs(one.bundle());
    } finally {
      TimeZone.setDefault(zone);
      Locale.setDefault(locale);
    }
  }

  @Test
  void hostileNamesStayText() throws IOException {
    String hostile = "<script>alert(1)</script>";
    Report report = run(SampleArchive.fullDay().login(hostile, 18).login("=cmd()", 18));
    Path home = dir.resolve("reports").resolve(report.id());
    assertThat(Files.readString(home.resolve("report.html")))
        .doesNotContain("<script")
        .contains("&lt;script&gt;");
    assertThat(Files.readString(home.resolve("evidence/10.2.1.4.csv"))).contains("\"'=cmd()\"");
  }

  @Test
  void aHugeNameIsCutOnThePageAndWholeInTheFile() throws IOException {
    String name = "n".repeat(100_000);
    Report report = run(SampleArchive.fullDay().login(name, 18));
    Path home = dir.resolve("reports").resolve(report.id());
    assertThat(Files.size(home.resolve("report.html"))).isLessThan(name.length());
    assertThat(Files.readString(home.resolve("report.html"))).contains("100000 characters");
    assertThat(Files.readString(home.resolve("evidence/10.2.1.4.csv"))).contains(name);
  }

  @Test
  void aLateRerunNamesTheReportThatCameInTime() {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    Clock late = Clock.fixed(Instant.parse("2026-03-05T02:00:00Z"), ZoneOffset.UTC);
    ReportRunner again =
        new ReportRunner(
            dir.resolve("archive"),
            dir.resolve("reports"),
            SampleArchive.KEY,
            () -> null,
            late,
            (framework, period, occasion) -> {});
    Period other = new Period(DAY.from(), DAY.to().minusSeconds(1));
    assertThat(verdict(again.run("pci-dss-4.0.1", other), "10.4.1.1")).isEqualTo(Verdict.FAIL);
    ReportResult first = runner("reports", 8, 8).run("pci-dss-4.0.1", DAY);
    assertThat(verdict(first, "10.4.1.1")).isEqualTo(Verdict.PASS);
    Report second = ReportJson.read(again.run("pci-dss-4.0.1", DAY).json());
    assertThat(verdict(second, "10.4.1.1")).isEqualTo(Verdict.NEEDS_REVIEW);
    assertThat(second.findings())
        .anyMatch(finding -> finding.because().contains(first.id() + " of the same period"));
  }

  @Test
  void hostileParametersAreDataAndNeverQueryText() {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    Framework framework =
        FrameworkReader.read(
            "own.yaml",
            "{name: own, title: Own, controls: [{id: a, title: t, asks: q, why: w,"
                + " metric: sensitive_access, rule: captured,"
                + " parameters: {namespaces: [\"x'); DROP TABLE event; --\"]}}]}");
    Report report =
        ReportJson.read(runner("reports", 8, 8).run(framework, DAY, "on request").json());
    assertThat(verdict(report, "a")).isEqualTo(Verdict.NO_DATA);
  }

  @Test
  void aSecondReportOfAPeriodIsANewVersionAndTheStoreFindsBoth() {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    runner("reports", 8, 8).run("pci-dss-4.0.1", DAY);
    ReportResult second = runner("reports", 8, 8).run("pci-dss-4.0.1", DAY);
    ReportStore store = new ReportStore(dir.resolve("reports"));
    assertThat(second.id()).endsWith("_v2");
    assertThat(store.list()).hasSize(2);
    assertThat(store.find("../archive")).isEmpty();
  }

  @Test
  void allProblemsOfAFrameworkAreToldAtOnceWithTheirPlace() {
    assertThatThrownBy(
            () ->
                FrameworkReader.read(
                    "bad.yaml",
                    "{name: x, colour: red, controls: [{id: '../a', title: t, asks: q,"
                        + " metric: nope, rule: maybe}]}"))
        .isInstanceOf(SwornException.class)
        .hasMessageContainingAll(
            "title: missing",
            "colour: unknown",
            "controls[0].id",
            "controls[0].metric",
            "controls[0].rule",
            "controls[0].why");
  }

  @Test
  void aRecordLacksItsUserOnlyIfSomebodyWasLoggedIn() throws IOException {
    SampleArchive.fullDay().command(null, null, 13).write(dir.resolve("archive"));
    ReportResult refused = noticed((framework, period, why) -> {}).run("pci-dss-4.0.1", DAY);
    assertThat(verdict(refused, "10.2.2")).isEqualTo(Verdict.PASS);
    SampleArchive.fullDay().command(null, "a.b", 0).write(dir.resolve("other"));
    ReportResult allowed =
        new ReportRunner(dir.resolve("other"), dir.resolve("r"), SampleArchive.KEY, () -> null)
            .run("pci-dss-4.0.1", DAY);
    assertThat(verdict(allowed, "10.2.2")).isEqualTo(Verdict.FAIL);
  }

  @Test
  void aCrashBetweenTwoDaysIsFoundOnTheSecondDay() throws IOException {
    SampleArchive sample =
        new SampleArchive().act("admin", "startup", null).login("nurse", 0).nextDay();
    sample.login("nurse", 0).act("admin", "startup", null).act("admin", "auditConfigure", null);
    sample.write(dir.resolve("archive"));
    ReportResult second =
        runner("reports", 5, 5).run("pci-dss-4.0.1", Period.day(SampleArchive.DAY.plusDays(1)));
    assertThat(verdict(second, "10.2.1.6")).isEqualTo(Verdict.NEEDS_REVIEW);
    assertThat(ReportJson.read(second.json()).reliability().coverage().events()).isEqualTo(3);
    // The start that the row names is proved beside the events of the period.
    try (ZipFile zip = new ZipFile(second.bundle().toFile());
        InputStream manifest = zip.getInputStream(zip.getEntry("MANIFEST.json"))) {
      assertThat(new ObjectMapper().readTree(manifest).path("events").asLong()).isEqualTo(4);
    }
  }

  @Test
  void aStopOnTheDayBeforeExplainsTheStart() {
    SampleArchive sample =
        new SampleArchive().act("admin", "startup", null).act("admin", "shutdown", null).nextDay();
    sample.act("admin", "startup", null).write(dir.resolve("archive"));
    ReportResult second =
        runner("reports", 3, 3).run("pci-dss-4.0.1", Period.day(SampleArchive.DAY.plusDays(1)));
    assertThat(verdict(second, "10.2.1.6")).isEqualTo(Verdict.PASS);
  }

  private static Verdict verdict(ReportResult result, String control) {
    return ReportJson.read(result.json()).findings().stream()
        .filter(finding -> finding.control().id().equals(control))
        .findFirst()
        .orElseThrow()
        .verdict();
  }

  @Test
  void aRunIsToldBeforeItBeginsSoThatItIsOnRecordOrDoesNotHappen() {
    SampleArchive.fullDay().write(dir.resolve("archive"));
    List<String> told = new ArrayList<>();
    ReportRunner.Notice notice =
        (framework, period, occasion) -> {
          told.add(framework + " " + period.from() + " " + occasion);
          assertThat(dir.resolve("r")).doesNotExist();
          throw new SwornException(ErrorCode.STORAGE, "the record cannot be kept");
        };
    assertThatThrownBy(() -> noticed(notice).run("pci-dss-4.0.1", DAY))
        .isInstanceOf(SwornException.class)
        .hasMessage("the record cannot be kept");
    assertThat(told).containsExactly("pci-dss-4.0.1 2026-03-01T00:00:00Z on request");
    assertThat(dir.resolve("r")).doesNotExist();
  }

  private ReportRunner noticed(ReportRunner.Notice notice) {
    return new ReportRunner(
        dir.resolve("archive"), dir.resolve("r"), SampleArchive.KEY, () -> null, CLOCK, notice);
  }
}
