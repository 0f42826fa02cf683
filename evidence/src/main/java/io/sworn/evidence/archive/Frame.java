package io.sworn.evidence.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a segment: {@code magic(4) type(1) length(4) crc32c(4) payload}; the checksum covers
 * type, length and payload. All numbers are big-endian.
 */
final class Frame {

  static final int HEADER_BYTES = 13;
  static final int PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;

  /** First frame of a segment: everything known before it. */
  static final byte STATE = 'S';

  /** Original bytes of one event. */
  static final byte EVENT = 'E';

  /** Other bytes for an event that is in the archive. */
  static final byte CONFLICT = 'X';

  /** A record that is no event. */
  static final byte UNREADABLE = 'U';

  /** End of a batch. */
  static final byte COMMIT = 'C';

  private static final int MAGIC = 0x53574652;

  private final byte type;
  private final byte[] payload;
  private final long start;

  private Frame(byte type, byte[] payload, long start) {
    this.type = type;
    this.payload = payload;
    this.start = start;
  }

  byte type() {
    return type;
  }

  byte[] payload() {
    return payload;
  }

  long start() {
    return start;
  }

  long end() {
    return start + HEADER_BYTES + payload.length;
  }

  static void write(byte type, byte[] payload, ByteArrayOutputStream out) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putInt(MAGIC).put(type).putInt(payload.length).putInt(checksum(type, payload));
    out.writeBytes(header.array());
    out.writeBytes(payload);
  }

  /** The frame at {@code start}, or null if there is no whole and undamaged one. */
  static @Nullable Frame read(FileChannel file, long start, long limit) throws IOException {
    if (limit - start < HEADER_BYTES) {
      return null;
    }
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    readFully(file, header, start);
    header.flip();
    int magic = header.getInt();
    byte type = header.get();
    int length = header.getInt();
    int checksum = header.getInt();
    if (magic != MAGIC
        || length < 0
        || length > PAYLOAD_BYTES_MAX
        || length > limit - start - HEADER_BYTES) {
      return null;
    }
    byte[] payload = new byte[length];
    readFully(file, ByteBuffer.wrap(payload), start + HEADER_BYTES);
    return checksum(type, payload) == checksum ? new Frame(type, payload, start) : null;
  }

  /** Whole frames one behind the other, read in large pieces. */
  static final class Walk {
    private static final int PIECE_BYTES = 1 << 20;

    private final FileChannel file;
    private final long limit;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).limit(0);
    private long at;

    Walk(FileChannel file, long start, long limit) {
      this.file = file;
      this.at = start;
      this.limit = limit;
    }

    /** The next frame, or null if there is no whole and undamaged one. */
    @Nullable Frame next() throws IOException {
      if (piece.remaining() < HEADER_BYTES && !fill()) {
        return null;
      }
      int length = piece.getInt(piece.position() + 5);
      if (length < 0 || length > piece.remaining() - HEADER_BYTES) {
        fill();
      }
      Frame frame;
      if (length >= 0 && length <= piece.remaining() - HEADER_BYTES) {
        frame = read(piece, at);
      } else {
        frame = Frame.read(file, at, limit); // larger than a piece, or cut off
        if (frame != null) {
          piece.limit(0);
        }
      }
      if (frame != null) {
        at = frame.end();
      }
      return frame;
    }

    private boolean fill() throws IOException {
      piece.clear().limit((int) Math.max(0, Math.min(PIECE_BYTES, limit - at)));
      readFully(file, piece, at);
      piece.flip();
      return piece.remaining() >= HEADER_BYTES;
    }

    private static @Nullable Frame read(ByteBuffer in, long start) {
      int magic = in.getInt();
      byte type = in.get();
      byte[] payload = new byte[in.getInt()];
      int checksum = in.getInt();
      in.get(payload);
      return magic == MAGIC && checksum(type, payload) == checksum
          ? new Frame(type, payload, start)
          : null;
    }
  }

  /** Finds the next whole frame of {@code type} at or after {@code from}. */
  static @Nullable Frame search(FileChannel file, byte type, long from, long limit)
      throws IOException {
    ByteBuffer window = ByteBuffer.allocate(1 << 20);
    for (long at = from; limit - at >= HEADER_BYTES; at += window.capacity() - 4) {
      window.clear().limit((int) Math.min(window.capacity(), limit - at));
      readFully(file, window, at);
      for (int i = 0; i + 5 <= window.limit(); i++) {
        if (window.getInt(i) == MAGIC && window.get(i + 4) == type) {
          Frame frame = read(file, at + i, limit);
          if (frame != null) {
            return frame;
          }
        }
      }
    }
    return null;
  }

  static void readFully(FileChannel file, ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int n = file.read(buffer, at);
      if (n < 0) {
        throw new IOException("file ends at " + at + ", " + buffer.remaining() + " bytes missing");
      }
      at += n;
    }
  }

  static void writeFully(FileChannel file, ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      at += file.write(buffer, at);
    }
  }

  private static int checksum(byte type, byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(type);
    crc.update(ByteBuffer.allocate(4).putInt(0, payload.length));
    crc.update(payload);
    return (int) crc.getValue();
  }
}
