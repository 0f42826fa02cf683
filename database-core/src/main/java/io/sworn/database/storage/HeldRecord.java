package io.sworn.database.storage;

/** Bytes that belong to a commit, under a number that grows by one from record to record. */
public final class HeldRecord {

  private final long sequence;
  private final byte[] bytes;

  /** A record; the bytes are not copied. */
  public HeldRecord(long sequence, byte[] bytes) {
    this.sequence = sequence;
    this.bytes = bytes;
  }

  /** Its number. */
  public long sequence() {
    return sequence;
  }

  /** Its bytes, not copied. */
  public byte[] bytes() {
    return bytes;
  }
}
