package io.sworn.evidence.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleProofs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {

  private static final ArchiveSettings SMALL = new ArchiveSettings(4096);

  @TempDir Path dir;

  private Archive open() {
    return Archive.open(dir, Samples.KEY, Samples.ORIGIN, SMALL);
  }

  private ArchiveVerifier.Findings verify() {
    return ArchiveVerifier.verify(dir, Optional.of(Samples.KEY.verifier(Samples.ORIGIN)));
  }

  @Test
  void whatWasAppendedIsReadBackAfterReopeningOverManySegments() {
    try (Archive archive = open()) {
      for (int i = 0; i < 20; i++) {
        archive.append(Samples.records("db/1", i * 10 + 1, i * 10 + 10), Map.of(0, i * 10L + 11));
        archive.checkpoint();
      }
    }
    assertThat(dir.resolve("segment-00000003.log")).exists();
    try (Archive archive = open();
        ArchiveReader reader = archive.reader()) {
      assertThat(archive.offsets()).isEqualTo(Map.of(0, 201L));
      assertThat(archive.status().trails().get("db/1"))
          .isEqualTo(new ArchiveStatus.TrailStatus(1, 200, 200, 0));
      long expected = 0;
      for (ArchivedEvent event : reader.iterate(0, reader.size())) {
        assertThat(event.index()).isEqualTo(expected++);
        assertThat(event.event().sequence()).isEqualTo(expected);
        assertThat(event.bytes()).isEqualTo(Samples.event("db/1", expected, "ann"));
        List<Hash> proof = reader.inclusionProof(event.index(), 200);
        assertThat(
                MerkleProofs.verifyInclusion(
                    event.index(), 200, Hash.leaf(event.bytes()), proof, reader.root(200)))
            .isTrue();
      }
      assertThat(expected).isEqualTo(200);
      Instant from = Instant.parse("2026-03-02T08:00:11Z");
      List<Long> found = new ArrayList<>();
      reader
          .iterate(from, from.plusSeconds(5), reader.checkpoint().orElseThrow(), archive.verifier())
          .forEach(e -> found.add(e.event().sequence()));
      assertThat(found).containsExactly(11L, 12L, 13L, 14L, 15L);
      assertThat(reader.checkpoints(Long.MAX_VALUE, 100)).hasSize(20);
      Checkpoint first = reader.checkpoints(Long.MAX_VALUE, 100).get(0);
      assertThat(
              MerkleProofs.verifyConsistency(
                  first.size(),
                  200,
                  reader.consistencyProof(first.size(), 200),
                  first.root(),
                  reader.root(200)))
          .isTrue();
    }
    assertThat(verify().problems()).isEmpty();
    assertThat(verify().events()).isEqualTo(200);
  }

  @Test
  void duplicatesAreCountedGapsAreOpenedAndFilledByLateEvents() {
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 5), Map.of(0, 6L));
      archive.append(Samples.records("a", 3, 5), Map.of(0, 9L));
      assertThat(archive.status().duplicates()).isEqualTo(3);
      archive.append(Samples.records("a", 9, 10), Map.of(0, 11L));
      assertThat(archive.status().gaps()).isEqualTo(3);
      archive.append(Samples.records("a", 7, 7), Map.of(0, 12L));
      assertThat(archive.status().gaps()).isEqualTo(2);
    }
    try (Archive archive = open()) {
      assertThat(archive.status().gaps()).isEqualTo(2);
      archive.append(Samples.records("a", 6, 8), Map.of(0, 15L));
      assertThat(archive.status().gaps()).isZero();
      assertThat(archive.status().duplicates()).isEqualTo(4);
      assertThat(archive.size()).isEqualTo(10);
      archive.append(Samples.records("a", 12, 12), Map.of());
      archive.append(Samples.records("b", 1, 2), Map.of());
      assertThat(archive.status().trails().get("a").gaps()).isEqualTo(1);
      assertThat(archive.status().distinct()).isEqualTo(13);
    }
    assertThat(verify().problems()).isEmpty();
  }

  @Test
  void anEventThatComesAgainWithOtherBytesIsAnIncidentAndBothAreKept() throws IOException {
    byte[] other = Samples.event("a", 2, "mallory");
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 3), Map.of(0, 4L));
      archive.append(List.of(new ArchiveRecord(0, 4, other)), Map.of(0, 5L));
      assertThat(archive.status().conflicts()).isEqualTo(1);
      assertThat(archive.status().duplicates()).isZero();
      assertThat(archive.size()).isEqualTo(3);
      try (ArchiveReader reader = archive.reader()) {
        assertThat(reader.event(1).bytes()).isEqualTo(Samples.event("a", 2, "ann"));
      }
    }
    String segment =
        Files.readString(
            dir.resolve("segment-00000000.log"), java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(segment).contains(new String(other, java.nio.charset.StandardCharsets.ISO_8859_1));
    assertThat(verify().problems()).isEmpty();
  }

  @Test
  void recordsThatAreNoEventAreCountedAndTheOffsetsMoveOn() {
    try (Archive archive = open()) {
      archive.append(
          List.of(
              new ArchiveRecord(2, 7, new byte[] {1, 2}),
              new ArchiveRecord(2, 8, Samples.event("a", 1, "ann"))),
          Map.of(2, 9L));
      assertThat(archive.status().unreadable()).isEqualTo(1);
      assertThat(archive.size()).isEqualTo(1);
    }
    try (Archive archive = open()) {
      assertThat(archive.status().unreadable()).isEqualTo(1);
      assertThat(archive.offsets()).isEqualTo(Map.of(2, 9L));
      archive.source("topic-2");
      assertThat(archive.offsets()).isEmpty();
    }
  }

  @Test
  void aRecordThatIsNoEventIsKeptWithItsReason() throws IOException {
    byte[] garbage = "not an event, but perhaps a trace".getBytes(StandardCharsets.UTF_8);
    try (Archive archive = open()) {
      archive.append(List.of(new ArchiveRecord(0, 1, garbage)), Map.of(0, 2L));
    }
    String segment =
        Files.readString(dir.resolve("segment-00000000.log"), StandardCharsets.ISO_8859_1);
    assertThat(segment).contains("perhaps a trace").contains("does not begin with an Avro frame");
    assertThat(verify().problems()).isEmpty();
  }

  @Test
  void bytesInsideAnEventThatLookLikeTheEndOfABatchDoNotLockTheArchiveAfterACrash()
      throws IOException {
    java.io.ByteArrayOutputStream spoof = new java.io.ByteArrayOutputStream();
    Commit forged =
        new Commit(
            1 << 20, 99, Hash.EMPTY_TREE, 0, 0, 0, "", new java.util.TreeMap<>(Map.of(0, 1L)));
    Frame.write(Frame.COMMIT, forged.encode(), spoof);
    Frame.write(Frame.COMMIT, new byte[56], spoof);
    byte[] head;
    int before;
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 2), Map.of(0, 3L));
      head = Files.readAllBytes(dir.resolve("head"));
      before = (int) Files.size(dir.resolve("segment-00000000.log"));
      archive.append(
          List.of(
              new ArchiveRecord(0, 3, Samples.event("a", 3, spoof.toByteArray())),
              new ArchiveRecord(0, 4, Samples.event("a", 4, "ann"))),
          Map.of(0, 5L));
    }
    Path segment = dir.resolve("segment-00000000.log");
    byte[] whole = Files.readAllBytes(segment);
    for (int cut = before + 1; cut < whole.length; cut += 7) {
      Files.write(segment, java.util.Arrays.copyOf(whole, cut));
      Files.write(dir.resolve("head"), head);
      try (Archive archive = open()) {
        assertThat(archive.size()).as("cut at %d", cut).isEqualTo(2);
      }
    }
  }

  @Test
  void aCommitWhoseNumbersAreLiesIsDamageAndNoCrash() {
    for (int at : new int[] {72, 76}) {
      for (int number : new int[] {-1, Integer.MAX_VALUE}) {
        byte[] lie =
            new Commit(0, 0, Hash.EMPTY_TREE, 0, 0, 0, "", new java.util.TreeMap<>()).encode();
        java.nio.ByteBuffer.wrap(lie).putInt(at, number);
        assertThatThrownBy(() -> Commit.decode(lie))
            .isInstanceOf(SwornException.class)
            .hasMessageContaining("damaged");
      }
    }
  }

  @Test
  void onlyOneWriterAtATimeAndOnlyForItsOrigin() {
    try (Archive archive = open()) {
      assertThat(archive.size()).isZero();
      assertThatThrownBy(this::open).hasMessageContaining("another writer");
    }
    assertThatThrownBy(() -> Archive.open(dir, Samples.KEY, "other", SMALL))
        .hasMessageContaining("belongs to");
  }

  @Test
  void aReaderSeesWholeBatchesWhileTheWriterGoesOn() {
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 3), Map.of());
      try (ArchiveReader early = ArchiveReader.openReadOnly(dir)) {
        archive.append(Samples.records("a", 4, 90), Map.of());
        assertThat(early.size()).isEqualTo(3);
        assertThat(early.event(2).event().sequence()).isEqualTo(3);
        assertThat(early.root(3)).isNotEqualTo(archive.checkpoint().root());
      }
      try (ArchiveReader late = archive.reader()) {
        assertThat(late.size()).isEqualTo(90);
        assertThat(late.checkpoint().orElseThrow().size()).isEqualTo(90);
      }
    }
  }

  @Test
  void anOlderHeadThatWasPutBackIsRefusedByReadersAndMendedByTheWriter() throws IOException {
    Path head = dir.resolve("head");
    byte[] older;
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 2), Map.of());
      archive.checkpoint();
      older = Files.readAllBytes(head);
      archive.append(Samples.records("a", 3, 3), Map.of());
      archive.checkpoint();
    }
    Files.write(head, older);
    assertThatThrownBy(() -> ArchiveReader.openReadOnly(dir))
        .isInstanceOfSatisfying(
            SwornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY))
        .hasMessageContaining("names 2 events, but 3 are signed");
    open().close();
    try (ArchiveReader reader = ArchiveReader.openReadOnly(dir)) {
      assertThat(reader.checkpoint().orElseThrow().size()).isEqualTo(3);
    }
  }

  @Test
  void readersThatOpenWhileCheckpointsAreSignedNeverTakeItForTampering() throws Exception {
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 1), Map.of());
      Thread writer =
          new Thread(
              () -> {
                for (int i = 2; i <= 400; i++) {
                  archive.append(Samples.records("a", i, i), Map.of());
                  archive.checkpoint();
                }
              });
      writer.start();
      int opened = 0;
      while (writer.isAlive()) {
        try (ArchiveReader reader = ArchiveReader.openReadOnly(dir)) {
          reader
              .checkpoint()
              .ifPresent(c -> assertThat(c.size()).isLessThanOrEqualTo(reader.size()));
          opened++;
        }
      }
      writer.join();
      assertThat(opened).isPositive();
      assertThat(archive.size()).isEqualTo(400);
    }
  }

  @Test
  void neverTwoRootsForOneSize() {
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 3), Map.of());
      assertThat(archive.checkpoint()).isSameAs(archive.checkpoint());
      try (ArchiveReader reader = archive.reader()) {
        assertThat(reader.checkpoints(Long.MAX_VALUE, 100)).hasSize(1);
      }
    }
  }

  @Test
  void aCrashAtAnyByteOfTheLastBatchLeavesTheBatchesBeforeIt() throws IOException {
    Path whole = dir.resolve("whole");
    long before;
    byte[] head;
    try (Archive archive = Archive.open(whole, Samples.KEY, Samples.ORIGIN)) {
      archive.append(Samples.records("a", 1, 4), Map.of(0, 5L));
      before = Files.size(whole.resolve("segment-00000000.log"));
      head = Files.readAllBytes(whole.resolve("head"));
      archive.append(Samples.records("a", 5, 6), Map.of(0, 7L));
    }
    byte[] segment = Files.readAllBytes(whole.resolve("segment-00000000.log"));
    for (int cut = (int) before; cut <= segment.length; cut++) {
      Path torn = Files.createDirectories(dir.resolve("torn-" + cut));
      Files.write(torn.resolve("segment-00000000.log"), java.util.Arrays.copyOf(segment, cut));
      Files.write(torn.resolve("head"), head);
      boolean complete = cut == segment.length;
      try (Archive archive = Archive.open(torn, Samples.KEY, Samples.ORIGIN)) {
        assertThat(archive.size()).isEqualTo(complete ? 6 : 4);
        assertThat(archive.offsets()).isEqualTo(Map.of(0, complete ? 7L : 5L));
        archive.append(Samples.records("a", complete ? 7 : 5, 7), Map.of(0, 8L));
        assertThat(archive.status().trails().get("a").count()).isEqualTo(7);
      }
      assertThat(
              ArchiveVerifier.verify(torn, Optional.of(Samples.KEY.verifier(Samples.ORIGIN)))
                  .problems())
          .isEmpty();
      assertThat(Files.exists(torn.resolve("set-aside"))).isEqualTo(cut > before && !complete);
    }
  }

  @Test
  void damageInADurableBatchIsRefusedLoudly() throws IOException {
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 2), Map.of());
      archive.append(Samples.records("a", 3, 4), Map.of());
    }
    Path segment = dir.resolve("segment-00000000.log");
    byte[] good = Files.readAllBytes(segment);
    for (int at = 0; at < good.length; at += 11) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(segment, bad);
      assertThatThrownBy(this::open)
          .as("byte %d", at)
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("segment-00000000.log");
    }
    Files.write(segment, good);
    open().close();
  }

  @Test
  void anArchiveThatLostASignedTailIsRefused() throws IOException {
    byte[] early;
    try (Archive archive = open()) {
      archive.append(Samples.records("a", 1, 2), Map.of());
      early = Files.readAllBytes(dir.resolve("segment-00000000.log"));
      archive.append(Samples.records("a", 3, 4), Map.of());
      archive.checkpoint();
    }
    Files.write(dir.resolve("segment-00000000.log"), early);
    Files.delete(dir.resolve("head"));
    assertThatThrownBy(this::open).hasMessageContaining("contradicts its checkpoint");
  }

  @Test
  void hashesAndIndexAreRebuiltFromTheSegments() throws IOException {
    try (Archive archive = open()) {
      for (int i = 0; i < 5; i++) {
        archive.append(Samples.records("a", i * 20 + 1, i * 20 + 20), Map.of());
      }
      archive.checkpoint();
    }
    Files.delete(dir.resolve("hashes"));
    Files.delete(dir.resolve("index"));
    open().close();
    assertThat(verify().problems()).isEmpty();
    assertThat(verify().events()).isEqualTo(100);
  }

  @Test
  void anySingleBitFlipIsDetected() throws IOException {
    try (Archive archive = open()) {
      for (int i = 0; i < 5; i++) {
        archive.append(Samples.records("a", i * 7 + 1, i * 7 + 7), Map.of(0, i * 7 + 8L));
        archive.checkpoint();
      }
    }
    assertThat(verify().problems()).isEmpty();
    List<Path> files;
    try (Stream<Path> list = Files.list(dir)) {
      files = list.filter(f -> !f.endsWith("lock")).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(5);
    for (Path file : files) {
      byte[] good = Files.readAllBytes(file);
      int step = Math.max(1, good.length / 60);
      for (int at = 0; at < good.length; at += step) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) (1 << at % 8);
        Files.write(file, bad);
        assertThat(verify().sound()).as("%s byte %d", file.getFileName(), at).isFalse();
      }
      Files.write(file, good);
    }
    assertThat(verify().problems()).isEmpty();
  }
}
