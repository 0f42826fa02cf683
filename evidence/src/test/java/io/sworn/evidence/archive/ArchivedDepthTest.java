package io.sworn.evidence.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.UnreadableEventException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleTree;
import io.sworn.evidence.VerifierKey;
import io.sworn.evidence.bundle.BundleVerdict;
import io.sworn.evidence.bundle.BundleVerifier;
import io.sworn.evidence.bundle.EvidenceBundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonJavaScriptWithScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events of an earlier build that nest deeper than is admitted today. */
class ArchivedDepthTest {

  private static final VerifierKey KEY = Samples.KEY.verifier(Samples.ORIGIN);
  private static final int EARLIER_LEVELS = 250;

  @TempDir Path dir;

  /** The levels of an earlier build, in documents, or in scopes of code, which it counted once. */
  private static AuditEvent event(long sequence, boolean scopes) {
    BsonDocument param = new BsonDocument();
    for (int level = 1; level < EARLIER_LEVELS; level++) {
      param = new BsonDocument("a", scopes ? new BsonJavaScriptWithScope("f", param) : param);
    }
    return AuditEvent.builder(SourcePosition.at("a", sequence), EventKind.DATABASE, "authCheck")
        .time(Instant.parse("2026-03-02T08:00:00Z"))
        .observed(Instant.parse("2026-03-02T08:00:00Z"))
        .param(BsonBytes.of(param))
        .build();
  }

  /** Writes a segment as the earlier build did. */
  private void archiveOfAnEarlierBuild() throws IOException {
    ArchiveState state = new ArchiveState(Samples.ORIGIN);
    MerkleTree tree = new MerkleTree();
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    Frame.write(Frame.STATE, state.encode(), segment);
    long start = segment.size();
    for (AuditEvent event : new AuditEvent[] {event(1, false), event(2, true)}) {
      byte[] bytes = AuditEventCodec.encode(event);
      assertThatThrownBy(() -> AuditEventCodec.decode(bytes))
          .isInstanceOf(UnreadableEventException.class)
          .hasMessageContaining("nested deeper");
      Frame.write(Frame.EVENT, bytes, segment);
      tree.append(Hash.leaf(bytes));
      state.admit(event);
    }
    state.root(tree.root());
    Frame.write(Frame.COMMIT, state.commit(start).encode(), segment);
    Files.write(dir.resolve("segment-00000000.log"), segment.toByteArray());
  }

  @Test
  void areOpenedReadVerifiedAndBundled() throws IOException {
    archiveOfAnEarlierBuild();
    Path zip = dir.resolve("b.zip");
    try (Archive archive = Archive.open(dir, Samples.KEY, Samples.ORIGIN)) {
      assertThat(archive.size()).isEqualTo(2);
      archive.append(Samples.records("b", 1, 3), Map.of(0, 4L));
      Checkpoint signed = archive.checkpoint();
      try (ArchiveReader reader = archive.reader()) {
        for (int i = 0; i < 2; i++) {
          assertThat(reader.event(i).event()).isEqualTo(event(i + 1, i == 1));
        }
        Instant from = Instant.parse("2026-03-02T08:00:00Z");
        assertThat(reader.iterate(from, from.plusSeconds(9), signed, KEY)).hasSize(5);
        EvidenceBundle.over(reader, signed, Samples.KEY).events(0, 5).write(zip);
      }
    }
    BundleVerdict verdict = BundleVerifier.verify(zip, Optional.of(KEY));
    assertThat(verdict.outcome()).as("%s", verdict).isEqualTo(BundleVerdict.Outcome.SOUND);
    assertThat(ArchiveVerifier.verify(dir, Optional.of(KEY)).problems()).isEmpty();
  }
}
