package io.sworn.evidence.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.VerifierKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of a period when somebody, or a lost page, altered the files that nothing signs. */
class PeriodTest {

  private static final VerifierKey KEY = Samples.KEY.verifier(Samples.ORIGIN);
  private static final Instant FROM = Instant.parse("2026-03-02T08:00:11Z");
  private static final List<Long> EXPECTED = LongStream.range(11, 61).boxed().toList();

  @TempDir Path dir;
  private byte[] olderNote;

  @BeforeEach
  void fill() throws IOException {
    try (Archive archive = open()) {
      for (int i = 0; i < 20; i++) { // many segments of 4 KiB
        archive.append(Samples.records("db/1", i * 10 + 1, i * 10 + 10), Map.of(0, i * 10L + 11));
        archive.checkpoint();
        if (i == 2) {
          olderNote = Files.readAllBytes(dir.resolve("index.note"));
        }
      }
    }
    assertThat(dir.resolve("segment-00000003.log")).exists();
  }

  private Archive open() {
    return Archive.open(dir, Samples.KEY, Samples.ORIGIN, new ArchiveSettings(4096));
  }

  private List<Long> read() {
    try (ArchiveReader reader = ArchiveReader.openReadOnly(dir)) {
      Checkpoint signed = reader.checkpoint().orElseThrow();
      List<Long> found = new ArrayList<>();
      for (ArchivedEvent event : reader.iterate(FROM, FROM.plusSeconds(50), signed, KEY)) {
        assertThat(event.index()).isEqualTo(event.event().sequence() - 1);
        found.add(event.event().sequence());
      }
      return found;
    }
  }

  private void refused() {
    assertThatThrownBy(this::read)
        .isInstanceOfSatisfying(
            SwornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY));
  }

  private void put(String file, long at, byte[] bytes) throws IOException {
    byte[] content = Files.readAllBytes(dir.resolve(file));
    System.arraycopy(bytes, 0, content, (int) at, bytes.length);
    Files.write(dir.resolve(file), content);
  }

  private static byte[] micros(Instant time) {
    return ByteBuffer.allocate(8).putLong(IndexFile.micros(time)).array();
  }

  private void mendedByTheWriter() {
    open().close();
    assertThat(read()).isEqualTo(EXPECTED);
    assertThat(ArchiveVerifier.verify(dir, Optional.of(KEY)).problems()).isEmpty();
  }

  @Test
  void theEventsOfAPeriodAreFoundWithAndWithoutANote() throws IOException {
    assertThat(read()).isEqualTo(EXPECTED);
    Files.write(dir.resolve("index.note"), olderNote);
    assertThat(read()).isEqualTo(EXPECTED);
    Files.write(dir.resolve("index.note"), new byte[] {'g', (byte) 0xff, 0}); // no text even
    assertThat(read()).isEqualTo(EXPECTED);
    Files.writeString(dir.resolve("index.note"), "cut off\n\n");
    assertThat(read()).isEqualTo(EXPECTED);
    mendedByTheWriter();
    Files.delete(dir.resolve("index.note"));
    assertThat(read()).isEqualTo(EXPECTED);
    mendedByTheWriter();
    assertThat(dir.resolve("index.note")).exists();
  }

  @Test
  void anAlteredTimeNeitherHidesNorInventsAnEvent() throws IOException {
    byte[] note = Files.readAllBytes(dir.resolve("index.note"));
    for (long event : new long[] {9, 10, 25, 59, 60, 199}) {
      for (Instant time : List.of(Instant.EPOCH, FROM.plusSeconds(20), FROM.plusSeconds(7000))) {
        if (time.equals(Instant.parse("2026-03-02T08:00:01Z").plusSeconds(event))) {
          continue;
        }
        put("index", event * IndexFile.ENTRY_BYTES + 8, micros(time));
        refused();
        Files.write(dir.resolve("index.note"), olderNote);
        refused();
        Files.delete(dir.resolve("index.note"));
        refused();
        Files.write(dir.resolve("index.note"), note);
        mendedByTheWriter();
      }
    }
  }

  @Test
  void aNoteOfAnotherKeyIsNotBelieved() throws IOException {
    put("index", 25 * IndexFile.ENTRY_BYTES + 8, micros(Instant.EPOCH));
    byte[] index = Files.readAllBytes(dir.resolve("index"));
    IndexNote.Sums sums = new IndexNote.Sums();
    sums.add(ByteBuffer.wrap(index), Files.readAllBytes(dir.resolve("hashes")));
    IndexNote.sign(
            200,
            sums,
            io.sworn.evidence.SigningKey.fromSeed(
                new byte[] {
                  1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3,
                  4, 5, 6, 7, 8
                }),
            Samples.ORIGIN)
        .write(dir.resolve("index.note"));
    refused();
    mendedByTheWriter();
  }

  @Test
  void anEventRewrittenWithItsChecksumLeafHashAndTimeIsNoticed() throws IOException {
    ByteBuffer entry =
        ByteBuffer.wrap(Files.readAllBytes(dir.resolve("index")), 25 * IndexFile.ENTRY_BYTES, 8);
    String segment = String.format(java.util.Locale.ROOT, "segment-%08d.log", entry.getInt());
    int position = entry.getInt();
    byte[] other = Samples.event("db/1", 26, "bob");
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    Frame.write(Frame.EVENT, other, frame);
    put(segment, position, frame.toByteArray());
    put("hashes", HashFile.bytes(25), Hash.leaf(other).toBytes());
    refused();
    try (ArchiveReader reader = ArchiveReader.openReadOnly(dir)) {
      Checkpoint signed = reader.checkpoint().orElseThrow();
      assertThatThrownBy(() -> reader.iterate(20, 30, signed).forEach(e -> {}))
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("events 24 to 25");
      List<Long> before = new ArrayList<>();
      reader.iterate(0, 24, signed).forEach(e -> before.add(e.index()));
      assertThat(before).hasSize(24).endsWith(23L);
    }
    assertThat(ArchiveVerifier.verify(dir, Optional.of(KEY)).sound()).isFalse();
  }

  @Test
  void aPageThatAPowerCutLostIsMadeAnewAndNotCalledTampering() throws IOException {
    byte[] segment = Files.readAllBytes(dir.resolve("segment-00000000.log"));
    put("index", 10 * IndexFile.ENTRY_BYTES, new byte[IndexFile.ENTRY_BYTES]);
    refused();
    mendedByTheWriter();
    put("hashes", 0, new byte[Hash.SIZE]);
    mendedByTheWriter();
    put("hashes", 0, new byte[1024]);
    put("index", 0, new byte[1024]);
    mendedByTheWriter();
    assertThat(Files.readAllBytes(dir.resolve("segment-00000000.log"))).isEqualTo(segment);
  }

  @Test
  void whatTheSegmentsContradictIsStillRefusedByTheWriter() throws IOException {
    put("index", 0, new byte[64]); // so that all is read again
    put("segment-00000000.log", 600, new byte[] {1, 2, 3, 4, 5, 6, 7});
    assertThatThrownBy(this::open)
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("segment-00000000.log");
  }
}
