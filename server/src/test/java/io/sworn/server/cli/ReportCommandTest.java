package io.sworn.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.Archive;
import io.sworn.evidence.archive.ArchiveRecord;
import io.sworn.server.Sworn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {

  @TempDir Path directory;

  private record Ran(int code, String out, String err) {}

  @Test
  void aReportIsRunListedAndOpenedWithoutARunningInstance() throws IOException {
    archive(3);
    Ran run = run("report", "run", "--period", "2026-03-01", "--format", "json");
    assertThat(run.code).as(run.err).isZero();
    assertThat(run.out.lines()).hasSize(1);
    String id = "pci-dss-4.0.1_20260301T000000Z_20260302T000000Z";
    assertThat(run.out).startsWith("{\"id\":\"" + id + "\"").contains("\"PASS\":", id + ".zip");
    assertThat(run("report", "list").out).contains(id, "PASS");
    assertThat(run("report", "list", "--format", "json").out).isEqualTo(run.out);
    Ran open = run("report", "open", id, "--no-browser");
    assertThat(open.code).isZero();
    assertThat(Path.of(open.out.strip())).isRegularFile().hasFileName("report.html");
    assertThat(run("report", "open").out).isEqualTo(open.out);
    // Nobody measured the flow, and the page says so first.
    assertThat(Files.readString(Path.of(open.out.strip())))
        .contains("The flow was not measured: completeness before the archive is open.");
  }

  @Test
  void aSecondRunOfAPeriodIsANewVersionAndIsTheOneThatOpens() throws IOException {
    archive(3);
    run("report", "run", "--period", "2026-03-01");
    Ran second = run("report", "run", "--period", "2026-03-01");
    assertThat(second.out).contains("_v2");
    assertThat(run("report", "list").out.lines()).hasSize(2);
  }

  @Test
  void whatCannotBeReportedOnIsBadInputThatNamesPlaceValueAndRemedy() throws IOException {
    assertThat(run("report", "run").err).contains("no archive " + directory, "sworn up");
    archive(0);
    Ran empty = run("report", "run");
    assertThat(empty.code).isEqualTo(2);
    assertThat(empty.err).contains("the archive " + directory, "holds no event");
    Ran framework = run("report", "run", "--framework", "pci");
    assertThat(framework.code).isEqualTo(2);
    assertThat(framework.err).contains("framework 'pci'", "pci-dss-4.0.1");
    Ran period = run("report", "run", "--period", "someday");
    assertThat(period.code).isEqualTo(2);
    assertThat(period.err).contains("period 'someday'", "yesterday").doesNotContain("\tat ");
    Ran missing = run("report", "open", "nothing");
    assertThat(missing.code).isEqualTo(2);
    assertThat(missing.err).contains("no report 'nothing'", "'sworn report run' makes one");
    Ran nowhere = ran("report", "list", "--data", directory.resolve("nowhere").toString());
    assertThat(nowhere.code).isEqualTo(2);
    assertThat(nowhere.err).contains("no data directory", "nowhere", "--data");
  }

  @Test
  void aDamagedArchiveGivesAReportThatSaysSoAndAnExitOfOne() throws IOException {
    archive(3);
    Path hashes = directory.resolve("archive").resolve("hashes");
    byte[] bytes = Files.readAllBytes(hashes);
    bytes[bytes.length - 1] ^= 1;
    Files.write(hashes, bytes);
    Ran run = run("report", "run", "--period", "2026-03-01");
    assertThat(run.code).isEqualTo(1);
    assertThat(run.out).contains("bundle  none");
    assertThat(run.err).contains("integrity is not established");
  }

  private void archive(int events) throws IOException {
    List<ArchiveRecord> records = new ArrayList<>();
    for (int sequence = 1; sequence <= events; sequence++) {
      AuditEvent event =
          AuditEvent.builder(
                  SourcePosition.at("db-1/0000abcd", sequence), EventKind.DATABASE, "authCheck")
              .time(Instant.parse("2026-03-01T12:00:00Z").plusSeconds(sequence))
              .param(BsonBytes.of(new BsonDocument()))
              .build();
      records.add(new ArchiveRecord(0, sequence, AuditEventCodec.encode(event)));
    }
    SigningKey key = SigningKey.loadOrCreate(Sworn.signingKey(directory));
    try (Archive archive = Archive.open(directory.resolve("archive"), key, "sworn/db-1")) {
      archive.append(records, Map.of(0, (long) events + 1));
      archive.checkpoint();
    }
  }

  private Ran run(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--data", directory.toString()));
    return ran(all.toArray(new String[0]));
  }

  private static Ran ran(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Ran(code, out.toString(), err.toString());
  }
}
