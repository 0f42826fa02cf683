package io.sworn.export.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that only grows, with one writer. What {@link #append} returned from is on disk.
 */
final class LineFile implements AutoCloseable {

  private static final int READ_BYTES = 1 << 16;

  private final Path path;
  private final FileChannel channel;
  private final @Nullable Object key;
  private long length;

  private LineFile(Path path, FileChannel channel, @Nullable Object key) throws IOException {
    this.path = path;
    this.channel = channel;
    this.key = key;
    this.length = channel.size();
  }

  /**
   * Opens the file, creates it if it is missing, and cuts off a last line that a crash left torn.
   *
   * @throws IOException if another writer has it
   */
  static LineFile open(Path path) throws IOException {
    Path directory = Objects.requireNonNull(path.getParent(), "an absolute path");
    Files.createDirectories(directory);
    boolean fresh = Files.notExists(path);
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(path, channel);
      if (fresh) {
        sync(directory);
      }
      LineFile file = new LineFile(path, channel, fileKey(path));
      file.cutTornLine();
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void lock(Path path, FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IOException("another process writes " + path);
      }
    } catch (OverlappingFileLockException e) {
      throw new IOException("another task writes " + path, e);
    }
  }

  /** Appends lines and forces them to disk; on failure the file is as it was before. */
  void append(List<byte[]> lines) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      block.writeBytes(line);
      block.write('\n');
    }
    ByteBuffer bytes = ByteBuffer.wrap(block.toByteArray());
    try {
      long position = length;
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
      channel.force(false);
      length = position;
    } catch (IOException e) {
      channel.truncate(length);
      throw e;
    }
  }

  long length() {
    return length;
  }

  /** Whether the path still leads to this file: a log rotation may have moved it away. */
  boolean inPlace() throws IOException {
    return Objects.equals(key, fileKey(path));
  }

  /** Hands out complete lines, without their ends, from about {@code tailBytes} before the end. */
  void tail(long tailBytes, Consumer<byte[]> lines) throws IOException {
    long start = Math.max(0, length - tailBytes);
    long position = start;
    boolean inside = start == 0;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    while (position < length) {
      buffer.clear();
      int read = channel.read(buffer, position);
      if (read <= 0) {
        throw new IOException(path + " ends at " + position + ", expected " + length);
      }
      position += read;
      byte[] bytes = Arrays.copyOf(buffer.array(), read);
      int from = 0;
      for (int i = 0; i < read; i++) {
        if (bytes[i] == '\n') {
          line.write(bytes, from, i - from);
          if (inside) {
            lines.accept(line.toByteArray());
          }
          line.reset();
          inside = true;
          from = i + 1;
        }
      }
      line.write(bytes, from, read - from);
    }
  }

  private void cutTornLine() throws IOException {
    long end = length;
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    while (end > 0) {
      long start = Math.max(0, end - READ_BYTES);
      buffer.clear().limit((int) (end - start));
      channel.read(buffer, start);
      int last = buffer.position() - 1;
      while (last >= 0 && buffer.get(last) != '\n') {
        last--;
      }
      if (last >= 0) {
        end = start + last + 1;
        break;
      }
      end = start;
    }
    if (end < length) {
      channel.truncate(end);
      channel.force(false);
      length = end;
    }
  }

  /** Makes a new name in a directory durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    try {
      return Files.readAttributes(path, java.nio.file.attribute.BasicFileAttributes.class)
          .fileKey();
    } catch (NoSuchFileException e) {
      // Moved away: no key equals that of the open file.
      return "missing";
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
