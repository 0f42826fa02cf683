package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.MerkleProofs;
import io.sworn.evidence.VerifierKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens an archive after whatever happened to it. A torn last batch is set aside; anything else
 * that is not as it was written is refused.
 *
 * @param state what the archive knows
 * @param segment number of the segment to continue
 * @param position behind its last whole batch
 */
record Recovery(ArchiveState state, int segment, long position) {

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  static @Nullable Recovery run(Layout layout, SideFiles side, VerifierKey key) throws IOException {
    int segments = layout.segments();
    Head head = Head.read(layout.head());
    if (head == null && segments == 0) {
      return null;
    }
    if (head != null && head.segment() >= segments) {
      throw damaged(layout.segment(head.segment()), "missing, although it was written");
    }
    int last = segments - 1;
    SegmentScan peek = SegmentScan.read(layout.segment(last), Long.MAX_VALUE, (batch, s) -> {});
    if (peek.state() == null) {
      boolean written = head != null && head.segment() >= last;
      if (written || SegmentScan.laterBatchExists(layout.segment(last), 0)) {
        throw damaged(layout.segment(last), "its beginning is damaged");
      }
      setAside(layout, last, 0, peek.length());
      Files.delete(layout.segment(last));
      return last == 0 ? null : run(layout, side, key);
    }
    if (peek.end() < peek.length()) {
      boolean durable = head != null && head.segment() == last && head.position() > peek.end();
      if (durable || SegmentScan.laterBatchExists(layout.segment(last), peek.end())) {
        throw damaged(
            layout.segment(last), "damaged in the batch that begins at byte " + peek.end());
      }
      setAside(layout, last, peek.end(), peek.length());
    } else if (head != null && head.segment() == last && head.position() > peek.end()) {
      throw damaged(layout.segment(last), "cut off at byte " + peek.end());
    }
    recoverSide(layout, side, last, key);
    return new Recovery(peek.state(), last, peek.end());
  }

  /** Checks the newest signed checkpoint against the data. */
  static @Nullable Checkpoint checkpoint(
      Layout layout, SideFiles side, ArchiveState state, VerifierKey key) throws IOException {
    CheckpointFile.repair(layout.checkpoints());
    Checkpoint newest = CheckpointFile.newest(layout.checkpoints()).orElse(null);
    if (newest == null) {
      return null;
    }
    if (!newest.verify(key)) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          layout.checkpoints() + ": not signed by " + key + "; was the signing key replaced?");
    }
    if (newest.size() > state.size()
        || !MerkleProofs.root(newest.size(), side.hashes()).equals(newest.root())) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          layout.directory()
              + ": the archive of "
              + state.size()
              + " events contradicts its checkpoint over "
              + newest.size());
    }
    return newest;
  }

  /**
   * Replays the last segment into hashes and index. Unless what lies before it is what was signed,
   * as after a lost page, both are made anew from all segments.
   */
  private static void recoverSide(Layout layout, SideFiles side, int last, VerifierKey key)
      throws IOException {
    ArchiveState before;
    try (FileChannel file = FileChannel.open(layout.segment(last), StandardOpenOption.READ)) {
      Frame first = Frame.read(file, 0, file.size());
      if (first == null) {
        throw damaged(layout.segment(last), "its beginning is damaged");
      }
      before = ArchiveState.decode(first.payload());
    }
    long base = before.size();
    IndexNote note = IndexNote.read(layout.indexNote(), key).orElse(null);
    if (base == 0) {
      side.continueAfter(0);
      replay(layout, side, last, last, note);
      return;
    }
    if (note != null && note.size() >= base && side.cover(base)) {
      side.continueAfter(base);
      if (side.tree().root().equals(before.root()) && replay(layout, side, last, last, note)) {
        return;
      }
    }
    LOG.warn(
        "{}: hashes and index are not what was signed last; made anew from the segments",
        layout.directory());
    side.continueAfter(0);
    replay(layout, side, 0, last, note);
  }

  /** Whether {@code note} turned out to be true on the way. */
  private static boolean replay(
      Layout layout, SideFiles side, int from, int last, @Nullable IndexNote note)
      throws IOException {
    boolean[] agreed = {note != null && side.agreeWith(note)};
    for (int i = from; i <= last; i++) {
      int segment = i;
      SegmentScan scan =
          SegmentScan.read(
              layout.segment(i),
              Long.MAX_VALUE,
              (batch, after) -> {
                side.replay(layout, segment, batch, after);
                agreed[0] |= note != null && side.agreeWith(note);
              });
      if (scan.state() == null || (i < last && scan.end() < scan.length())) {
        throw damaged(layout.segment(i), "damaged at byte " + scan.end());
      }
    }
    return agreed[0];
  }

  private static void setAside(Layout layout, int segment, long from, long to) throws IOException {
    Path source = layout.segment(segment);
    Files.createDirectories(layout.aside());
    Path target =
        layout
            .aside()
            .resolve(source.getFileName() + "." + from + "." + System.currentTimeMillis());
    try (FileChannel in =
            FileChannel.open(source, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel out =
            FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer torn = ByteBuffer.allocate((int) (to - from));
      Frame.readFully(in, torn, from);
      Frame.writeFully(out, torn.flip(), out.size());
      out.force(true);
      in.truncate(from);
      in.force(true);
    }
    LOG.warn("{}: {} bytes of an unfinished batch set aside in {}", source, to - from, target);
  }

  private static SwornException damaged(Path segment, String what) {
    return new SwornException(
        ErrorCode.INTEGRITY,
        segment + ": " + what + "; restore it from a copy, do not delete the rest");
  }
}
