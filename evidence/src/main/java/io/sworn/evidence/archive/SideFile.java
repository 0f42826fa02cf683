package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * A file beside the segments that the writer makes anew from them. Whatever is wrong with it is
 * told with its name and that remedy.
 */
final class SideFile implements AutoCloseable {

  private final Path path;
  private final FileChannel channel;

  /**
   * Opens the file.
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if it is missing or no file, with
   *     {@link ErrorCode#STORAGE} if it may not be opened
   */
  SideFile(Path path, OpenOption... options) {
    this.path = path;
    refuseDirectory(path);
    try {
      channel = FileChannel.open(path, options);
    } catch (NoSuchFileException e) {
      throw wrong("missing");
    } catch (IOException e) {
      throw Layout.failed(path, e);
    }
  }

  /** A directory opens like a file and only fails when it is read. */
  static void refuseDirectory(Path path) {
    if (Files.isDirectory(path)) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          path + ": a directory, where a file is expected; move it away, then start the writer");
    }
  }

  long length() throws IOException {
    return channel.size();
  }

  /**
   * Fills {@code buffer} from {@code position} on.
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if the file is too short, with {@link
   *     ErrorCode#STORAGE} if the disk fails
   */
  void read(ByteBuffer buffer, long position) {
    try {
      int found = channel.read(buffer, position);
      if (buffer.hasRemaining()) {
        expect(position + Math.max(0, found) + buffer.remaining());
        Frame.readFully(channel, buffer, position + Math.max(0, found));
      }
    } catch (IOException e) {
      throw Layout.failed(path, e);
    }
  }

  /** Refuses a file of fewer bytes. */
  void expect(long length) {
    try {
      long found = channel.size();
      if (found < length) {
        throw wrong(found + " bytes long, at least " + length + " expected");
      }
    } catch (IOException e) {
      throw Layout.failed(path, e);
    }
  }

  void write(ByteBuffer bytes, long position) throws IOException {
    Frame.writeFully(channel, bytes, position);
  }

  void truncate(long length) throws IOException {
    channel.truncate(length);
  }

  void force() throws IOException {
    channel.force(false);
  }

  private SwornException wrong(String what) {
    return new SwornException(
        ErrorCode.INTEGRITY,
        path
            + ": "
            + what
            + "; starting the writer on this archive makes it anew from the segments");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
