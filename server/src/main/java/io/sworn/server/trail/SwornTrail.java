package io.sworn.server.trail;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventKind;
import io.sworn.event.LocalFiles;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.server.identity.OwnerOnly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The audit trail of Sworn itself: who ran a report, looked at one, changed a filter. An event is
 * on disk before the thing is done. One file an event, because these are few, and because commands
 * beside a running instance write here too; a lock on a file orders them all. Safe for any thread
 * and process.
 *
 * <p>{@code id} names the trail. {@code N.event} waits to be sent, {@code N.sent} is acknowledged;
 * the newest file is never removed, so that the next number follows from the names alone.
 */
public final class SwornTrail {

  /** More events than these wait for Kafka: nothing that would have to be audited is done. */
  static final int PENDING_MAX = 10_000;

  private static final ConcurrentMap<Path, Object> MONITORS = new ConcurrentHashMap<>();
  private static final Pattern FILE = Pattern.compile("(\\d{19})\\.(event|sent)");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");

  private final Path directory;
  private final Object monitor;
  private final Clock clock;
  private final String name;

  private SwornTrail(Path directory, Clock clock) {
    this.directory = OwnerOnly.directory(directory).toAbsolutePath().normalize();
    this.monitor = MONITORS.computeIfAbsent(this.directory, path -> new Object());
    this.clock = clock;
    this.name = "sworn/" + locked(this::identity);
  }

  /**
   * Opens or creates the trail of a data directory.
   *
   * @throws SwornException with {@link ErrorCode#STORAGE} if the disk fails, {@link
   *     ErrorCode#INTEGRITY} if it is not as it was written
   */
  public static SwornTrail open(Path data) {
    return open(data, Clock.systemUTC());
  }

  static SwornTrail open(Path data, Clock clock) {
    return new SwornTrail(data.resolve("trail"), clock);
  }

  /** Name of the trail. */
  public String name() {
    return name;
  }

  /**
   * Puts on record what is about to be done; it is on disk when this returns, and whoever calls
   * does it only then.
   *
   * @throws SwornException with {@link ErrorCode#STORAGE} if the disk fails or too many wait
   */
  public AuditEvent append(Actor actor, TrailEntry entry) {
    AuditEvent event =
        locked(
            () -> {
              SortedMap<Long, String> files = files();
              if (files.values().stream().filter(kind -> kind.equals("event")).count()
                  >= PENDING_MAX) {
                throw new SwornException(
                    ErrorCode.STORAGE,
                    directory
                        + ": "
                        + PENDING_MAX
                        + " events of Sworn's own wait for Kafka, no more are taken: see why it"
                        + " does not answer");
              }
              long sequence = files.isEmpty() ? 1 : files.lastKey() + 1;
              AuditEvent next = event(actor, entry, sequence);
              write(file(sequence, "event"), AuditEventCodec.encode(next));
              return next;
            });
    synchronized (monitor) {
      monitor.notifyAll();
    }
    return event;
  }

  private AuditEvent event(Actor actor, TrailEntry entry, long sequence) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return AuditEvent.builder(SourcePosition.at(name, sequence), EventKind.SWORN, entry.type())
        .time(now)
        .observed(now)
        .session(actor.session())
        .local(actor.local())
        .remote(actor.remote())
        .users(actor.users())
        .param(BsonBytes.of(entry.param()))
        .result(entry.result())
        .build();
  }

  /** Number of the newest event, 0 if there is none. */
  public long lastSequence() {
    try {
      SortedMap<Long, String> files = files();
      return files.isEmpty() ? 0 : files.lastKey();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The oldest events that wait, encoded, by number; all of them are durable. */
  SortedMap<Long, byte[]> pending(int max) {
    return locked(
        () -> {
          SortedMap<Long, byte[]> pending = new TreeMap<>();
          for (var entry : files().entrySet()) {
            if (entry.getValue().equals("event") && pending.size() < max) {
              pending.put(entry.getKey(), Files.readAllBytes(file(entry.getKey(), "event")));
            }
          }
          if (!pending.isEmpty()) {
            // A name that a crash could take back would be given to another event after it.
            syncDirectory();
          }
          return pending;
        });
  }

  /** Kafka has acknowledged everything up to {@code sequence}. */
  void sent(long sequence) {
    locked(
        () -> {
          SortedMap<Long, String> files = files();
          for (var entry : files.entrySet()) {
            long number = entry.getKey();
            if (number > sequence) {
              continue;
            }
            if (number < files.lastKey()) {
              Files.deleteIfExists(file(number, entry.getValue()));
            } else if (entry.getValue().equals("event")) {
              Files.move(
                  file(number, "event"), file(number, "sent"), StandardCopyOption.ATOMIC_MOVE);
            }
          }
          return true;
        });
    synchronized (monitor) {
      monitor.notifyAll();
    }
  }

  /** Waits for an event or an acknowledgement of this process, at most so long. */
  void await(long millis) throws InterruptedException {
    synchronized (monitor) {
      monitor.wait(millis);
    }
  }

  private String identity() throws IOException {
    Path file = directory.resolve("id");
    if (!Files.exists(file)) {
      if (!files().isEmpty()) {
        throw new SwornException(
            ErrorCode.INTEGRITY, file + " is missing beside events: restore it from a copy");
      }
      byte[] random = new byte[4];
      new SecureRandom().nextBytes(random);
      write(file, HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII));
    }
    String id = Files.readString(file, StandardCharsets.US_ASCII);
    if (!ID.matcher(id).matches()) {
      throw new SwornException(
          ErrorCode.INTEGRITY, file + ": got '" + id + "', expected 8 hexadecimal digits");
    }
    return id;
  }

  /** Kind of file by number, ascending. */
  private SortedMap<Long, String> files() throws IOException {
    SortedMap<Long, String> files = new TreeMap<>();
    try (Stream<Path> names = Files.list(directory)) {
      List<Path> all = new ArrayList<>(names.toList());
      for (Path path : all) {
        Matcher matcher = FILE.matcher(String.valueOf(path.getFileName()));
        if (matcher.matches()) {
          files.put(Long.parseLong(matcher.group(1)), matcher.group(2));
        }
      }
    }
    return files;
  }

  private Path file(long sequence, String kind) {
    return directory.resolve(String.format("%019d.%s", sequence, kind));
  }

  /** The whole file under its name, or nothing of it; durable when it returns. */
  private void write(Path file, byte[] bytes) throws IOException {
    Path fresh = directory.resolve("new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        out.write(left);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory();
  }

  private void syncDirectory() throws IOException {
    try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
      self.force(true);
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T locked(Work<T> work) {
    synchronized (monitor) {
      try (FileChannel lock =
              FileChannel.open(
                  directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = lock.lock()) {
        if (!held.isValid()) {
          throw new IllegalStateException("a lock that was just taken is valid");
        }
        return work.run();
      } catch (NoSuchFileException e) {
        throw new SwornException(
            ErrorCode.STORAGE,
            directory
                + ": a file went away while it was locked: "
                + LocalFiles.reason(e, directory),
            e);
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  private SwornException failed(IOException e) {
    return new SwornException(
        ErrorCode.STORAGE, "trail " + directory + ": " + LocalFiles.reason(e, directory), e);
  }
}
