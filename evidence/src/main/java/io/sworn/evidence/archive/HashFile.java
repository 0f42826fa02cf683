package io.sworn.evidence.archive;

import io.sworn.evidence.Hash;
import io.sworn.evidence.SubtreeHashes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * The hashes of all complete subtrees in one append-only file: each leaf is followed by the
 * subtrees that it completes, so {@code n} leaves take {@code 2n - bitCount(n)} hashes and every
 * subtree has a computable place. Holds nothing that the segments could not rebuild.
 */
final class HashFile implements SubtreeHashes, AutoCloseable {

  private final SideFile file;
  private final long first;

  HashFile(Path path, OpenOption... options) {
    this(path, 0, options);
  }

  /** A file that begins with what the leaf {@code first} completed. */
  HashFile(Path path, long first, OpenOption... options) {
    this.file = new SideFile(path, options);
    this.first = first;
  }

  private long position(long leaf) {
    return bytes(leaf) - bytes(first);
  }

  static long bytes(long leaves) {
    return Hash.SIZE * (2 * leaves - Long.bitCount(leaves));
  }

  long length() throws IOException {
    return file.length();
  }

  void force() throws IOException {
    file.force();
  }

  void truncate(long leaves) throws IOException {
    file.truncate(position(leaves));
  }

  /** Writes what the leaves from {@code leaf} on completed. */
  void append(long leaf, byte[] hashes) throws IOException {
    file.write(ByteBuffer.wrap(hashes), position(leaf));
  }

  /** What the leaves {@code [from, to)} completed, as {@link #append} took it. */
  byte[] window(long from, long to) {
    ByteBuffer buffer = ByteBuffer.allocate((int) (bytes(to) - bytes(from)));
    file.read(buffer, position(from));
    return buffer.array();
  }

  @Override
  public Hash subtree(int level, long index) {
    long leaf = ((index + 1) << level) - 1;
    ByteBuffer buffer = ByteBuffer.allocate(Hash.SIZE);
    file.read(buffer, position(leaf) + (long) Hash.SIZE * level);
    return Hash.wrap(buffer.array());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
