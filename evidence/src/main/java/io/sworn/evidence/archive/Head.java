package io.sworn.evidence.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How far the archive is on disk: written after each fsync, so that readers in other processes see
 * whole, durable batches only. It may be older than the segments after a power cut, never newer,
 * and never older than a signed checkpoint.
 */
record Head(int segment, long position, long size) {

  static final int BYTES = 28;

  void write(FileChannel file) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.putInt(0x53574844).putInt(segment).putLong(position).putLong(size);
    out.putInt(checksum(out.array())).flip();
    Frame.writeFully(file, out, 0);
  }

  /** The head, or null if there is none or it is damaged. */
  static @Nullable Head read(Path path) throws IOException {
    if (!Files.exists(path)) {
      return null;
    }
    SideFile.refuseDirectory(path);
    for (int attempt = 0; attempt < 100; attempt++) { // a reader may meet a write half done
      ByteBuffer in = ByteBuffer.allocate(BYTES + 1);
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        while (in.hasRemaining() && file.read(in) >= 0) {
          continue;
        }
      }
      if (in.position() == BYTES
          && in.getInt(0) == 0x53574844
          && in.getInt(24) == checksum(in.array())) {
        return new Head(in.getInt(4), in.getLong(8), in.getLong(16));
      }
      Thread.onSpinWait();
    }
    return null;
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, 24);
    return (int) crc.getValue();
  }
}
