package io.sworn.evidence.archive;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventId;
import io.sworn.event.SwornException;
import io.sworn.event.UnreadableEventException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleProofs;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.VerifierKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writer of an archive: an append-only log of every event with its Merkle tree. One process at
 * a time; safe for any thread.
 *
 * <p>{@link #append} returns when the whole batch and the offsets behind it are on disk, with one
 * fsync; after a crash either all of a batch is there or none of it. After a failed write the
 * archive refuses everything: what the disk holds is only known after opening it again.
 */
public final class Archive implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Archive.class);
  private static final int BATCH_BYTES_MAX = 512 << 20;
  private static final int UNREADABLE_BYTES_MAX = 32 << 20;

  private final Layout layout;
  private final SigningKey key;
  private final VerifierKey verifier;
  private final ArchiveSettings settings;
  private final FileChannel lockFile;
  private final SideFiles side;
  private final FileChannel head;
  private final ArchiveState state;
  private FileChannel segment;
  private int number;
  private long position;
  private @Nullable Checkpoint newest;
  private boolean failed;
  private boolean closed;

  private Archive(Path directory, SigningKey key, String origin, ArchiveSettings settings)
      throws IOException {
    this.layout = new Layout(directory);
    this.key = key;
    this.verifier = key.verifier(origin);
    this.settings = settings;
    Layout.createDurably(directory);
    lockFile = lock(layout);
    @Nullable SideFiles opened = null;
    try {
      opened = new SideFiles(layout);
      side = opened;
      Recovery found = Recovery.run(layout, side, verifier);
      state = found.state();
      number = found.segment();
      position = found.position();
      newest = found.newest();
      segment =
          number < 0
              ? nextSegment()
              : FileChannel.open(layout.segment(number), StandardOpenOption.WRITE);
      side.sign(layout, key, origin);
      head = FileChannel.open(layout.head(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      new Head(number, position, state.size()).write(head);
      head.truncate(Head.BYTES); // whatever somebody put behind it
      layout.syncDirectory();
    } catch (IOException | RuntimeException e) {
      try (lockFile;
          @Nullable SideFiles unused = opened) {
        throw e;
      }
    }
  }

  /** Opens or creates an archive with default settings. */
  public static Archive open(Path directory, SigningKey key, String origin) {
    return open(directory, key, origin, ArchiveSettings.DEFAULT);
  }

  /**
   * Opens or creates an archive, recovering it from a crash.
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if it is not as it was written, with
   *     {@link ErrorCode#CONFIGURATION} if another process writes it or the origin is another one,
   *     with {@link ErrorCode#STORAGE} if the disk fails
   */
  public static Archive open(
      Path directory, SigningKey key, String origin, ArchiveSettings settings) {
    try {
      return new Archive(directory, key, origin, settings);
    } catch (IOException e) {
      throw new Layout(directory).failed(e);
    }
  }

  private static FileChannel lock(Layout layout) throws IOException {
    FileChannel file =
        FileChannel.open(layout.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      LOG.debug("{} is locked in this process", layout.lock());
    }
    if (lock == null) {
      file.close();
      throw new SwornException(
          ErrorCode.CONFIGURATION, layout.directory() + ": another writer has this archive open");
    }
    return file;
  }

  /**
   * Names the log that offsets belong to (a topic id). Another name than before forgets the
   * offsets, because those of a topic that was created anew mean nothing.
   */
  public synchronized void source(String name) {
    ready();
    if (!name.equals(state.source())) {
      state.source(name);
      commit(new ByteArrayOutputStream(), new SideFiles.Addition(), state.size());
    }
  }

  /**
   * Appends a batch, atomically and durably. Events that are there already with the same bytes are
   * counted and dropped; with other bytes they are kept beside the tree as a conflict; records that
   * are no event are kept beside the tree too, with the reason.
   *
   * @param nextOffsets where to continue reading, by partition; partitions not named keep theirs
   * @return events added to the tree
   */
  public synchronized int append(List<ArchiveRecord> records, Map<Integer, Long> nextOffsets) {
    ready();
    long from = state.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SideFiles.Addition addition = new SideFiles.Addition();
    Map<EventId, byte[]> batch = new HashMap<>();
    boolean done = false;
    try {
      for (ArchiveRecord record : records) {
        add(record, batch, out, addition);
        if (out.size() > BATCH_BYTES_MAX) {
          throw new IllegalArgumentException("a batch of more than " + BATCH_BYTES_MAX + " bytes");
        }
      }
      state.offsets(nextOffsets);
      commit(out, addition, from);
      done = true;
    } catch (IOException e) {
      throw layout.failed(e);
    } finally {
      failed |= !done;
    }
    return (int) (state.size() - from);
  }

  private void add(
      ArchiveRecord record,
      Map<EventId, byte[]> batch,
      ByteArrayOutputStream out,
      SideFiles.Addition addition)
      throws IOException {
    AuditEvent event;
    try {
      event = AuditEventCodec.decode(record.bytes());
      if (!event.id().equals(EventId.of(event.trail(), event.sequence()))) {
        throw new UnreadableEventException("the id does not follow from trail and sequence");
      }
    } catch (UnreadableEventException e) {
      LOG.error("partition {} offset {}: {}", record.partition(), record.offset(), e.getMessage());
      Frame.write(Frame.UNREADABLE, unreadable(record, String.valueOf(e.getMessage())), out);
      state.unreadable();
      return;
    }
    byte[] known = state.seen(event) ? known(event.id(), batch) : null;
    if (known == null) {
      long start = position + out.size();
      Frame.write(Frame.EVENT, record.bytes(), out);
      addition.add(side.tree(), number, start, event, record.bytes());
      batch.put(event.id(), record.bytes());
      state.admit(event);
    } else if (Arrays.equals(known, record.bytes())) {
      state.duplicate();
    } else {
      LOG.error(
          "INTEGRITY: event {} arrived again with other bytes (partition {} offset {})",
          event.id(),
          record.partition(),
          record.offset());
      Frame.write(Frame.CONFLICT, conflict(record), out);
      state.conflict();
    }
  }

  private byte @Nullable [] known(EventId id, Map<EventId, byte[]> batch) throws IOException {
    byte[] pending = batch.get(id);
    if (pending != null) {
      return pending;
    }
    long index = side.index().find(id, state.size() - batch.size());
    if (index < 0) {
      return null; // a late event of a gap that is no longer remembered
    }
    IndexFile.Entry entry = side.index().read(index);
    try (FileChannel file =
        FileChannel.open(layout.segment(entry.segment()), StandardOpenOption.READ)) {
      Frame frame = Frame.read(file, entry.position(), file.size());
      if (frame == null || frame.type() != Frame.EVENT) {
        throw new SwornException(
            ErrorCode.INTEGRITY,
            layout.segment(entry.segment()) + " at " + entry.position() + ": event damaged");
      }
      return frame.payload();
    }
  }

  /** Coordinates, hash, reason and, unless they are out of all proportion, the bytes. */
  private static byte[] unreadable(ArchiveRecord record, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int kept = record.bytes().length <= UNREADABLE_BYTES_MAX ? record.bytes().length : 0;
    ByteBuffer out = ByteBuffer.allocate(16 + Hash.SIZE + text.length + kept);
    out.putInt(record.partition()).putLong(record.offset());
    out.put(Hash.of(record.bytes()).toBytes()).putInt(text.length).put(text);
    return out.put(record.bytes(), 0, kept).array();
  }

  private static byte[] conflict(ArchiveRecord record) {
    ByteBuffer out = ByteBuffer.allocate(12 + record.bytes().length);
    return out.putInt(record.partition()).putLong(record.offset()).put(record.bytes()).array();
  }

  private void commit(ByteArrayOutputStream out, SideFiles.Addition addition, long from) {
    boolean done = false;
    try {
      state.root(side.tree().root());
      Frame.write(Frame.COMMIT, state.commit(position).encode(), out);
      Frame.writeFully(segment, ByteBuffer.wrap(out.toByteArray()), position);
      segment.force(false);
      position += out.size();
      side.write(addition, from);
      if (position >= settings.segmentBytesMax()) {
        side.sign(layout, key, state.origin()); // only the last segment is replayed at opening
        FileChannel full = segment;
        segment = nextSegment();
        full.close();
      }
      new Head(number, position, state.size()).write(head);
      done = true;
    } catch (IOException e) {
      throw layout.failed(e);
    } finally {
      failed |= !done;
    }
  }

  private FileChannel nextSegment() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Frame.write(Frame.STATE, state.encode(), out);
    FileChannel file =
        FileChannel.open(
            layout.segment(number + 1), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    Frame.writeFully(file, ByteBuffer.wrap(out.toByteArray()), 0);
    file.force(true);
    layout.syncDirectory();
    number++;
    position = out.size();
    return file;
  }

  /** Number of events in the tree. */
  public synchronized long size() {
    return state.size();
  }

  /** What the archive holds. */
  public synchronized ArchiveStatus status() {
    return state.status();
  }

  /** Where to continue reading, by partition. */
  public synchronized SortedMap<Integer, Long> offsets() {
    return state.offsets();
  }

  /** Public half of the key that signs checkpoints. */
  public VerifierKey verifier() {
    return verifier;
  }

  /** Directory of the archive. */
  public Path directory() {
    return layout.directory();
  }

  /** Size of the newest signed checkpoint, -1 if there is none. */
  synchronized long checkpointedSize() {
    return newest == null ? -1 : newest.size();
  }

  /**
   * The signed checkpoint over everything that is in the archive; signed and stored now unless it
   * exists. There is never a second one for the same size.
   */
  public synchronized Checkpoint checkpoint() {
    ready();
    Checkpoint old = newest;
    if (old != null && old.size() == state.size()) {
      if (!old.root().equals(state.root())) {
        throw new SwornException(
            ErrorCode.INTEGRITY, "archive: a second root for " + old.size() + " events; refused");
      }
      return old;
    }
    Checkpoint next = Checkpoint.sign(state.origin(), state.size(), state.root(), key);
    boolean done = false;
    try {
      side.sign(layout, key, state.origin());
      head.force(false); // a reader takes a head behind a checkpoint for one that was put back
      CheckpointFile.append(layout.checkpoints(), next);
      if (old == null) {
        layout.syncDirectory(); // the file is new
      }
      done = true;
    } catch (IOException e) {
      throw Layout.failed(layout.checkpoints(), e);
    } finally {
      failed |= !done;
    }
    newest = next;
    return next;
  }

  /** Whether the archive, as far as the checkpoint speaks of it, is what the checkpoint says. */
  synchronized boolean contains(Checkpoint checkpoint) {
    return checkpoint.size() <= state.size()
        && MerkleProofs.root(checkpoint.size(), side.hashes()).equals(checkpoint.root());
  }

  /** A reader of what is in the archive now; the caller closes it. */
  public ArchiveReader reader() {
    return ArchiveReader.openReadOnly(layout.directory());
  }

  private void ready() {
    if (closed || failed) {
      throw new SwornException(
          ErrorCode.STORAGE,
          "archive "
              + layout.directory()
              + (closed ? ": closed" : ": an earlier write failed; reopen"));
    }
  }

  /** Closes the files and lets another writer in. Everything appended is on disk already. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (lockFile;
        side;
        head;
        FileChannel current = segment) {
      LOG.debug("{}: closed, {} bytes in {}", layout.directory(), position, current);
    } catch (IOException e) {
      throw layout.failed(e);
    }
  }
}
