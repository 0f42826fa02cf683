package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.archive.ArchiveReader;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The flow as the instance that runs on a data directory measures it. Waits a bounded time until
 * everything has arrived and the archive has signed it, so that a report holds it; null if nobody
 * runs.
 */
final class FlowBeside implements Supplier<@Nullable FlowSnapshot> {

  /** The instance signs every 5 s, and tells its numbers every second. */
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);

  private final Path data;

  FlowBeside(Path data) {
    this.data = data;
  }

  @Override
  public @Nullable FlowSnapshot get() {
    long begin = System.currentTimeMillis();
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      // Each second's status appears there by a rename.
      data.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      while (true) {
        Optional<FlowSnapshot> flow = StatusFile.read(data).map(StatusFile::flow);
        long left = deadline - System.nanoTime();
        if (flow.isEmpty() || left <= 0 || (told(flow.get(), begin) && signed())) {
          return flow.orElse(null);
        }
        WatchKey changed = watch.poll(left, TimeUnit.NANOSECONDS);
        if (changed != null) {
          changed.pollEvents();
          changed.reset();
        }
      }
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, data + " cannot be watched: " + LocalFiles.reason(e, data), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.INTERNAL, "report: stopped before it ran", e);
    }
  }

  /** Numbers from after the begin, so that they count what this command itself put on record. */
  private static boolean told(FlowSnapshot flow, long begin) {
    return flow.at() > begin && flow.settled();
  }

  private boolean signed() {
    try (ArchiveReader archive = ArchiveReader.openReadOnly(data.resolve("archive"))) {
      return archive.checkpoint().map(Checkpoint::size).orElse(0L) >= archive.size();
    } catch (SwornException e) {
      if (e.code() == ErrorCode.INTEGRITY) {
        return true; // waiting does not mend it; the report says what is wrong
      }
      throw e;
    }
  }
}
