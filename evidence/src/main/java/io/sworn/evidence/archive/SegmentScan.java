package io.sworn.evidence.archive;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.UnreadableEventException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one segment holds, batch by batch.
 *
 * @param state after the last whole batch; null if the segment has no valid beginning
 * @param end position behind the last whole batch
 * @param length of the file, or the limit that was asked for
 */
record SegmentScan(@Nullable ArchiveState state, long end, long length) {

  /** Told of each whole batch. */
  interface Visitor {
    void batch(List<Placed> events, ArchiveState after) throws IOException;
  }

  /** An event at its place in the segment. */
  record Placed(long position, AuditEvent event, Frame frame) {}

  /** Reads up to {@code limit} bytes and replays whole batches. */
  static SegmentScan read(Path path, long limit, Visitor visitor) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      long length = Math.min(limit, file.size());
      Frame first = Frame.read(file, 0, length);
      if (first == null || first.type() != Frame.STATE) {
        return new SegmentScan(null, 0, length);
      }
      ArchiveState state = ArchiveState.decode(first.payload());
      long end = first.end();
      List<Placed> batch = new ArrayList<>();
      Frame.Walk walk = new Frame.Walk(file, end, length);
      for (Frame frame = walk.next(); frame != null; frame = walk.next()) {
        if (frame.type() == Frame.EVENT) {
          batch.add(new Placed(frame.start(), decode(path, frame), frame));
        } else if (frame.type() == Frame.COMMIT) {
          Commit commit = Commit.decode(frame.payload());
          batch.forEach(placed -> state.admit(placed.event()));
          state.apply(commit);
          visitor.batch(batch, state);
          batch.clear();
          end = frame.end();
        } else if (frame.type() == Frame.STATE) {
          throw new SwornException(
              ErrorCode.INTEGRITY, path + " at " + frame.start() + ": a second beginning");
        }
      }
      return new SegmentScan(state, end, length);
    }
  }

  /** Whether a batch that began after {@code end} is whole: then the hole before it is damage. */
  static boolean laterBatchExists(Path path, long end) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      long limit = file.size();
      Frame commit = Frame.search(file, Frame.COMMIT, end, limit);
      while (commit != null) {
        if (closesBatchBehind(file, commit, end)) {
          return true;
        }
        commit = Frame.search(file, Frame.COMMIT, commit.start() + 1, limit);
      }
      return false;
    }
  }

  /**
   * Whether {@code commit} ends a batch of whole frames that began behind {@code end}. Bytes inside
   * an event may look like a frame; whoever wrote them could not know where they would stand.
   */
  private static boolean closesBatchBehind(FileChannel file, Frame commit, long end)
      throws IOException {
    long at;
    try {
      at = Commit.decode(commit.payload()).batchStart();
    } catch (SwornException e) {
      return false; // not written by us, so it ends no batch
    }
    if (at <= end) {
      return false;
    }
    while (at < commit.start()) {
      Frame frame = Frame.read(file, at, commit.start());
      if (frame == null) {
        return false;
      }
      at = frame.end();
    }
    return at == commit.start();
  }

  private static AuditEvent decode(Path path, Frame frame) {
    try {
      return AuditEventCodec.decodeArchived(frame.payload());
    } catch (UnreadableEventException e) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          path + " at " + frame.start() + ": an archived event cannot be read: " + e.getMessage(),
          e);
    }
  }
}
