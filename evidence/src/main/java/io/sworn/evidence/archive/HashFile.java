package io.sworn.evidence.archive;

import io.sworn.evidence.Hash;
import io.sworn.evidence.SubtreeHashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * The hashes of all complete subtrees in one append-only file: each leaf is followed by the
 * subtrees that it completes, so {@code n} leaves take {@code 2n - bitCount(n)} hashes and every
 * subtree has a computable place. Holds nothing that the segments could not rebuild.
 */
final class HashFile implements SubtreeHashes, AutoCloseable {

  private final FileChannel file;

  HashFile(Path path, OpenOption... options) throws IOException {
    file = FileChannel.open(path, options);
  }

  static long bytes(long leaves) {
    return Hash.SIZE * (2 * leaves - Long.bitCount(leaves));
  }

  long length() throws IOException {
    return file.size();
  }

  void force() throws IOException {
    file.force(false);
  }

  void truncate(long leaves) throws IOException {
    file.truncate(bytes(leaves));
  }

  /** Writes what the leaves from {@code leaf} on completed. */
  void append(long leaf, byte[] hashes) throws IOException {
    Frame.writeFully(file, ByteBuffer.wrap(hashes), bytes(leaf));
  }

  /** What the leaves {@code [from, to)} completed, as {@link #append} took it. */
  byte[] window(long from, long to) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) (bytes(to) - bytes(from)));
    Frame.readFully(file, buffer, bytes(from));
    return buffer.array();
  }

  @Override
  public Hash subtree(int level, long index) {
    long leaf = ((index + 1) << level) - 1;
    ByteBuffer buffer = ByteBuffer.allocate(Hash.SIZE);
    try {
      Frame.readFully(file, buffer, bytes(leaf) + (long) Hash.SIZE * level);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Hash.wrap(buffer.array());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
