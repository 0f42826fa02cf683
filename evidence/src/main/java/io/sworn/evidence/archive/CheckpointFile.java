package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.SignedNote;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every checkpoint ever signed, one base64 line each, sizes growing: a log never signs two roots
 * for one size. The file grows for ever, so it is read from its end, or as a stream; never whole.
 */
final class CheckpointFile {

  private static final int PIECE_BYTES = 64 * 1024;

  /** A note of the longest text in UTF-8, and a third more for base64. */
  private static final int LINE_BYTES_MAX = 4 * SignedNote.CHARS_MAX;

  private CheckpointFile() {}

  /** The newest checkpoint, if there is one. */
  static Optional<Checkpoint> newest(Path path) {
    return newest(path, Long.MAX_VALUE, 1).stream().findFirst();
  }

  /**
   * The newest {@code max} checkpoints over fewer than {@code below} events, oldest first. Only the
   * end of the file is read, as far as needed. A last line without newline was never published and
   * is left out.
   */
  static List<Checkpoint> newest(Path path, long below, int max) {
    List<Checkpoint> found = new ArrayList<>();
    if (!Files.exists(path)) {
      return found;
    }
    refuseDirectory(path);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      Backwards lines = new Backwards(path, file, completeBytes(file));
      long after = Long.MAX_VALUE;
      while (found.size() < max) {
        String line = lines.next();
        if (line == null) {
          break;
        }
        Checkpoint checkpoint = decode(path, lines.at(), line);
        if (checkpoint.size() >= after) {
          throw notGrowing(path, lines.at());
        }
        after = checkpoint.size();
        if (checkpoint.size() < below) {
          found.add(checkpoint);
        }
      }
    } catch (IOException e) {
      throw Layout.failed(path, e);
    }
    Collections.reverse(found);
    return found;
  }

  /** Writes one more, durably. */
  static void append(Path path, Checkpoint checkpoint) {
    byte[] note = checkpoint.toString().getBytes(StandardCharsets.UTF_8);
    byte[] line =
        (Base64.getEncoder().encodeToString(note) + "\n").getBytes(StandardCharsets.US_ASCII);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      Frame.writeFully(file, ByteBuffer.wrap(line), file.size());
      file.force(true);
    } catch (IOException e) {
      throw Layout.failed(path, e);
    }
  }

  /** Cuts off a line that a crash left without its newline. */
  static void repair(Path path) {
    if (Files.exists(path)) {
      refuseDirectory(path);
      try (FileChannel file =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        file.truncate(completeBytes(file));
      } catch (IOException e) {
        throw Layout.failed(path, e);
      }
    }
  }

  /** It opens like a file and only fails when it is read. */
  private static void refuseDirectory(Path path) {
    if (Files.isDirectory(path)) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          path + ": a directory, where the signed checkpoints are expected; restore the file");
    }
  }

  /** Bytes up to and with the last newline. */
  private static long completeBytes(FileChannel file) throws IOException {
    long end = file.size();
    while (end > 0) {
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, end));
      Frame.readFully(file, piece, end - piece.capacity());
      for (int i = piece.capacity() - 1; i >= 0; i--) {
        if (piece.get(i) == '\n') {
          return end - piece.capacity() + i + 1;
        }
      }
      end -= piece.capacity();
    }
    return 0;
  }

  private static Checkpoint decode(Path path, long at, String line) {
    try {
      byte[] note = Base64.getDecoder().decode(line);
      if (!Base64.getEncoder().encodeToString(note).equals(line)) {
        throw new IllegalArgumentException("not canonical base64");
      }
      Checkpoint checkpoint = Checkpoint.parse(new String(note, StandardCharsets.UTF_8));
      if (checkpoint.size() < 0) {
        throw new IllegalArgumentException("no archive holds so many events");
      }
      return checkpoint;
    } catch (IllegalArgumentException | SwornException e) {
      throw new SwornException(
          ErrorCode.INTEGRITY, path + " at byte " + at + ": damaged: " + e.getMessage(), e);
    }
  }

  private static SwornException notGrowing(Path path, long at) {
    return new SwornException(
        ErrorCode.INTEGRITY, path + " at byte " + at + ": sizes of checkpoints must grow");
  }

  private static SwornException tooLong(Path path, long at) {
    return new SwornException(
        ErrorCode.INTEGRITY,
        path + " at byte " + at + ": damaged: a line of more than " + LINE_BYTES_MAX + " bytes");
  }

  /** Lines from the last one to the first, holding one piece and one line. */
  private static final class Backwards {
    private final Path path;
    private final FileChannel file;
    private byte[] bytes = new byte[0];
    private int end;
    private long start;

    /** Begins at {@code start}, which is the file's begin or stands behind a newline. */
    Backwards(Path path, FileChannel file, long start) {
      this.path = path;
      this.file = file;
      this.start = start;
    }

    /** Where the line that was handed out last begins. */
    long at() {
      return start + end;
    }

    /** The line before, without its newline, or null at the file's begin. */
    @Nullable String next() throws IOException {
      if (at() == 0) {
        return null;
      }
      while (true) {
        int i = end - 2; // before the line's own newline
        while (i >= 0 && bytes[i] != '\n') {
          i--;
        }
        if (i >= 0 || (start == 0 && end > 0)) {
          String line = new String(bytes, i + 1, end - 2 - i, StandardCharsets.ISO_8859_1);
          end = i + 1;
          return line;
        }
        if (end > LINE_BYTES_MAX) {
          throw tooLong(path, start);
        }
        prepend();
      }
    }

    private void prepend() throws IOException {
      int more = (int) Math.min(PIECE_BYTES, start);
      ByteBuffer piece = ByteBuffer.allocate(more + end);
      Frame.readFully(file, piece.limit(more), start - more);
      piece.limit(more + end).put(bytes, 0, end);
      bytes = piece.array();
      start -= more;
      end += more;
    }
  }

  /** All checkpoints from the oldest on, one at a time. */
  static final class Stream implements AutoCloseable {
    private final Path path;
    private final InputStream in;
    private long at;
    private long before = -1;
    private boolean cutOff;

    Stream(Path path) throws IOException {
      this.path = path;
      refuseDirectory(path);
      this.in =
          Files.exists(path)
              ? new BufferedInputStream(Files.newInputStream(path), PIECE_BYTES)
              : InputStream.nullInputStream();
    }

    /**
     * The next one, or null at the end.
     *
     * @throws SwornException with {@link ErrorCode#INTEGRITY} if the line is damaged
     */
    @Nullable Checkpoint next() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream(256);
      int read = in.read();
      while (read >= 0 && read != '\n') {
        if (line.size() == LINE_BYTES_MAX) {
          throw tooLong(path, at);
        }
        line.write(read);
        read = in.read();
      }
      if (read < 0) {
        cutOff = line.size() > 0;
        return null;
      }
      Checkpoint checkpoint = decode(path, at, line.toString(StandardCharsets.ISO_8859_1));
      if (checkpoint.size() <= before) {
        throw notGrowing(path, at);
      }
      before = checkpoint.size();
      at += line.size() + 1L;
      return checkpoint;
    }

    /** Whether the end was reached inside a line. */
    boolean cutOff() {
      return cutOff;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
