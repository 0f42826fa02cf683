package io.sworn.evidence.archive;

/** One record of {@code audit.events} with its coordinates. The bytes are not copied. */
public final class ArchiveRecord {

  private final int partition;
  private final long offset;
  private final byte[] bytes;

  /** A record; the caller does not change {@code bytes} afterwards. */
  public ArchiveRecord(int partition, long offset, byte[] bytes) {
    this.partition = partition;
    this.offset = offset;
    this.bytes = bytes;
  }

  /** Partition that it was read from. */
  public int partition() {
    return partition;
  }

  /** Offset in the partition. */
  public long offset() {
    return offset;
  }

  /** The value of the record: the leaf of the tree. */
  public byte[] bytes() {
    return bytes;
  }
}
