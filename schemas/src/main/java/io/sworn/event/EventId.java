package io.sworn.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Identity of an audit event: 16 bytes that depend on trail and sequence alone, so the same event
 * has the same id wherever, whenever and however often it is read.
 *
 * <p>The bytes are the first 16 of {@code SHA-256(trail in UTF-8, 0x00, sequence in 8 bytes
 * big-endian)}. Text form: 32 lower-case hexadecimal digits.
 */
public record EventId(long high, long low) implements Comparable<EventId> {

  /** Length in bytes. */
  public static final int SIZE = 16;

  /** The id of the event at {@code sequence} in {@code trail}. */
  public static EventId of(String trail, long sequence) {
    MessageDigest sha256 = Sha256.digest();
    sha256.update(trail.getBytes(StandardCharsets.UTF_8));
    sha256.update((byte) 0);
    sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(sequence).array());
    return fromBytes(sha256.digest());
  }

  /** Reads the first 16 bytes of {@code bytes}. */
  public static EventId fromBytes(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, SIZE);
    return new EventId(buffer.getLong(), buffer.getLong());
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if {@code hex} is not 32 hexadecimal digits
   */
  public static EventId parse(String hex) {
    if (hex.length() != 2 * SIZE) {
      throw new IllegalArgumentException("event id: 32 hexadecimal digits expected, got " + hex);
    }
    return fromBytes(HexFormat.of().parseHex(hex));
  }

  /** The 16 bytes, a fresh array. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(SIZE).putLong(high).putLong(low).array();
  }

  @Override
  public int compareTo(EventId other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
