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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens an archive after whatever happened to it. A torn last batch is set aside; anything else
 * that is not as it was written is refused. Until everything that is kept has been found sound, no
 * file is changed, so that whoever is refused still has what may prove the damage.
 *
 * @param state what the archive knows
 * @param segment number of the segment to continue, -1 if there is none
 * @param position behind its last whole batch
 * @param newest the newest signed checkpoint
 */
record Recovery(ArchiveState state, int segment, long position, @Nullable Checkpoint newest) {

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /** What a crash left of a batch at the end of a segment. */
  private record Torn(int segment, long from, long to) {}

  static Recovery run(Layout layout, SideFiles side, VerifierKey key) throws IOException {
    int last = layout.segments() - 1;
    Head head = Head.read(layout.head());
    if (head != null && head.segment() > last) {
      throw damaged(layout.segment(head.segment()), "missing, although it was written");
    }
    List<Torn> torn = new ArrayList<>();
    ArchiveState state = null;
    long position = 0;
    while (state == null && last >= 0) {
      SegmentScan scan = SegmentScan.read(layout.segment(last), Long.MAX_VALUE, (batch, s) -> {});
      state = scan.state();
      position = scan.end();
      refuseLoss(layout, last, scan, head);
      if (position < scan.length() || state == null) {
        torn.add(new Torn(last, position, scan.length()));
      }
      last -= state == null ? 1 : 0;
    }
    if (state == null) {
      state = new ArchiveState(key.name());
      side.continueAfter(0);
    } else {
      if (!state.origin().equals(key.name())) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            layout.directory()
                + ": this archive belongs to '"
                + state.origin()
                + "', not to '"
                + key.name()
                + "'");
      }
      recoverSide(layout, side, last, position, key);
    }
    Checkpoint newest = checkpoint(layout, side, state, key);
    for (Torn rest : torn) {
      setAside(layout, rest);
    }
    CheckpointFile.repair(layout.checkpoints());
    side.settle();
    return new Recovery(state, last, position, newest);
  }

  /** Refuses a segment that lost what was on disk. */
  private static void refuseLoss(Layout layout, int number, SegmentScan scan, @Nullable Head head)
      throws IOException {
    Path segment = layout.segment(number);
    if (scan.state() == null) {
      boolean written = head != null && head.segment() >= number;
      if (written || SegmentScan.laterBatchExists(segment, 0)) {
        throw damaged(segment, "its beginning is damaged");
      }
      return;
    }
    boolean durable = head != null && head.segment() == number && head.position() > scan.end();
    if (scan.end() < scan.length()) {
      if (durable || SegmentScan.laterBatchExists(segment, scan.end())) {
        throw damaged(segment, "damaged in the batch that begins at byte " + scan.end());
      }
    } else if (durable) {
      throw damaged(segment, "cut off at byte " + scan.end());
    }
  }

  /** Checks the newest signed checkpoint against the data. */
  private static @Nullable Checkpoint checkpoint(
      Layout layout, SideFiles side, ArchiveState state, VerifierKey key) {
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
  private static void recoverSide(
      Layout layout, SideFiles side, int last, long end, VerifierKey key) throws IOException {
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
      replay(layout, side, last, last, end, note);
      return;
    }
    if (note != null && note.size() >= base && side.cover(base)) {
      side.continueAfter(base);
      if (side.tree().root().equals(before.root()) && replay(layout, side, last, last, end, note)) {
        return;
      }
    }
    LOG.warn(
        "{}: hashes and index are not what was signed last; made anew from the segments",
        layout.directory());
    side.continueAfter(0);
    replay(layout, side, 0, last, end, note);
  }

  /** Whether {@code note} turned out to be true on the way. */
  private static boolean replay(
      Layout layout, SideFiles side, int from, int last, long end, @Nullable IndexNote note)
      throws IOException {
    boolean[] agreed = {note != null && side.agreeWith(note)};
    for (int i = from; i <= last; i++) {
      int segment = i;
      SegmentScan scan =
          SegmentScan.read(
              layout.segment(i),
              i < last ? Long.MAX_VALUE : end,
              (batch, after) -> {
                side.replay(layout, segment, batch, after);
                agreed[0] |= note != null && side.agreeWith(note);
              });
      if (scan.state() == null || scan.end() < scan.length()) {
        throw damaged(layout.segment(i), "damaged at byte " + scan.end());
      }
    }
    return agreed[0];
  }

  private static void setAside(Layout layout, Torn torn) throws IOException {
    Path source = layout.segment(torn.segment);
    Files.createDirectories(layout.aside());
    Path target =
        layout
            .aside()
            .resolve(source.getFileName() + "." + torn.from + "." + System.currentTimeMillis());
    try (FileChannel in =
            FileChannel.open(source, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel out =
            FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.allocate((int) (torn.to - torn.from));
      Frame.readFully(in, rest, torn.from);
      Frame.writeFully(out, rest.flip(), out.size());
      out.force(true);
      in.truncate(torn.from);
      in.force(true);
    }
    if (torn.from == 0) {
      Files.delete(source);
    }
    LOG.warn(
        "{}: {} bytes of an unfinished batch set aside in {}", source, torn.to - torn.from, target);
  }

  private static SwornException damaged(Path segment, String what) {
    return new SwornException(
        ErrorCode.INTEGRITY,
        segment + ": " + what + "; restore it from a copy, do not delete the rest");
  }
}
