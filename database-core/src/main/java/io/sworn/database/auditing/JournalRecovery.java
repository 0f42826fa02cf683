package io.sworn.database.auditing;

import io.sworn.database.storage.HeldRecord;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the segments of a journal that was left, in order or not, and repairs its end: frames that
 * were being written when the machine stopped are set aside.
 */
final class JournalRecovery {

  private static final Logger log = LoggerFactory.getLogger(JournalRecovery.class);

  /** How far beyond its place a sequence is believed to be one. */
  private static final int SEQUENCES_AHEAD_MAX = 1 << 20;

  private final byte[] key;
  private final List<HeldRecord> held;

  /** Segments that hold events, in order. */
  final List<JournalSegment> segments = new ArrayList<>();

  /** Sequence of the last event. */
  long last;

  /** Bytes of the segments. */
  long bytes;

  /** Id of the journal, null if there is none yet. */
  @Nullable Integer journal;

  private JournalRecovery(byte[] key, List<HeldRecord> held) {
    this.key = key;
    this.held = held;
  }

  /**
   * Reads a directory.
   *
   * @param held events that are also held elsewhere, in order: their frames need not have been
   *     fsynced
   * @throws SwornException if an event that must be there is not
   */
  static JournalRecovery of(Path directory, byte[] key, List<HeldRecord> held) throws IOException {
    JournalRecovery recovery = new JournalRecovery(key, held);
    List<Path> files;
    try (Stream<Path> listing = Files.list(directory)) {
      files = listing.filter(p -> p.toString().endsWith(".journal")).sorted().toList();
    }
    for (int i = 0; i < files.size(); i++) {
      recovery.add(files.get(i), i == files.size() - 1);
    }
    return recovery;
  }

  private void add(Path file, boolean newest) throws IOException {
    JournalSegment segment = JournalSegment.read(file, key);
    boolean stranger = journal != null && journal != segment.journal;
    journal = segment.journal;
    if (!segments.isEmpty() && (segment.first != last + 1 || stranger)) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          file + ": begins at event " + segment.first + " where " + (last + 1) + " is expected");
    }
    last = segment.first - 1;
    readEvents(segment, newest);
    if (newest) {
      force(file); // it may have been written without, and is about to become an older one
    }
    if (last >= segment.first) { // without events: a fresh one takes its place and name
      segments.add(segment);
      bytes += Files.size(file);
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private void readEvents(JournalSegment segment, boolean newest) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(segment.path));
    all.position(JournalSegment.HEADER_BYTES);
    while (all.hasRemaining()) {
      int length = JournalSegment.soundFrame(all, last + 1);
      if (length < 0) {
        int at = all.position();
        if (!newest || soundFrameFollows(all, lastReplaceable() + 1)) {
          throw new SwornException(
              ErrorCode.INTEGRITY,
              segment.path + ": damaged at byte " + at + " (event " + (last + 1) + ")");
        }
        setAside(segment.path, all.array(), at);
        return;
      }
      segment.open(all, all.position());
      all.position(all.position() + length);
      last++;
    }
  }

  /** The last event from the damaged one on whose frame may be damaged too. */
  private long lastReplaceable() {
    boolean covered = !held.isEmpty() && held.get(0).sequence() <= last + 1;
    return covered ? Math.max(last + 1, held.get(held.size() - 1).sequence()) : last + 1;
  }

  /** A torn write is at the very end; a sound later frame means that the middle is damaged. */
  private static boolean soundFrameFollows(ByteBuffer from, long sequence) {
    ByteBuffer rest = from.duplicate();
    int end = rest.limit() - JournalSegment.FRAME_HEADER_BYTES;
    for (int at = from.position() + 1; at <= end; at++) {
      long found = rest.getLong(at + 4);
      if (found >= sequence && found < sequence + SEQUENCES_AHEAD_MAX) {
        rest.position(at);
        if (JournalSegment.soundFrame(rest, found) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static void setAside(Path file, byte[] all, int from) throws IOException {
    Path torn = file.resolveSibling(file.getFileName() + "." + System.nanoTime() + ".torn");
    Files.write(torn, Arrays.copyOfRange(all, from, all.length));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(from);
      channel.force(true);
    }
    log.warn("{}: {} bytes of a torn write set aside in {}", file, all.length - from, torn);
  }
}
