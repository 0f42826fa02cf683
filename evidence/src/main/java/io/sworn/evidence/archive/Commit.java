package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Hash;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What stands after a batch: the batch counts only if this frame is whole. */
record Commit(
    long batchStart,
    long size,
    Hash root,
    long duplicates,
    long conflicts,
    long unreadable,
    String source,
    SortedMap<Integer, Long> offsets) {

  byte[] encode() {
    byte[] name = source.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(5 * 8 + Hash.SIZE + 8 + name.length + 12 * offsets.size());
    out.putLong(batchStart).putLong(size).put(root.toBytes());
    out.putLong(duplicates).putLong(conflicts).putLong(unreadable);
    out.putInt(name.length).put(name).putInt(offsets.size());
    for (Map.Entry<Integer, Long> offset : offsets.entrySet()) {
      out.putInt(offset.getKey()).putLong(offset.getValue());
    }
    return out.array();
  }

  /**
   * Reads a frame's payload.
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if it is damaged
   */
  static Commit decode(byte[] payload) {
    try {
      return read(ByteBuffer.wrap(payload));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new SwornException(ErrorCode.INTEGRITY, "archive: the end of a batch is damaged", e);
    }
  }

  private static Commit read(ByteBuffer in) {
    long batchStart = in.getLong();
    long size = in.getLong();
    byte[] root = new byte[Hash.SIZE];
    in.get(root);
    long duplicates = in.getLong();
    long conflicts = in.getLong();
    long unreadable = in.getLong();
    byte[] name = new byte[count(in, 1)];
    in.get(name);
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    for (int n = count(in, 12); n > 0; n--) {
      offsets.put(in.getInt(), in.getLong());
    }
    return new Commit(
        batchStart,
        size,
        Hash.wrap(root),
        duplicates,
        conflicts,
        unreadable,
        new String(name, StandardCharsets.UTF_8),
        offsets);
  }

  private static int count(ByteBuffer in, int bytesEach) {
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / bytesEach) {
      throw new IllegalArgumentException("a count of " + count);
    }
    return count;
  }
}
