package io.sworn.server;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.server.identity.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Holds a data directory for one instance. The lock ends with the process, however it ends. */
final class DataLock implements AutoCloseable {

  private final FileChannel channel;

  private DataLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the directory.
   *
   * @throws SwornException if another instance has it
   */
  static DataLock take(Path directory) {
    Path file = OwnerOnly.directory(directory).resolve("lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock(channel) == null) {
        channel.close();
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            "another Sworn runs on "
                + directory
                + ": stop it, or name another directory with 'data' or --data");
      }
      return new DataLock(channel);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, file + " cannot be locked: " + LocalFiles.reason(e, file), e);
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this process has it already
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "the lock cannot be released: " + LocalFiles.reason(e), e);
    }
  }
}
