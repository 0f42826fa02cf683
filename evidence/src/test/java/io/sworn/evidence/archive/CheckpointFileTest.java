package io.sworn.evidence.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {

  @TempDir Path dir;

  private static Checkpoint signed(long size) {
    return Checkpoint.sign(Samples.ORIGIN, size, Hash.EMPTY_TREE, Samples.KEY);
  }

  private static List<Long> sizes(Path file, long below, int max) throws IOException {
    return CheckpointFile.newest(file, below, max).stream().map(Checkpoint::size).toList();
  }

  private static List<Long> streamed(Path file) throws IOException {
    List<Long> sizes = new ArrayList<>();
    try (CheckpointFile.Stream all = new CheckpointFile.Stream(file)) {
      for (Checkpoint next = all.next(); next != null; next = all.next()) {
        sizes.add(next.size());
      }
    }
    return sizes;
  }

  @Test
  void theNewestAreReadFromTheEndAcrossPieces() throws IOException {
    Path file = dir.resolve("log");
    assertThat(sizes(file, 10, 10)).isEmpty();
    List<Long> written = new ArrayList<>();
    for (long size = 0; size < 700; size++) { // more than two pieces of the file
      CheckpointFile.append(file, signed(2 * size));
      written.add(2 * size);
    }
    assertThat(streamed(file)).isEqualTo(written);
    assertThat(sizes(file, Long.MAX_VALUE, 1000)).isEqualTo(written);
    assertThat(sizes(file, 1001, 3)).containsExactly(996L, 998L, 1000L);
    assertThat(sizes(file, 1000, 500)).isEqualTo(written.subList(0, 500));
    assertThat(CheckpointFile.newest(file).orElseThrow()).isEqualTo(signed(1398));
  }

  @Test
  void aLineWithoutNewlineIsNoCheckpointAndIsCutOff() throws IOException {
    Path file = dir.resolve("log");
    CheckpointFile.append(file, signed(1));
    long whole = Files.size(file);
    String second = Base64.getEncoder().encodeToString(signed(2).toString().getBytes(UTF_8));
    for (String torn : List.of("x", second, "y".repeat(200_000))) {
      Files.writeString(file, torn, StandardOpenOption.APPEND);
      assertThat(sizes(file, 10, 10)).containsExactly(1L);
      assertThat(streamed(file)).containsExactly(1L);
      CheckpointFile.repair(file);
      assertThat(Files.size(file)).isEqualTo(whole);
    }
    Files.writeString(file, "never a newline");
    assertThat(sizes(file, 10, 10)).isEmpty();
    CheckpointFile.repair(file);
    assertThat(Files.size(file)).isZero();
  }

  @Test
  void damageIsNamedWithItsPlace() throws IOException {
    Path file = dir.resolve("log");
    CheckpointFile.append(file, signed(1));
    long first = Files.size(file);
    for (String bad :
        List.of(
            "\n",
            "no base64!\n",
            "a".repeat(600_000) + "\n",
            Files.readString(file, UTF_8),
            Base64.getEncoder().encodeToString(signed(-5).toString().getBytes(UTF_8)) + "\n")) {
      Files.writeString(file, bad, StandardOpenOption.APPEND);
      assertThatThrownBy(() -> sizes(file, 10, 10)).hasMessageContaining("at byte");
      assertThatThrownBy(() -> streamed(file)).hasMessageContaining("at byte " + first);
      Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), (int) first));
    }
  }

  @Test
  void sixHundredThousandCheckpointsNeedNoMoreMemoryThanOne() throws Exception {
    int many = 600_000; // a month of them, 139 MB: four times the heap of the child
    Path old = dir.resolve("old");
    String text = signed(1).toString();
    String behind = text.substring(text.indexOf("\n1\n") + 2);
    try (BufferedWriter out = Files.newBufferedWriter(old)) {
      for (long size = 1; size <= many; size++) {
        String note = Samples.ORIGIN + "\n" + size + behind;
        out.write(Base64.getEncoder().encodeToString(note.getBytes(UTF_8)));
        out.write('\n');
      }
    }
    assertThat(Files.size(old)).isGreaterThan(100_000_000);
    Path home = dir.resolve("a");
    try (Archive archive = Archive.open(home, Samples.KEY, Samples.ORIGIN)) {
      archive.append(Samples.records("a", 1, 1100), Map.of());
    }
    // What stands before the end is not looked at when an archive is opened: here are old ones.
    Path joined = Files.copy(old, dir.resolve("joined"));
    try (ArchiveReader reader = ArchiveReader.openReadOnly(home);
        BufferedWriter out = Files.newBufferedWriter(joined, StandardOpenOption.APPEND)) {
      for (long size = 1; size <= reader.size(); size++) {
        Checkpoint next = Checkpoint.sign(Samples.ORIGIN, size, reader.root(size), Samples.KEY);
        out.write(Base64.getEncoder().encodeToString(next.toString().getBytes(UTF_8)));
        out.write('\n');
      }
    }
    Files.move(joined, home.resolve("checkpoints.log"));
    Path output = dir.resolve("child.out");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CheckpointsChild.class.getName(),
                home.toString(),
                old.toString())
            .redirectErrorStream(true)
            .redirectOutput(new File(output.toString()))
            .start();
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output))
        .contains("writer 1100\n", "reader 1100\n", "bundle 1000\n")
        .contains("newest " + many + "\n", "stream " + many + "\n");
  }
}
