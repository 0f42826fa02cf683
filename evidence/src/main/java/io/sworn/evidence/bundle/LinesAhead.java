package io.sworn.evidence.bundle;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.PrimitiveIterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/**
 * Writes one line for each number, in order. A second thread makes the lines one chunk ahead:
 * reading and spelling an event takes about as long as hashing and packing its line.
 */
final class LinesAhead {

  /** A chunk ends with the line that reaches this; at most two chunks are in memory. */
  private static final int CHUNK_BYTES_MIN = 256 * 1024;

  private LinesAhead() {}

  /**
   * Writes the lines.
   *
   * @param line makes one; called in order, by one other thread while this runs
   * @throws SwornException what {@code line} throws
   */
  static void write(PrimitiveIterator.OfLong rest, LongFunction<String> line, OutputStream out)
      throws IOException {
    ExecutorService maker =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread thread = new Thread(work, "bundle-lines");
              thread.setDaemon(true);
              return thread;
            });
    try {
      byte[] chunk = taken(maker.submit(() -> chunk(rest, line)));
      while (chunk.length > 0) {
        Future<byte[]> next = maker.submit(() -> chunk(rest, line));
        out.write(chunk);
        chunk = taken(next);
      }
    } finally {
      maker.shutdownNow();
    }
  }

  private static byte[] chunk(PrimitiveIterator.OfLong rest, LongFunction<String> line) {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream(CHUNK_BYTES_MIN + 4096);
    while (rest.hasNext() && chunk.size() < CHUNK_BYTES_MIN) {
      chunk.writeBytes(line.apply(rest.nextLong()).getBytes(StandardCharsets.UTF_8));
      chunk.write('\n');
    }
    return chunk.toByteArray();
  }

  private static byte[] taken(Future<byte[]> chunk) {
    try {
      return chunk.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("a line throws nothing checked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.INTERNAL, "bundle: stopped before it was complete", e);
    }
  }
}
