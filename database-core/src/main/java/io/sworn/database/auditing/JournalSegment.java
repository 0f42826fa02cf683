package io.sworn.database.auditing;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.zip.CRC32C;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One file of a journal: a header, then frames.
 *
 * <p>Header, big-endian: magic (8), journal id (4), first sequence (8), salt (16), CRC32C (4).
 * Frame: length of the sealed body (4), sequence (8), CRC32C of both and the body (4), body. The
 * body is sealed with AES-256-GCM under a key of this segment, {@code HMAC-SHA256(key, salt)}; the
 * nonce is the sequence. A segment is written by one process life only, so no nonce comes twice.
 */
final class JournalSegment {

  static final int HEADER_BYTES = 40;
  static final int FRAME_HEADER_BYTES = 16;
  static final int BODY_BYTES_MAX = 20 * 1024 * 1024;
  private static final long MAGIC = 0x53574F524E4A3031L; // SWORNJ01
  private static final int TAG_BYTES = 16;
  static final int OVERHEAD_BYTES = FRAME_HEADER_BYTES + TAG_BYTES;

  /** Finding the implementation costs more than sealing an event. */
  private static final ThreadLocal<Cipher> CIPHERS =
      ThreadLocal.withInitial(
          () -> {
            try {
              return Cipher.getInstance("AES/GCM/NoPadding");
            } catch (GeneralSecurityException e) {
              throw new IllegalStateException("every Java platform has AES-GCM", e);
            }
          });

  final Path path;
  final int journal;
  final long first;
  private final SecretKeySpec key;

  private JournalSegment(Path path, int journal, long first, SecretKeySpec key) {
    this.path = path;
    this.journal = journal;
    this.first = first;
    this.key = key;
  }

  static String fileName(long first) {
    return String.format("%020d.journal", first);
  }

  /** Creates the file with its header, whole or not at all; replaces one without events. */
  static JournalSegment create(Path directory, int journal, long first, byte[] key)
      throws IOException {
    byte[] salt = new byte[16];
    new SecureRandom().nextBytes(salt);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putLong(MAGIC).putInt(journal).putLong(first).put(salt);
    header.putInt(crc(header.array(), 0, 36)).flip();
    Path path = directory.resolve(fileName(first));
    Path fresh = directory.resolve("segment.new");
    try (FileChannel file =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (header.hasRemaining()) {
        file.write(header);
      }
      file.force(true);
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    return new JournalSegment(path, journal, first, derive(key, salt));
  }

  /** Reads the header of an existing file. */
  static JournalSegment read(Path path, byte[] key) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      while (header.hasRemaining() && file.read(header) >= 0) {
        // until the header is complete or the file ends
      }
    }
    if (header.hasRemaining()
        || header.getLong(0) != MAGIC
        || header.getInt(36) != crc(header.array(), 0, 36)) {
      throw new SwornException(
          ErrorCode.INTEGRITY, path + ": not a journal segment, its header is damaged");
    }
    byte[] salt = new byte[16];
    header.position(20).get(salt);
    return new JournalSegment(path, header.getInt(8), header.getLong(12), derive(key, salt));
  }

  byte[] frame(long sequence, byte[] event) {
    byte[] body = crypt(Cipher.ENCRYPT_MODE, sequence, event, 0, event.length);
    ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER_BYTES + body.length);
    frame.putInt(body.length).putLong(sequence).putInt(0).put(body);
    frame.putInt(12, frameCrc(frame.array(), frame.capacity()));
    return frame.array();
  }

  /**
   * The length of the frame that begins at the buffer's position, or -1 if no whole, sound frame
   * with this sequence begins there.
   */
  static int soundFrame(ByteBuffer buffer, long sequence) {
    int at = buffer.position();
    if (buffer.remaining() < FRAME_HEADER_BYTES) {
      return -1;
    }
    int length = buffer.getInt(at);
    if (length < TAG_BYTES
        || length > BODY_BYTES_MAX
        || buffer.remaining() < FRAME_HEADER_BYTES + length
        || buffer.getLong(at + 4) != sequence) {
      return -1;
    }
    byte[] frame = new byte[FRAME_HEADER_BYTES + length];
    buffer.get(at, frame);
    return ByteBuffer.wrap(frame).getInt(12) == frameCrc(frame, frame.length) ? frame.length : -1;
  }

  /** Opens the body of a sound frame. */
  byte[] open(ByteBuffer buffer, int at) {
    int length = buffer.getInt(at);
    byte[] body = new byte[length];
    buffer.get(at + FRAME_HEADER_BYTES, body);
    return crypt(Cipher.DECRYPT_MODE, buffer.getLong(at + 4), body, 0, length);
  }

  private byte[] crypt(int mode, long sequence, byte[] data, int from, int length) {
    try {
      Cipher cipher = CIPHERS.get();
      byte[] nonce = ByteBuffer.allocate(12).putInt(0).putLong(sequence).array();
      cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
      return cipher.doFinal(data, from, length);
    } catch (GeneralSecurityException e) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          path + ": event " + sequence + " does not open: wrong key, or it was changed",
          e);
    }
  }

  private static SecretKeySpec derive(byte[] key, byte[] salt) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update("journal segment".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return new SecretKeySpec(mac.doFinal(salt), "AES");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
    }
  }

  private static int frameCrc(byte[] frame, int length) {
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, 12);
    crc.update(frame, FRAME_HEADER_BYTES, length - FRAME_HEADER_BYTES);
    return (int) crc.getValue();
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
