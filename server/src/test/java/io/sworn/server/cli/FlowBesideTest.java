package io.sworn.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SourcePosition;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.Archive;
import io.sworn.evidence.archive.ArchiveRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowBesideTest {

  @TempDir Path data;

  private Archive archive;
  private final ExecutorService command = Executors.newSingleThreadExecutor();

  @BeforeEach
  void anArchiveIsWritten() {
    archive =
        Archive.open(data.resolve("archive"), SigningKey.fromSeed(new byte[32]), "sworn/db-1");
  }

  @AfterEach
  void stop() {
    command.shutdownNow();
    archive.close();
  }

  @Test
  void withoutAnInstanceNobodyMeasuresAndNobodyWaits() {
    assertThat(new FlowBeside(data).get()).isNull();
  }

  @Test
  void aCommandWaitsUntilItsOwnEventIsCountedArchivedAndSigned() throws Exception {
    append(1);
    archive.checkpoint();
    tell(1, 1, System.currentTimeMillis() - 1_000); // settled, but from before the command
    Future<FlowSnapshot> flow = command.submit(() -> new FlowBeside(data).get());
    tell(2, 1, after());
    append(2);
    tell(2, 2, after()); // not signed yet
    assertThat(flow.isDone()).isFalse();
    archive.checkpoint();
    tell(2, 2, after());
    FlowSnapshot told = flow.get(9, TimeUnit.SECONDS);
    assertThat(told.emitted()).isEqualTo(2);
    assertThat(told.settled()).isTrue();
  }

  /** Later than any moment at which the command can have begun. */
  private static long after() {
    return System.currentTimeMillis() + 1_000;
  }

  private void append(long sequence) {
    AuditEvent event =
        AuditEvent.builder(SourcePosition.at("sworn/0000abcd", sequence), EventKind.SWORN, "tail")
            .time(Instant.parse("2026-03-01T12:00:00Z"))
            .build();
    archive.append(
        List.of(new ArchiveRecord(0, sequence, AuditEventCodec.encode(event))),
        Map.of(0, sequence + 1));
  }

  private void tell(long emitted, long archived, long at) {
    new StatusFile(
            1,
            "127.0.0.1:27017",
            true,
            List.of(),
            Map.of(),
            new FlowSnapshot(emitted, archived, archived, 0, 0, 0, new TreeMap<>(), at),
            Map.of())
        .write(data);
  }
}
