package io.sworn.evidence.archive;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.Sha256;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleProofs;
import io.sworn.evidence.ProvedHashes;
import io.sworn.evidence.RecentHashes;
import io.sworn.evidence.SubtreeHashes;
import io.sworn.evidence.VerifierKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of an archive, also from another process while the writer runs: it sees the whole
 * batches that were on disk when it was opened. Every event read is checked against its leaf hash.
 * Safe for any thread.
 */
public final class ArchiveReader implements AutoCloseable {

  private static final int WINDOW_ENTRIES = 4096;

  private final Layout layout;
  private final HashFile hashes;
  private final IndexFile index;
  private final ArchiveState state;
  private int openSegment = -1;
  private @Nullable FileChannel segment;

  private ArchiveReader(Path directory) throws IOException {
    layout = new Layout(directory);
    Head head = Head.read(layout.head());
    if (head == null) {
      throw headless();
    }
    SegmentScan scan =
        SegmentScan.read(layout.segment(head.segment()), head.position(), (batch, s) -> {});
    if (scan.state() == null || scan.end() != head.position()) {
      throw new SwornException(
          ErrorCode.INTEGRITY, layout.segment(head.segment()) + ": damaged at byte " + scan.end());
    }
    state = scan.state();
    hashes = new HashFile(layout.hashes(), StandardOpenOption.READ);
    try {
      index = new IndexFile(layout.index(), StandardOpenOption.READ);
    } catch (RuntimeException e) {
      hashes.close();
      throw e;
    }
    try {
      if (!MerkleProofs.root(state.size(), hashes).equals(state.root())) {
        throw new SwornException(
            ErrorCode.INTEGRITY,
            layout.hashes()
                + ": does not agree with the segments; starting the writer on this archive makes"
                + " it anew from them");
      }
      refuseIfPutBack();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private SwornException headless() throws IOException {
    if (!Files.exists(layout.head())) {
      return new SwornException(
          ErrorCode.INPUT, layout.directory() + ": no archive (its file 'head' is missing)");
    }
    return new SwornException(
        ErrorCode.INTEGRITY,
        layout.head()
            + ": damaged ("
            + Files.size(layout.head())
            + " bytes long, "
            + Head.BYTES
            + " expected); starting the writer on this archive makes it anew from the segments");
  }

  /**
   * The head is on disk before a checkpoint is signed, so a checkpoint over more events than it
   * names means that the writer went on meanwhile, or that somebody put an older head back.
   */
  private void refuseIfPutBack() throws IOException {
    Checkpoint newest = CheckpointFile.newest(layout.checkpoints()).orElse(null);
    if (newest == null || newest.size() <= size()) {
      return;
    }
    Head now = Head.read(layout.head());
    if (now == null || now.size() < newest.size()) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          layout.head()
              + ": names "
              + size()
              + " events, but "
              + newest.size()
              + " are signed in "
              + layout.checkpoints()
              + "; an older file was put back, or the newest events are gone. Starting the writer"
              + " on this archive reads the segments again and says which");
    }
  }

  /**
   * Opens a snapshot.
   *
   * @throws SwornException with {@link ErrorCode#INPUT} if there is no archive, {@link
   *     ErrorCode#INTEGRITY} if it is damaged, {@link ErrorCode#STORAGE} if the disk fails
   */
  public static ArchiveReader openReadOnly(Path directory) {
    try {
      return new ArchiveReader(directory);
    } catch (IOException e) {
      throw new Layout(directory).failed(e);
    }
  }

  /** Number of events in the snapshot. */
  public long size() {
    return state.size();
  }

  /** Name of the log. */
  public String origin() {
    return state.origin();
  }

  /** What the snapshot holds. */
  public ArchiveStatus status() {
    return state.status();
  }

  /** One event. */
  public synchronized ArchivedEvent event(long at) {
    if (at < 0 || at >= size()) {
      throw new IllegalArgumentException("no event " + at + " in an archive of " + size());
    }
    try {
      return load(at, index.read(at), hashes);
    } catch (IOException e) {
      throw layout.failed(e);
    }
  }

  /** The events {@code [from, to)}, lazily. */
  public Iterable<ArchivedEvent> iterate(long from, long to) {
    if (from < 0 || from > to || to > size()) {
      throw new IllegalArgumentException(
          "events " + from + " to " + to + " of an archive of " + size());
    }
    return () -> new Events(from, to, hashes);
  }

  /**
   * The events {@code [from, to)} under a checkpoint, lazily, each proved against its root.
   *
   * @param signed whose signature the caller has checked
   * @throws SwornException with {@link ErrorCode#INTEGRITY}, also while walking, if one is not what
   *     was signed
   */
  public Iterable<ArchivedEvent> iterate(long from, long to, Checkpoint signed) {
    if (from < 0 || from > to || to > signed.size() || signed.size() > size()) {
      throw new IllegalArgumentException(
          "events " + from + " to " + to + " under a checkpoint over " + signed.size());
    }
    return () -> new Events(from, to, new ProvedHashes(hashes, signed.size(), signed.root()));
  }

  /**
   * The events under a checkpoint that happened in {@code [from, to)}, in the order of the archive,
   * lazily, each proved against the signed root. None is missing, whatever was done to the unsigned
   * files: entries of the index are believed as far as the writer signed them, behind that each
   * event tells its time itself. Only who has walked to the end knows that; what was handed out
   * before {@link ErrorCode#INTEGRITY} is thrown is worth nothing.
   *
   * @param key that signed the checkpoint
   * @throws SwornException with {@link ErrorCode#INTEGRITY}, also while walking, if checkpoint,
   *     index, hashes and events contradict each other
   */
  public Iterable<ArchivedEvent> iterate(
      Instant from, Instant to, Checkpoint signed, VerifierKey key) {
    if (signed.size() > size() || !signed.origin().equals(origin()) || !signed.verify(key)) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          "the checkpoint over " + signed.size() + " events is not this archive's, or not signed");
    }
    return () -> new Period(from, to, signed, key);
  }

  /** Root over the first {@code treeSize} events. */
  public Hash root(long treeSize) {
    return MerkleProofs.root(within(treeSize), hashes);
  }

  /** Proof that event {@code at} is in the tree of {@code treeSize}, leaf to root; O(log n). */
  public List<Hash> inclusionProof(long at, long treeSize) {
    return MerkleProofs.inclusion(at, within(treeSize), hashes);
  }

  /**
   * Proofs for many events of one tree, quicker if neighbours are asked for one after another. For
   * one thread.
   */
  public LongFunction<List<Hash>> inclusionProofs(long treeSize) {
    within(treeSize);
    SubtreeHashes recent = new RecentHashes(hashes);
    return at -> MerkleProofs.inclusion(at, treeSize, recent);
  }

  /** Proof that the tree of {@code to} continues the one of {@code from}; O(log n). */
  public List<Hash> consistencyProof(long from, long to) {
    return MerkleProofs.consistency(from, within(to), hashes);
  }

  /**
   * The newest {@code max} checkpoints over fewer than {@code below} events of the snapshot, oldest
   * first. Only the end of their file is read.
   */
  public List<Checkpoint> checkpoints(long below, int max) {
    return CheckpointFile.newest(layout.checkpoints(), Math.min(below, size() + 1), max);
  }

  /** The newest checkpoint over events of the snapshot. */
  public Optional<Checkpoint> checkpoint() {
    return checkpoints(size() + 1, 1).stream().findFirst();
  }

  private long within(long treeSize) {
    if (treeSize < 0 || treeSize > size()) {
      throw new IllegalArgumentException("tree of " + treeSize + " in an archive of " + size());
    }
    return treeSize;
  }

  private ArchivedEvent load(long at, IndexFile.Entry entry, SubtreeHashes leaves)
      throws IOException {
    FileChannel file = segment;
    if (file == null || openSegment != entry.segment()) {
      if (file != null) {
        file.close();
        segment = null;
      }
      if (!Files.exists(layout.segment(entry.segment()))) {
        throw notArchived(at, entry);
      }
      file = FileChannel.open(layout.segment(entry.segment()), StandardOpenOption.READ);
      segment = file;
      openSegment = entry.segment();
    }
    Frame frame = Frame.read(file, entry.position(), file.size());
    if (frame == null
        || frame.type() != Frame.EVENT
        || !Hash.leaf(frame.payload()).equals(leaves.subtree(0, at))) {
      throw notArchived(at, entry);
    }
    return new ArchivedEvent(at, AuditEventCodec.decodeArchived(frame.payload()), frame.payload());
  }

  private SwornException notArchived(long at, IndexFile.Entry entry) {
    return new SwornException(
        ErrorCode.INTEGRITY,
        layout.segment(entry.segment())
            + " at "
            + entry.position()
            + ": event "
            + at
            + " ("
            + entry.id()
            + ") is not what was archived; if only "
            + layout.index().getFileName()
            + " or "
            + layout.hashes().getFileName()
            + " is damaged, starting the writer on this archive makes both anew");
  }

  /** Closes the files; may be called twice. */
  @Override
  public synchronized void close() {
    try (FileChannel file = segment;
        hashes;
        index) {
      segment = null;
    } catch (IOException e) {
      throw layout.failed(e);
    }
  }

  private synchronized ArchivedEvent read(long at, IndexFile.Entry entry, SubtreeHashes leaves) {
    try {
      return load(at, entry, leaves);
    } catch (IOException e) {
      throw layout.failed(e);
    }
  }

  /** Walks the index in windows. */
  private final class Events implements Iterator<ArchivedEvent> {
    private final long to;
    private final SubtreeHashes leaves;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long at;

    Events(long from, long to, SubtreeHashes leaves) {
      this.leaves = leaves;
      this.at = from;
      this.to = to;
    }

    @Override
    public boolean hasNext() {
      return at < to;
    }

    @Override
    public ArchivedEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (!window.hasRemaining()) {
        window = index.window(at, (int) Math.min(WINDOW_ENTRIES, to - at));
      }
      ArchivedEvent event = read(at, IndexFile.decode(window), leaves);
      at++;
      return event;
    }
  }

  /** Walks the index, hashing it as far as it is signed, and finds the events of a period. */
  private final class Period implements Iterator<ArchivedEvent> {
    private final long low;
    private final long high;
    private final long size;
    private final SubtreeHashes proved;
    private final @Nullable IndexNote note;
    private final long noted;
    private final MessageDigest digest = Sha256.digest();
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long at;
    private @Nullable ArchivedEvent found;

    Period(Instant from, Instant to, Checkpoint signed, VerifierKey key) {
      low = IndexFile.micros(from);
      high = IndexFile.micros(to);
      size = signed.size();
      proved = new ProvedHashes(hashes, size, signed.root());
      note = IndexNote.read(layout.indexNote(), key).orElse(null);
      noted = note == null ? 0 : note.size();
      index.expect(Math.max(size, noted));
    }

    @Override
    public boolean hasNext() {
      while (found == null && at < Math.max(size, noted)) {
        if (!window.hasRemaining()) {
          long end = at < noted ? noted : size;
          window = index.window(at, (int) Math.min(WINDOW_ENTRIES, end - at));
          if (at < noted) {
            digest.update(window.duplicate());
          }
        }
        IndexFile.Entry entry = IndexFile.decode(window);
        if (at < size && (at >= noted || within(entry.micros()))) {
          ArchivedEvent event = read(at, entry, proved);
          if (IndexFile.micros(event.event().time()) != entry.micros()) {
            throw disagrees("its time of event " + at + " is not the event's");
          }
          found = within(entry.micros()) ? event : null;
        }
        at++;
        if (at == noted) {
          check();
        }
      }
      return found != null;
    }

    private boolean within(long micros) {
      return micros >= low && micros < high;
    }

    private void check() {
      if (note != null && !note.index().equals(Hash.wrap(digest.digest()))) {
        throw disagrees("its first " + noted + " entries are not those that were signed");
      }
    }

    private SwornException disagrees(String how) {
      return new SwornException(
          ErrorCode.INTEGRITY,
          layout.index()
              + ": "
              + how
              + "; starting the writer on this archive makes the index anew from the segments");
    }

    @Override
    public ArchivedEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      ArchivedEvent event = found;
      found = null;
      if (event == null) {
        throw new NoSuchElementException();
      }
      return event;
    }
  }
}
