package io.sworn.evidence.bundle;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of a file, none longer than an event can be. Every line ends with a newline. */
final class BoundedLines implements AutoCloseable {

  private static final int LINE_BYTES_MAX = 128 << 20;

  private final InputStream in;

  BoundedLines(InputStream in) {
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  @Nullable String next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return line.toString(StandardCharsets.UTF_8);
      }
      line.write(b);
      if (line.size() > LINE_BYTES_MAX) {
        throw new OpenBundle.Unusable("a line of more than " + LINE_BYTES_MAX + " bytes");
      }
    }
    return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
