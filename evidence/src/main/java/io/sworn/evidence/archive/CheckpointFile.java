package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Every checkpoint ever signed, one base64 line each: a log never signs two roots for one size. */
final class CheckpointFile {

  private CheckpointFile() {}

  /**
   * All checkpoints, oldest first; a last line without newline was never published and is left out.
   */
  static List<Checkpoint> read(Path path) throws IOException {
    List<Checkpoint> checkpoints = new ArrayList<>();
    if (!Files.exists(path)) {
      return checkpoints;
    }
    String text = Files.readString(path, StandardCharsets.ISO_8859_1);
    int line = 0;
    for (int at = 0, end = text.indexOf('\n');
        end >= 0;
        at = end + 1, end = text.indexOf('\n', at)) {
      line++;
      String encoded = text.substring(at, end);
      try {
        byte[] note = Base64.getDecoder().decode(encoded);
        if (!Base64.getEncoder().encodeToString(note).equals(encoded)) {
          throw new IllegalArgumentException("not canonical base64");
        }
        checkpoints.add(Checkpoint.parse(new String(note, StandardCharsets.UTF_8)));
      } catch (IllegalArgumentException | SwornException e) {
        throw new SwornException(
            ErrorCode.INTEGRITY, path + " line " + line + ": damaged: " + e.getMessage(), e);
      }
      Checkpoint newest = checkpoints.get(checkpoints.size() - 1);
      Checkpoint before = checkpoints.size() < 2 ? null : checkpoints.get(checkpoints.size() - 2);
      if (before != null && newest.size() <= before.size()) {
        throw new SwornException(
            ErrorCode.INTEGRITY, path + " line " + line + ": sizes of checkpoints must grow");
      }
    }
    return checkpoints;
  }

  /** Writes one more, durably. */
  static void append(Path path, Checkpoint checkpoint) throws IOException {
    byte[] note = checkpoint.toString().getBytes(StandardCharsets.UTF_8);
    byte[] line =
        (Base64.getEncoder().encodeToString(note) + "\n").getBytes(StandardCharsets.US_ASCII);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      Frame.writeFully(file, ByteBuffer.wrap(line), file.size());
      file.force(true);
    }
  }

  /** Cuts off a line that a crash left without its newline. */
  static void repair(Path path) throws IOException {
    if (Files.exists(path)) {
      String text = Files.readString(path, StandardCharsets.ISO_8859_1);
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
        file.truncate(text.lastIndexOf('\n') + 1L);
      }
    }
  }
}
