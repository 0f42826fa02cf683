package io.sworn.evidence.bundle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of a file, none longer than an event can be. Every line ends with a newline. */
final class BoundedLines implements AutoCloseable {

  private static final int LINE_BYTES_MAX = 128 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int filled;

  BoundedLines(InputStream in) {
    this.in = in;
  }

  @Nullable String next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    while (at < filled || fill()) {
      int end = at;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      line.write(buffer, at, end - at);
      if (line.size() > LINE_BYTES_MAX) {
        throw new OpenBundle.Unusable("a line of more than " + LINE_BYTES_MAX + " bytes");
      }
      at = end + 1;
      if (end < filled) {
        return line.toString(StandardCharsets.UTF_8);
      }
    }
    return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
  }

  private boolean fill() throws IOException {
    at = 0;
    filled = Math.max(0, in.read(buffer));
    return filled > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
