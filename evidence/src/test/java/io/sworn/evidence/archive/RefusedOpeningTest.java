package io.sworn.evidence.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer that refuses an archive leaves every file of it as it was. */
class RefusedOpeningTest {

  private static final int EVENTS = 200;

  @TempDir Path dir;

  @BeforeEach
  void fill() {
    try (Archive archive = open()) {
      for (int i = 0; i < EVENTS; i += 10) { // many segments of 4 KiB
        archive.append(Samples.records("db/1", i + 1, i + 10), Map.of(0, i + 11L));
        archive.checkpoint();
      }
    }
    assertThat(dir.resolve("segment-00000003.log")).exists();
  }

  private Archive open() {
    return Archive.open(dir, Samples.KEY, Samples.ORIGIN, new ArchiveSettings(4096));
  }

  private SortedMap<String, String> files() throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(dir)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(
            dir.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  /** Rewrites an event of the same length with its checksum, so that only its hash tells. */
  private void rewrite(long event) throws IOException {
    byte[] index = Files.readAllBytes(dir.resolve("index"));
    ByteBuffer entry = ByteBuffer.wrap(index, (int) event * IndexFile.ENTRY_BYTES, 8);
    Path segment = new Layout(dir).segment(entry.getInt());
    int position = entry.getInt();
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    Frame.write(Frame.EVENT, Samples.event("db/1", event + 1, "bob"), frame);
    byte[] content = Files.readAllBytes(segment);
    System.arraycopy(frame.toByteArray(), 0, content, position, frame.size());
    Files.write(segment, content);
  }

  private void append(String file, byte[] bytes) throws IOException {
    Files.write(dir.resolve(file), bytes, StandardOpenOption.APPEND);
  }

  private void refusedWithoutATrace(String told) throws IOException {
    SortedMap<String, String> before = files();
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            SwornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY))
        .hasMessageContaining(told);
    assertThat(files()).isEqualTo(before);
  }

  private String lastSegment() throws IOException {
    return String.valueOf(new Layout(dir).segment(new Layout(dir).segments() - 1).getFileName());
  }

  @Test
  void damageInAnOldSegmentLeavesTheFilesThatProveIt() throws IOException {
    byte[] index = Files.readAllBytes(dir.resolve("index"));
    rewrite(60);
    Arrays.fill(index, 0, 64, (byte) 0); // so that all segments are read again
    Files.write(dir.resolve("index"), index);
    append(lastSegment(), new byte[] {1, 2, 3}); // a crash left these
    append("checkpoints.log", new byte[] {'a'});
    append("hashes", new byte[] {7});
    refusedWithoutATrace("does not hash to the root");
    assertThat(dir.resolve("set-aside")).doesNotExist();
  }

  @Test
  void damageInTheLastSegmentLeavesTheFilesThatProveIt() throws IOException {
    append("index", new byte[IndexFile.ENTRY_BYTES]);
    append("hashes", new byte[32]);
    rewrite(EVENTS - 1);
    refusedWithoutATrace("does not hash to the root");
  }

  @Test
  void anArchiveWithoutItsSegmentsKeepsTheRest() throws IOException {
    Layout layout = new Layout(dir);
    for (int i = layout.segments() - 1; i >= 0; i--) {
      Files.delete(layout.segment(i));
    }
    Files.delete(layout.head());
    refusedWithoutATrace("contradicts its checkpoint");
  }

  @Test
  void whatIsBehindASoundArchiveIsCutOffAndWhatIsMissingMadeAnew() throws IOException {
    SortedMap<String, String> sound = files();
    append(lastSegment(), new byte[] {1, 2, 3});
    append("checkpoints.log", new byte[] {'a'});
    append("hashes", new byte[] {7});
    Files.write(dir.resolve("index"), Arrays.copyOf(Files.readAllBytes(dir.resolve("index")), 100));
    open().close();
    SortedMap<String, String> mended = files();
    mended.keySet().removeIf(name -> name.startsWith("set-aside"));
    assertThat(mended).isEqualTo(sound);
    assertThat(
            ArchiveVerifier.verify(dir, Optional.of(Samples.KEY.verifier(Samples.ORIGIN)))
                .problems())
        .isEmpty();
  }
}
