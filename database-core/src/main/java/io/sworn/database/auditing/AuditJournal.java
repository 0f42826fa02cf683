package io.sworn.database.auditing;

import io.sworn.database.engine.CommitRecords;
import io.sworn.database.storage.HeldRecord;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every audit event of this server in the order in which it was appended, durable before anybody is
 * answered. Safe for any thread. A journal is a trail: {@code <server name>/<8 hexadecimal
 * digits>}, sequences from 1 without holes.
 *
 * <p>An event becomes durable in one of two ways, and one fsync is enough for each: {@link #sync}
 * writes it to a segment and fsyncs that; or the store takes it along in the commit of a change
 * ({@link CommitRecords}), then the segment gets it without haste, and the store holds it until a
 * later fsync of the segment. What the store held when the machine stopped is appended again when
 * the journal opens.
 */
public final class AuditJournal implements CommitRecords, AutoCloseable {

  /** Longest encoded event; a longer one travels with its parameters shortened. */
  public static final int EVENT_BYTES_MAX = 1_000_000;

  /** By which a place late in the trail can be longer than the first. */
  private static final int PLACE_BYTES = 18;

  private static final Logger log = LoggerFactory.getLogger(AuditJournal.class);
  private static final long SEGMENT_BYTES_MAX = 16L << 20;

  /** More than this in memory only is written to the segment by whoever committed it. */
  private static final long UNWRITTEN_BYTES_MAX = 1 << 20;

  /** More than this held by the store is fsynced by whoever committed it. */
  private static final long UNFORCED_BYTES_MAX = 8 << 20;

  /** Durable events in memory for the shipper. */
  private static final long RECENT_BYTES_MAX = 2 << 20;

  private static final int READ_BYTES_MAX = 1 << 20;

  private static final long TIDY_NANOS = 1_000_000_000L;

  private final Path directory;
  private final byte[] key;
  private final long bytesMax;
  private final long segmentBytes;
  private final FileChannel lockFile;
  private final String trail;
  private final int id;
  private final List<JournalSegment> segments = new ArrayList<>();
  private final JournalReader reader = new JournalReader();
  private FileChannel active;

  /**
   * The events up to {@link #last} that are not both written and durable, and before them as many
   * as fit of those that are not shipped: so the shipper seldom reads and opens what was just
   * sealed.
   */
  private final Deque<HeldRecord> recent = new ArrayDeque<>();

  private long last;
  private long durable;
  private long written;
  private long forced;
  private long shipped;
  private long bytes;
  private long recentBytes;
  private long unwrittenBytes;
  private long unforcedBytes;
  private long activeBytes;
  private long forcedAt = System.nanoTime();
  private long progressAt;
  private long notedAt;
  private boolean writing;
  private boolean closed;
  private volatile @Nullable Exception failure;

  private AuditJournal(
      Path directory, String serverName, byte[] key, long bytesMax, List<HeldRecord> held)
      throws IOException {
    this.directory = directory;
    this.key = key.clone();
    this.bytesMax = bytesMax;
    segmentBytes = Math.min(SEGMENT_BYTES_MAX, bytesMax / 4);
    lockFile =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      lock(lockFile, directory);
      JournalRecovery found = JournalRecovery.of(directory, key, held);
      segments.addAll(found.segments);
      bytes = found.bytes;
      last = found.last;
      Integer known = found.journal;
      id = known == null ? new SecureRandom().nextInt() : known;
      trail = trailName(serverName);
      // Segments leave only after their events were acknowledged.
      shipped = Math.max(readShipped(), segments.isEmpty() ? last : segments.get(0).first - 1);
      written = last;
      forced = last;
      JournalSegment fresh = JournalSegment.create(directory, id, last + 1, this.key);
      syncDirectory();
      segments.add(fresh);
      active = FileChannel.open(fresh.path, StandardOpenOption.APPEND);
      activeBytes = JournalSegment.HEADER_BYTES;
      bytes += activeBytes;
      takeOver(held);
      durable = last;
      dropShipped();
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  /**
   * Opens or creates a journal.
   *
   * @param directory of its segments; created with owner-only permissions if missing
   * @param serverName first part of the trail of a new journal
   * @param key 32 random bytes; frames on disk are encrypted with keys derived from it
   * @param bytesMax limit of what waits for Kafka on disk; beyond it {@link #append} refuses
   * @param held what the store took along in its last commits, in order
   * @throws SwornException if a segment is damaged before its end, or the journal is in use
   */
  public static AuditJournal open(
      Path directory, String serverName, byte[] key, long bytesMax, List<HeldRecord> held) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return new AuditJournal(directory, serverName, key, bytesMax, held);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          directory + ": cannot open the journal: " + LocalFiles.reason(e, directory),
          e);
    }
  }

  private static void lock(FileChannel file, Path directory) throws IOException {
    FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new SwornException(ErrorCode.STORAGE, directory + ": the journal is in use");
    }
  }

  private String trailName(String serverName) throws IOException {
    Path file = directory.resolve("trail");
    String suffix = "/" + HexFormat.of().toHexDigits(id);
    if (!Files.exists(file) || !Files.readString(file).endsWith(suffix)) {
      writeAtomically(file, serverName + suffix, true);
    }
    String name = Files.readString(file);
    if (!name.startsWith(serverName + "/")) {
      log.warn("the journal keeps its trail {} although the server is now {}", name, serverName);
    }
    return name;
  }

  private long readShipped() throws IOException {
    Path file = directory.resolve("shipped");
    if (!Files.exists(file)) {
      return 0;
    }
    try {
      // A position beyond the end would make the shipper skip: never believe it.
      return Math.min(Long.parseLong(Files.readString(file).trim()), last);
    } catch (NumberFormatException e) {
      log.warn("{} is unreadable: everything in the journal is sent again", file);
      return 0;
    }
  }

  /** Appends what the store holds beyond the end of the segments. */
  private void takeOver(List<HeldRecord> held) {
    for (HeldRecord record : held) {
      String owner = AuditEventCodec.decode(record.bytes()).trail();
      if (!owner.equals(trail)) {
        // Their journal was taken away, and this is a new trail.
        log.error("the store holds event {} of the lost journal {}", record.sequence(), owner);
      } else if (record.sequence() > last + 1) {
        throw new SwornException(
            ErrorCode.INTEGRITY,
            directory
                + ": the journal ends at event "
                + last
                + ", but the store goes on with "
                + record.sequence()
                + ": put back the newest segments");
      } else if (record.sequence() == last + 1) {
        add(record.bytes());
      }
    }
  }

  /**
   * Assigns the next sequence to an event and buffers it. It is not durable until {@link #sync} or
   * the commit of a change.
   *
   * @return its sequence
   * @throws JournalFullException if the limit is reached: refuse the command
   * @throws SwornException if an earlier write failed: refuse every command
   */
  public long append(AuditDraft draft) {
    // What takes long is done before the lock, and only the place is filled in under it.
    return append(draft.encode(trail, 1, EVENT_BYTES_MAX - PLACE_BYTES));
  }

  private synchronized long append(byte[] unplaced) {
    healthy();
    byte[] event = AuditEventCodec.moved(unplaced, SourcePosition.at(trail, last + 1));
    if (bytes + event.length > bytesMax) {
      throw new JournalFullException(
          "the audit journal holds "
              + bytes
              + " bytes, its limit is "
              + bytesMax
              + ": bring Kafka back or raise the limit");
    }
    if (durable == last) {
      progressAt = System.nanoTime();
    }
    add(event);
    return last;
  }

  private void add(byte[] event) {
    recent.add(new HeldRecord(++last, event));
    recentBytes += event.length;
    unwrittenBytes += event.length;
    bytes += event.length + JournalSegment.OVERHEAD_BYTES;
  }

  /** Returns when everything up to {@code sequence} is durable; concurrent callers share fsyncs. */
  public void sync(long sequence) {
    while (true) {
      List<HeldRecord> batch;
      synchronized (this) {
        awaitWriter(sequence);
        if (durable >= sequence) {
          return;
        }
        healthy();
        writing = true;
        batch = unwritten(last);
      }
      write(batch, true);
    }
  }

  /** Waits while somebody writes, unless {@code sequence} is durable before. */
  private synchronized void awaitWriter(long sequence) {
    boolean interrupted = false;
    while (writing && durable < sequence) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // durability is not given up half way
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<HeldRecord> unwritten(long upTo) {
    return between(written, upTo);
  }

  private List<HeldRecord> between(long after, long upTo) {
    ArrayDeque<HeldRecord> found = new ArrayDeque<>();
    for (Iterator<HeldRecord> newest = recent.descendingIterator(); newest.hasNext(); ) {
      HeldRecord record = newest.next();
      if (record.sequence() <= after) {
        break;
      }
      if (record.sequence() <= upTo) {
        found.addFirst(record);
      }
    }
    return List.copyOf(found);
  }

  @Override
  public synchronized List<HeldRecord> pending() {
    healthy();
    return between(durable, last);
  }

  @Override
  public void durable(long upTo) {
    boolean much;
    boolean force;
    synchronized (this) {
      durable = Math.max(durable, upTo);
      progressAt = System.nanoTime();
      trim();
      notifyAll();
      force = unforcedBytes > UNFORCED_BYTES_MAX;
      much = unwrittenBytes > UNWRITTEN_BYTES_MAX;
    }
    if (much || force) {
      writeDurable(force);
    }
  }

  @Override
  public synchronized long releasable() {
    return forced;
  }

  /**
   * Writes to the segment what the store made durable, so that it can be {@link #read}; now and
   * then makes that durable too, and whatever was appended a while ago without anybody waiting.
   */
  void tidy() {
    boolean force;
    long forgotten;
    synchronized (this) {
      long now = System.nanoTime();
      force = forced < durable && now - forcedAt > TIDY_NANOS;
      forgotten = durable < last && now - progressAt > TIDY_NANOS ? last : 0;
    }
    writeDurable(force);
    if (forgotten > 0) {
      sync(forgotten);
    }
  }

  private void writeDurable(boolean force) {
    List<HeldRecord> batch;
    synchronized (this) {
      // Whoever writes at this moment leaves the rest to the next call.
      if (writing || closed || failure != null || (durable <= written && !force)) {
        return;
      }
      writing = true;
      batch = unwritten(durable);
    }
    write(batch, force);
  }

  private void write(List<HeldRecord> batch, boolean force) {
    try {
      JournalSegment segment;
      synchronized (this) {
        segment = segments.get(segments.size() - 1);
      }
      long size = writeFrames(segment, batch);
      boolean full = activeBytes + size > segmentBytes;
      boolean forcing = force || full; // a segment that is not the last one is whole
      if (forcing) {
        active.force(false);
      }
      synchronized (this) {
        settled(batch, forcing);
        activeBytes += size;
        if (full) {
          roll(written + 1);
        }
        writing = false;
        notifyAll();
      }
    } catch (IOException | RuntimeException e) {
      synchronized (this) {
        failure = e; // after a failed fsync nobody knows what is on disk: stop until restarted
        writing = false;
        notifyAll();
      }
      throw new SwornException(ErrorCode.STORAGE, "the audit journal cannot be written", e);
    }
  }

  private long writeFrames(JournalSegment segment, List<HeldRecord> batch) throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (HeldRecord record : batch) {
      frames.writeBytes(segment.frame(record.sequence(), record.bytes()));
    }
    ByteBuffer all = ByteBuffer.wrap(frames.toByteArray());
    while (all.hasRemaining()) {
      active.write(all);
    }
    return frames.size();
  }

  /** Moves the marks behind a batch that was written and maybe forced. */
  private void settled(List<HeldRecord> batch, boolean forcing) {
    for (HeldRecord record : batch) {
      written = record.sequence();
      unwrittenBytes -= record.bytes().length;
      unforcedBytes += record.bytes().length;
    }
    if (forcing) {
      forced = written;
      forcedAt = System.nanoTime();
      progressAt = forcedAt;
      unforcedBytes = 0;
      durable = Math.max(durable, forced);
    }
    trim();
  }

  private void trim() {
    long done = Math.min(written, durable);
    while (!recent.isEmpty()
        && recent.getFirst().sequence() <= done
        && (recent.getFirst().sequence() <= shipped || recentBytes > RECENT_BYTES_MAX)) {
      recentBytes -= recent.removeFirst().bytes().length;
    }
  }

  private void roll(long first) throws IOException {
    JournalSegment fresh = JournalSegment.create(directory, id, first, key);
    syncDirectory();
    active.close();
    active = FileChannel.open(fresh.path, StandardOpenOption.APPEND);
    segments.add(fresh);
    activeBytes = JournalSegment.HEADER_BYTES;
    bytes += activeBytes;
  }

  private void healthy() {
    if (closed || failure != null) {
      throw new SwornException(
          ErrorCode.STORAGE,
          closed ? "the audit journal is closed" : "the audit journal failed: " + failure);
    }
  }

  /**
   * Events from {@code sequence} on that are durable and in the segments, at most about a mebibyte;
   * empty if there are none. For one thread at a time.
   */
  List<byte[]> read(long sequence) {
    JournalSegment segment = null;
    long end;
    synchronized (this) {
      end = Math.min(durable, written);
      if (!recent.isEmpty() && recent.getFirst().sequence() <= sequence) {
        return inMemory(sequence, end);
      }
      for (JournalSegment candidate : segments) {
        if (candidate.first <= sequence) {
          segment = candidate;
        }
      }
    }
    if (sequence > end) {
      return List.of();
    }
    if (segment == null) {
      throw new SwornException(ErrorCode.INTEGRITY, "event " + sequence + " left the journal");
    }
    return reader.read(segment, sequence, end);
  }

  private List<byte[]> inMemory(long sequence, long end) {
    List<byte[]> events = new ArrayList<>();
    long size = 0;
    for (HeldRecord record : recent) {
      if (record.sequence() > end || size > READ_BYTES_MAX) {
        break;
      }
      if (record.sequence() >= sequence) {
        events.add(record.bytes());
        size += record.bytes().length;
      }
    }
    return events;
  }

  /**
   * Notes that Kafka has everything up to {@code sequence}, and lets go of whole segments. The note
   * on disk may lag by a second: after a crash events are sent again and dropped as duplicates.
   */
  void shipped(long sequence) {
    boolean note;
    synchronized (this) {
      if (closed || sequence <= shipped) {
        return;
      }
      shipped = sequence;
      trim();
      long now = System.nanoTime();
      note = now - notedAt > TIDY_NANOS;
      notedAt = note ? now : notedAt;
      try {
        dropShipped();
      } catch (IOException e) {
        log.warn("cannot remove a segment that was shipped", e);
      }
      notifyAll();
    }
    if (note) {
      noteShipped(sequence);
    }
  }

  private void noteShipped(long sequence) {
    try {
      writeAtomically(directory.resolve("shipped"), Long.toString(sequence), false);
    } catch (ClosedByInterruptException stopping) {
      return; // close() notes it
    } catch (IOException e) {
      log.warn("cannot note the shipped position {}", sequence, e);
    }
  }

  private void dropShipped() throws IOException {
    while (segments.size() > 1 && segments.get(1).first <= shipped + 1) {
      JournalSegment done = segments.remove(0);
      bytes -= Files.size(done.path);
      Files.delete(done.path);
    }
  }

  private static void writeAtomically(Path file, String text, boolean force) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      if (force) {
        channel.force(true);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Sequence of the event that was appended last, 0 before the first. */
  public synchronized long lastSequence() {
    return last;
  }

  /** Everything up to here was acknowledged by Kafka. */
  public synchronized long shippedSequence() {
    return shipped;
  }

  /** The trail of all events of this journal. */
  public String trail() {
    return trail;
  }

  /** Bytes on disk and in the buffer. */
  public synchronized long bytes() {
    return bytes;
  }

  /** Syncs and closes. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    try {
      if (failure == null) {
        sync(lastSequence());
        writeDurable(true);
        noteShipped(shippedSequence());
      }
    } finally {
      synchronized (this) {
        closed = true;
        try {
          active.close();
          lockFile.close();
        } catch (IOException e) {
          log.warn("closing the journal", e);
        }
      }
    }
  }
}
