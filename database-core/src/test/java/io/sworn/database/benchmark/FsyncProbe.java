package io.sworn.database.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** How long the disk takes to make a small appended record durable: what no database can beat. */
final class FsyncProbe {

  private static final int TIMES = 200;
  private static final int BYTES = 1024;

  private FsyncProbe() {}

  static double medianMillis(Path directory) throws IOException {
    Path file = directory.resolve("probe");
    long[] nanos = new long[TIMES];
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int i = 0; i < TIMES; i++) {
        long before = System.nanoTime();
        channel.write(ByteBuffer.allocate(BYTES));
        channel.force(false);
        nanos[i] = System.nanoTime() - before;
      }
    }
    Files.delete(file);
    Arrays.sort(nanos);
    return nanos[TIMES / 2] / 1e6;
  }
}
