package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.Sha256;
import io.sworn.event.SwornException;
import io.sworn.evidence.Hash;
import io.sworn.evidence.SignedNote;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.VerifierKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the writer signs of its index: without it, whoever alters the time of an entry hides an
 * event from every read of a period. An older note that was put back is still true, because entries
 * never change; without a note a reader believes no entry (decision 0106).
 *
 * @param size number of entries that it speaks of, from the first one
 * @param index SHA-256 of their bytes
 * @param hashes CRC32C of the bytes of {@code hashes} over as many leaves: against lost pages only,
 *     since the hashes prove themselves against a checkpoint
 * @param note the signed text
 */
record IndexNote(long size, Hash index, long hashes, SignedNote note) {

  private static final String TITLE = "sworn archive index v1";
  private static final int BYTES_MAX = 16 * 1024;

  /** Running sums over both files. */
  static final class Sums {
    private final MessageDigest index = Sha256.digest();
    private final CRC32C hashes = new CRC32C();

    void add(ByteBuffer entries, byte[] subtrees) {
      index.update(entries);
      hashes.update(subtrees);
    }

    /** Hash of the entries so far. */
    Hash index() {
      try {
        return Hash.wrap(((MessageDigest) index.clone()).digest());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("SHA-256 of this Java cannot be continued", e);
      }
    }
  }

  /** Whether it says the same as {@code sums} over its size. */
  boolean agrees(Sums sums) {
    return index.equals(sums.index()) && hashes == sums.hashes.getValue();
  }

  static IndexNote sign(long size, Sums sums, SigningKey key, String origin) {
    Hash index = sums.index();
    long hashes = sums.hashes.getValue();
    String text = String.join("\n", TITLE, origin, size + "", index.base64(), hashes + "", "");
    return new IndexNote(size, index, hashes, SignedNote.sign(text, key, origin));
  }

  /**
   * Reads a note.
   *
   * @throws SwornException with {@link ErrorCode#INPUT} if it is none
   */
  private static IndexNote parse(String text, VerifierKey key) {
    SignedNote note = SignedNote.parse(text);
    String[] lines = note.text().split("\n", -1);
    try {
      if (lines.length == 6 && lines[0].equals(TITLE) && lines[1].equals(key.name())) {
        long size = Long.parseLong(lines[2]);
        if (size >= 0) {
          return new IndexNote(size, Hash.parseBase64(lines[3]), Long.parseLong(lines[4]), note);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new SwornException(ErrorCode.INPUT, "index note: " + e.getMessage(), e);
    }
    throw new SwornException(ErrorCode.INPUT, "no index note of " + key.name());
  }

  /** The note, if there is a whole one that {@code key} signed. */
  static Optional<IndexNote> read(Path path, VerifierKey key) {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    SideFile.refuseDirectory(path);
    IndexNote note;
    try {
      if (Files.size(path) > BYTES_MAX) {
        return Optional.empty();
      }
      note = parse(new String(Files.readAllBytes(path), StandardCharsets.UTF_8), key);
    } catch (SwornException e) {
      return Optional.empty(); // no note is safe, only slower
    } catch (IOException e) {
      throw Layout.failed(path, e);
    }
    return note.note().verify(key) ? Optional.of(note) : Optional.empty();
  }

  /** Replaces the file, durably as far as the directory is synced. */
  void write(Path path) throws IOException {
    Path part = path.resolveSibling(path.getFileName() + ".part");
    try (FileChannel file =
        FileChannel.open(
            part,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      byte[] bytes = note.toString().getBytes(StandardCharsets.UTF_8);
      Frame.writeFully(file, ByteBuffer.wrap(bytes), 0);
      file.force(true);
    }
    Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
