package io.sworn.database.auditing;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.ByteBuffer;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every audit event of this server in the order in which it was appended, on disk before anybody is
 * answered. Safe for any thread. A journal is a trail: {@code <server name>/<8 hexadecimal
 * digits>}, sequences from 1 without holes.
 */
public final class AuditJournal implements AutoCloseable {

  /** Longest encoded event; a longer one travels with its parameters shortened. */
  public static final int EVENT_BYTES_MAX = 1_000_000;

  private static final Logger log = LoggerFactory.getLogger(AuditJournal.class);
  private static final long SEGMENT_BYTES_MAX = 16L << 20;
  private static final int READ_BYTES = 1 << 20;

  private final Path directory;
  private final byte[] key;
  private final long bytesMax;
  private final long segmentBytes;
  private final FileChannel lockFile;
  private final String trail;
  private final int id;
  private final List<JournalSegment> segments = new ArrayList<>();
  private FileChannel active;
  private List<byte[]> pending = new ArrayList<>();
  private @Nullable Integer recoveredId;
  private long last;
  private long durable;
  private long shipped;
  private long bytes;
  private long activeBytes;
  private boolean writing;
  private boolean closed;
  private @Nullable Exception failure;

  private AuditJournal(Path directory, String serverName, byte[] key, long bytesMax)
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
      recover();
      Integer known = recoveredId;
      id = known == null ? new SecureRandom().nextInt() : known;
      trail = trailName(serverName);
      // Segments leave only after their events were acknowledged.
      shipped = Math.max(readShipped(), segments.isEmpty() ? last : segments.get(0).first - 1);
      durable = last;
      JournalSegment fresh = JournalSegment.create(directory, id, last + 1, this.key);
      syncDirectory();
      segments.add(fresh);
      active = FileChannel.open(fresh.path, StandardOpenOption.APPEND);
      activeBytes = JournalSegment.HEADER_BYTES;
      bytes += activeBytes;
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
   * @throws SwornException if a segment is damaged before its end, or the journal is in use
   */
  public static AuditJournal open(Path directory, String serverName, byte[] key, long bytesMax) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return new AuditJournal(directory, serverName, key, bytesMax);
    } catch (IOException e) {
      throw new SwornException(ErrorCode.STORAGE, directory + ": cannot open the journal: " + e, e);
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
      writeAtomically(file, serverName + suffix);
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

  private void recover() throws IOException {
    List<Path> files;
    try (Stream<Path> listing = Files.list(directory)) {
      files = listing.filter(p -> p.toString().endsWith(".journal")).sorted().toList();
    }
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      boolean newest = i == files.size() - 1;
      JournalSegment segment = JournalSegment.read(file, key);
      boolean stranger = recoveredId != null && recoveredId != segment.journal;
      recoveredId = segment.journal;
      if (!segments.isEmpty() && (segment.first != last + 1 || stranger)) {
        throw new SwornException(
            ErrorCode.INTEGRITY,
            file + ": begins at event " + segment.first + " where " + (last + 1) + " is expected");
      }
      last = segment.first - 1;
      recover(segment, newest);
      if (last >= segment.first) { // without events: a fresh one takes its place and name
        segments.add(segment);
        bytes += Files.size(file);
      }
    }
  }

  private void recover(JournalSegment segment, boolean newest) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(segment.path));
    all.position(JournalSegment.HEADER_BYTES);
    while (all.hasRemaining()) {
      int length = JournalSegment.soundFrame(all, last + 1);
      if (length < 0) {
        int at = all.position();
        if (!newest || soundFrameFollows(all, last + 2)) {
          throw new SwornException(
              ErrorCode.INTEGRITY,
              segment.path + ": damaged at byte " + at + " (event " + (last + 1) + ")");
        }
        setAside(segment.path, at);
        return;
      }
      segment.open(all, all.position());
      all.position(all.position() + length);
      last++;
    }
  }

  /** A torn write is at the very end; a sound later frame means that the middle is damaged. */
  private static boolean soundFrameFollows(ByteBuffer from, long sequence) {
    ByteBuffer rest = from.duplicate();
    int end = rest.limit() - JournalSegment.FRAME_HEADER_BYTES;
    for (int at = from.position() + 1; at <= end; at++) {
      long found = rest.getLong(at + 4);
      if (found >= sequence && found < sequence + READ_BYTES) {
        rest.position(at);
        if (JournalSegment.soundFrame(rest, found) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private void setAside(Path file, long from) throws IOException {
    byte[] all = Files.readAllBytes(file);
    Path torn = file.resolveSibling(file.getFileName() + "." + System.nanoTime() + ".torn");
    Files.write(torn, java.util.Arrays.copyOfRange(all, (int) from, all.length));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(from);
      channel.force(true);
    }
    log.warn("{}: {} bytes of a torn write set aside in {}", file, all.length - from, torn);
  }

  /**
   * Assigns the next sequence to an event and buffers it. It is not durable until {@link #sync}.
   *
   * @return its sequence
   * @throws JournalFullException if the limit is reached: refuse the command
   * @throws SwornException if an earlier write failed: refuse every command
   */
  public synchronized long append(AuditDraft draft) {
    healthy();
    byte[] event = encode(draft, last + 1, draft.param());
    if (event.length > EVENT_BYTES_MAX) {
      event = encode(draft, last + 1, shortened(draft.param()));
    }
    if (bytes + event.length > bytesMax) {
      throw new JournalFullException(
          "the audit journal holds "
              + bytes
              + " bytes, its limit is "
              + bytesMax
              + ": bring Kafka back or raise the limit");
    }
    pending.add(event);
    bytes += event.length + JournalSegment.OVERHEAD_BYTES;
    return ++last;
  }

  private byte[] encode(AuditDraft draft, long sequence, BsonDocument param) {
    AuditEvent.Builder builder =
        AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.DATABASE, draft.type())
            .time(draft.time())
            .observed(Instant.now())
            .session(draft.session())
            .local(draft.local())
            .remote(draft.remote())
            .users(draft.users())
            .roles(draft.roles())
            .command(text(param, "command"))
            .namespace(text(param, param.containsKey("ns") ? "ns" : "old"))
            .param(BsonBytes.of(param))
            .result(draft.result())
            .client(draft.client());
    return AuditEventCodec.encode(builder.build());
  }

  private static @Nullable String text(BsonDocument param, String name) {
    BsonValue value = param.get(name);
    return value != null && value.isString() ? value.asString().getValue() : null;
  }

  private static BsonDocument shortened(BsonDocument param) {
    BsonDocument result = new BsonDocument();
    param.forEach(
        (name, value) -> {
          int size = BsonBytes.of(new BsonDocument("v", value)).size();
          result.put(
              name,
              size <= 16_384 ? value : new BsonDocument("shortenedBytes", new BsonInt32(size)));
        });
    return result;
  }

  /** Returns when everything up to {@code sequence} is on disk; concurrent callers share fsyncs. */
  public void sync(long sequence) {
    while (true) {
      List<byte[]> batch;
      long upTo;
      synchronized (this) {
        awaitWriter(sequence);
        if (durable >= sequence) {
          return;
        }
        healthy();
        writing = true;
        batch = pending;
        pending = new ArrayList<>();
        upTo = last;
      }
      write(batch, upTo);
    }
  }

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

  private void write(List<byte[]> batch, long upTo) {
    try {
      JournalSegment segment;
      synchronized (this) {
        segment = segments.get(segments.size() - 1);
      }
      long sequence = upTo - batch.size();
      for (byte[] event : batch) {
        ByteBuffer frame = ByteBuffer.wrap(segment.frame(++sequence, event));
        activeBytes += frame.remaining();
        while (frame.hasRemaining()) {
          active.write(frame);
        }
      }
      active.force(false);
      synchronized (this) {
        durable = upTo;
        if (activeBytes > segmentBytes) {
          roll(upTo + 1);
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

  /** Durable events from {@code sequence} on, at most about a mebibyte; empty if there are none. */
  List<byte[]> read(long sequence) {
    JournalSegment segment = null;
    long end;
    synchronized (this) {
      end = durable;
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
    try {
      return read(segment, sequence, end);
    } catch (IOException e) {
      throw new SwornException(ErrorCode.STORAGE, segment.path + ": cannot be read: " + e, e);
    }
  }

  private JournalCursor cursor = new JournalCursor(0, 0);

  private record JournalCursor(long sequence, long offset) {}

  private List<byte[]> read(JournalSegment segment, long sequence, long end) throws IOException {
    List<byte[]> events = new ArrayList<>();
    boolean continues = cursor.sequence == sequence && sequence > segment.first;
    long next = continues ? sequence : segment.first;
    long offset = continues ? cursor.offset : JournalSegment.HEADER_BYTES;
    try (FileChannel file = FileChannel.open(segment.path, StandardOpenOption.READ)) {
      long size = file.size();
      long read = 0;
      while (next <= end && offset < size && read < READ_BYTES) {
        ByteBuffer head = readAt(file, offset, JournalSegment.FRAME_HEADER_BYTES);
        int length = JournalSegment.FRAME_HEADER_BYTES + head.getInt(0);
        if (next >= sequence) {
          ByteBuffer frame = readAt(file, offset, length);
          if (JournalSegment.soundFrame(frame, next) < 0) {
            throw new SwornException(
                ErrorCode.INTEGRITY, segment.path + ": event " + next + " is damaged");
          }
          events.add(segment.open(frame, 0));
          read += length;
        }
        offset += length;
        next++;
      }
    }
    cursor = new JournalCursor(next, offset);
    return events;
  }

  private static ByteBuffer readAt(FileChannel file, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) >= 0) {
      // until complete or the file ends
    }
    if (buffer.hasRemaining()) {
      throw new IOException("ends at " + offset + " inside an event");
    }
    return buffer.flip();
  }

  /** Notes that Kafka has everything up to {@code sequence}, and lets go of whole segments. */
  synchronized void shipped(long sequence) {
    if (closed || sequence <= shipped) {
      return;
    }
    shipped = sequence;
    try {
      writeAtomically(directory.resolve("shipped"), Long.toString(sequence));
      dropShipped();
    } catch (IOException e) {
      // Not fatal: after a restart these events are sent again and dropped as duplicates.
      log.warn("cannot note the shipped position {}", sequence, e);
    }
    notifyAll();
  }

  private void dropShipped() throws IOException {
    while (segments.size() > 1 && segments.get(1).first <= shipped + 1) {
      JournalSegment done = segments.remove(0);
      bytes -= Files.size(done.path);
      Files.delete(done.path);
    }
  }

  private void writeAtomically(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
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
