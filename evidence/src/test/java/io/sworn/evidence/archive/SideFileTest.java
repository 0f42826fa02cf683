package io.sworn.evidence.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people are told when a file beside the segments is not as it was written. */
class SideFileTest {

  private static final int EVENTS = 20;
  private static final String ANEW = "starting the writer on this archive makes it anew";
  private static final String AWAY = "move it away";

  @TempDir Path dir;

  @BeforeEach
  void fill() {
    try (Archive archive = open()) {
      archive.append(Samples.records("db/1", 1, EVENTS), Map.of(0, EVENTS + 1L));
      archive.checkpoint();
    }
  }

  private Archive open() {
    return Archive.open(dir, Samples.KEY, Samples.ORIGIN);
  }

  /** Everything that a report asks of an archive; how many events it found. */
  private int read() {
    try (ArchiveReader reader = ArchiveReader.openReadOnly(dir)) {
      Checkpoint signed = reader.checkpoint().orElseThrow();
      int found = 0;
      for (ArchivedEvent event :
          reader.iterate(
              Instant.EPOCH,
              Instant.parse("2030-01-01T00:00:00Z"),
              signed,
              Samples.KEY.verifier(Samples.ORIGIN))) {
        assertThat(reader.event(event.index()).bytes()).isEqualTo(event.bytes());
        reader.inclusionProof(event.index(), signed.size());
        found++;
      }
      return found;
    }
  }

  private void damage(String file, String how) throws IOException {
    Path path = dir.resolve(file);
    byte[] good = Files.readAllBytes(path);
    Files.delete(path);
    switch (how) {
      case "truncated" -> Files.write(path, Arrays.copyOf(good, good.length - 5));
      case "halved" -> Files.write(path, Arrays.copyOf(good, good.length / 2));
      case "empty" -> Files.createFile(path);
      case "longer" -> Files.write(path, Arrays.copyOf(good, good.length + 5));
      case "directory" -> Files.createDirectory(path);
      case "missing" -> {}
      default -> throw new IllegalArgumentException(how);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hashes, truncated, 'bytes long, at least'",
    "hashes, halved, 'bytes long, at least'",
    "hashes, empty, '0 bytes long, at least'",
    "hashes, missing, missing",
    "index, truncated, '635 bytes long, at least 640 expected'",
    "index, halved, '320 bytes long, at least 640 expected'",
    "index, empty, '0 bytes long, at least 640 expected'",
    "index, missing, missing",
    "head, truncated, '23 bytes long, 28 expected'",
    "head, empty, '0 bytes long, 28 expected'",
    "head, longer, '33 bytes long, 28 expected'",
  })
  void isNamedWithItsLengthToReadersAndMadeAnewByTheWriter(String file, String how, String told)
      throws IOException {
    damage(file, how);
    assertThatThrownBy(this::read)
        .isInstanceOf(SwornException.class)
        .hasMessageContaining(dir.resolve(file).toString())
        .hasMessageContaining(told)
        .hasMessageContaining(ANEW);
    assertThat(verify().sound()).isFalse();
    open().close();
    assertThat(read()).isEqualTo(EVENTS);
    assertThat(verify().problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "hashes, " + AWAY,
    "index, " + AWAY,
    "index.note, " + AWAY,
    "head, " + AWAY,
    "checkpoints.log, restore the file"
  })
  void thatIsADirectoryIsNamedToReadersWriterAndVerifier(String file, String remedy)
      throws IOException {
    damage(file, "directory");
    for (Runnable use : new Runnable[] {this::read, () -> open().close()}) {
      assertThatThrownBy(use::run)
          .isInstanceOf(SwornException.class)
          .hasMessageContaining(dir.resolve(file) + ": a directory")
          .hasMessageContaining(remedy);
    }
    assertThat(verify().problems())
        .anySatisfy(problem -> assertThat(problem).contains(dir.resolve(file) + ": a directory"));
    Files.delete(dir.resolve(file));
    open().close(); // and nothing is held open or locked by those that were refused
  }

  @ParameterizedTest
  @CsvSource({"truncated", "halved", "empty", "longer", "missing"})
  void aNoteThatIsNoneIsNotBelievedAndSignedAnew(String how) throws IOException {
    damage("index.note", how);
    assertThat(read()).isEqualTo(EVENTS);
    open().close();
    assertThat(read()).isEqualTo(EVENTS);
    assertThat(verify().problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"truncated", "empty"})
  void checkpointsWithoutAWholeLineAreNone(String how) throws IOException {
    damage("checkpoints.log", how);
    try (ArchiveReader reader = ArchiveReader.openReadOnly(dir)) {
      assertThat(reader.checkpoint()).isEmpty();
    }
    try (Archive archive = open()) {
      archive.checkpoint(); // the same root over the same events
    }
    assertThat(read()).isEqualTo(EVENTS);
    assertThat(verify().problems()).isEmpty();
  }

  private ArchiveVerifier.Findings verify() {
    return ArchiveVerifier.verify(dir, Optional.of(Samples.KEY.verifier(Samples.ORIGIN)));
  }
}
