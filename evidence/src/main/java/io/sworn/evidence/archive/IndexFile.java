package io.sworn.evidence.archive;

import io.sworn.event.AuditEvent;
import io.sworn.event.EventId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Where each event stands, 32 bytes per event: {@code segment(4) position(4) time-micros(8)
 * id(16)}. Holds nothing that the segments could not rebuild.
 */
final class IndexFile implements AutoCloseable {

  static final int ENTRY_BYTES = 32;
  private static final int WINDOW_ENTRIES = 32_768;
  private static final int HINT_ENTRIES = 64;

  private final SideFile file;
  private long hint;

  IndexFile(Path path, OpenOption... options) {
    file = new SideFile(path, options);
  }

  /** One event's place. */
  record Entry(int segment, long position, long micros, EventId id) {}

  static void encode(int segment, long position, AuditEvent event, ByteBuffer out) {
    out.putInt(segment).putInt((int) position).putLong(micros(event.time()));
    out.put(event.id().toBytes());
  }

  static long micros(java.time.Instant time) {
    return TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + time.getNano() / 1000;
  }

  long entries() throws IOException {
    return file.length() / ENTRY_BYTES;
  }

  /** Refuses a file of fewer than {@code entries}. */
  void expect(long entries) {
    file.expect(entries * ENTRY_BYTES);
  }

  void force() throws IOException {
    file.force();
  }

  void truncate(long entries) throws IOException {
    file.truncate(entries * ENTRY_BYTES);
  }

  void append(long index, ByteBuffer entries) throws IOException {
    file.write(entries, index * ENTRY_BYTES);
  }

  Entry read(long index) {
    return decode(window(index, 1));
  }

  /** Reads {@code count} entries from {@code index} on. */
  ByteBuffer window(long index, int count) {
    ByteBuffer buffer = ByteBuffer.allocate(count * ENTRY_BYTES);
    file.read(buffer, index * ENTRY_BYTES);
    return buffer.flip();
  }

  static Entry decode(ByteBuffer in) {
    int segment = in.getInt();
    long position = Integer.toUnsignedLong(in.getInt());
    long micros = in.getLong();
    byte[] id = new byte[EventId.SIZE];
    in.get(id);
    return new Entry(segment, position, micros, EventId.fromBytes(id));
  }

  /**
   * Index of an event among the first {@code size}, or -1. Resent events come in their old order,
   * so the places after the last find are tried first, then everything from the newest backwards.
   */
  long find(EventId id, long size) {
    long near = scan(id, hint, Math.min(size, hint + HINT_ENTRIES));
    for (long end = size; near < 0 && end > 0; end -= WINDOW_ENTRIES) {
      near = scan(id, Math.max(0, end - WINDOW_ENTRIES), end);
    }
    if (near >= 0) {
      hint = near;
    }
    return near;
  }

  private long scan(EventId id, long from, long to) {
    if (from >= to) {
      return -1;
    }
    ByteBuffer window = window(from, (int) (to - from));
    for (long i = from; i < to; i++) {
      if (decode(window).id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
