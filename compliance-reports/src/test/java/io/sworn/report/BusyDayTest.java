package io.sworn.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.evidence.archive.Archive;
import io.sworn.evidence.bundle.BundleVerdict;
import io.sworn.evidence.bundle.BundleVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of a report is bounded, however many events its period holds. */
class BusyDayTest {

  private static final int EVENTS = 120_000;

  /** The evidence of the day is some 40 MB beside 20 MB of events. */
  private static final String HEAP = "-Xmx24m";

  @TempDir Path dir;

  @Test
  void aReportWhoseEvidenceIsLargerThanTheHeapIsWrittenAndProved()
      throws IOException, InterruptedException {
    try (Archive archive =
        Archive.open(dir.resolve("archive"), SampleArchive.KEY, "sworn.example/test")) {
      SampleArchive sample = new SampleArchive();
      for (int i = 0; i < EVENTS; i += 10_000) {
        for (int j = 0; j < 10_000; j++) {
          sample.command("admin", "mydb.patients", 0);
        }
        sample.appendTo(archive);
      }
      archive.checkpoint();
    }
    Path log = dir.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                BusyDayTest.class.getName(),
                dir.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("the report ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(log, StandardCharsets.UTF_8)).isZero();

    ReportSummary report = new ReportStore(dir.resolve("reports")).list().get(0);
    Path home = dir.resolve("reports").resolve(report.id());
    try (Stream<String> rows = Files.lines(home.resolve("evidence/10.2.1.1.csv"))) {
      assertThat(rows.count()).isEqualTo(EVENTS + 1);
    }
    BundleVerdict verdict =
        BundleVerifier.verify(
            report.bundle(), Optional.of(SampleArchive.KEY.verifier("sworn.example/test")));
    assertThat(verdict.outcome()).isEqualTo(BundleVerdict.Outcome.SOUND);
    try (Stream<Path> left = Files.list(dir.resolve("reports"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(".lock", report.id());
    }
    try (Stream<Path> files = Files.list(home)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              List.of("report.json", "report.html", "evidence", report.id() + ".zip"));
    }
  }

  /** What the small process runs. */
  public static void main(String[] args) {
    Path dir = Path.of(args[0]);
    new ReportRunner(dir.resolve("archive"), dir.resolve("reports"), SampleArchive.KEY, () -> null)
        .run("pci-dss-4.0.1", new Period(Period.day(SampleArchive.DAY).from(), SampleArchive.END));
  }
}
