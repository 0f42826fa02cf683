package io.sworn.database.storage;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead log of an SQLite file, opened a second time only to be fsynced. An fsync is about
 * the file, whoever wrote to it. SQLite keeps the same log file as long as its connection is open,
 * and its locks are on the main file, which is not touched here.
 */
final class WalFile {

  private final Path path;
  private @Nullable FileChannel channel;

  WalFile(Path database) {
    path = database.resolveSibling(database.getFileName() + "-wal");
  }

  synchronized void sync() {
    try {
      FileChannel opened = channel;
      if (opened == null) {
        opened = FileChannel.open(path, StandardOpenOption.WRITE);
        channel = opened;
        try (FileChannel directory =
            FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
          directory.force(true); // the log's own name
        }
      }
      opened.force(false);
    } catch (NoSuchFileException nothingWasCommittedYet) {
      return;
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, path + ": cannot be made durable: " + LocalFiles.reason(e, path), e);
    }
  }

  synchronized void close() {
    try {
      if (channel != null) {
        channel.close();
        channel = null;
      }
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, path + ": cannot be closed: " + LocalFiles.reason(e, path), e);
    }
  }
}
