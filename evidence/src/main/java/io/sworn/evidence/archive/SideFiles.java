package io.sworn.evidence.archive;

import io.sworn.event.AuditEvent;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleTree;
import io.sworn.evidence.SigningKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The writer's view of hashes and index, which follow the segments and can be rebuilt from them.
 */
final class SideFiles implements AutoCloseable {

  private static final int WINDOW_EVENTS = 16_384;

  private final HashFile hashes;
  private final IndexFile index;
  private MerkleTree tree = new MerkleTree();
  private IndexNote.Sums sums = new IndexNote.Sums();

  SideFiles(Layout layout) throws IOException {
    StandardOpenOption[] options = {
      StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE
    };
    hashes = new HashFile(layout.hashes(), options);
    index = new IndexFile(layout.index(), options);
  }

  HashFile hashes() {
    return hashes;
  }

  IndexFile index() {
    return index;
  }

  MerkleTree tree() {
    return tree;
  }

  /** Whether both files hold at least {@code size} events. */
  boolean cover(long size) throws IOException {
    return hashes.length() >= HashFile.bytes(size) && index.entries() >= size;
  }

  /** Continues after the first {@code size} events; what lies behind is cut off. */
  void continueAfter(long size) throws IOException {
    sums = new IndexNote.Sums();
    for (long at = 0; at < size; at += WINDOW_EVENTS) {
      int count = (int) Math.min(WINDOW_EVENTS, size - at);
      sums.add(index.window(at, count), hashes.window(at, at + count));
    }
    hashes.truncate(size);
    index.truncate(size);
    tree = MerkleTree.restore(size, hashes);
  }

  /** Collects what a batch adds; {@link #write} puts it on disk after the batch itself is. */
  static final class Addition {
    private final ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream index = new ByteArrayOutputStream();
    private final ByteBuffer entry = ByteBuffer.allocate(IndexFile.ENTRY_BYTES);

    void add(MerkleTree tree, int segment, long position, AuditEvent event, byte[] bytes) {
      for (Hash hash : tree.append(Hash.leaf(bytes))) {
        hashes.writeBytes(hash.toBytes());
      }
      entry.clear();
      IndexFile.encode(segment, position, event, entry);
      index.writeBytes(entry.array());
    }
  }

  void write(Addition addition, long from) throws IOException {
    byte[] subtrees = addition.hashes.toByteArray();
    byte[] entries = addition.index.toByteArray();
    hashes.append(from, subtrees);
    index.append(from, ByteBuffer.wrap(entries));
    sums.add(ByteBuffer.wrap(entries), subtrees);
  }

  /** Whether both files, as far as they are written, are what {@code note} says of them. */
  boolean agreeWith(IndexNote note) {
    return note.size() == tree.size() && note.agrees(sums);
  }

  /** Brings both files to the disk and signs what the index holds. */
  void sign(Layout layout, SigningKey key, String origin) throws IOException {
    hashes.force();
    index.force();
    IndexNote.sign(tree.size(), sums, key, origin).write(layout.indexNote());
  }

  /** Adds a batch read from a segment and checks the root that was committed with it. */
  void replay(Layout layout, int segment, List<SegmentScan.Placed> batch, ArchiveState after)
      throws IOException {
    long from = tree.size();
    Addition addition = new Addition();
    for (SegmentScan.Placed placed : batch) {
      addition.add(tree, segment, placed.position(), placed.event(), placed.frame().payload());
    }
    if (tree.size() != after.size() || !tree.root().equals(after.root())) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          layout.segment(segment)
              + ": the batch that ends at event "
              + after.size()
              + " does not hash to the root committed with it");
    }
    write(addition, from);
  }

  @Override
  public void close() throws IOException {
    try (hashes;
        index) {
      tree = new MerkleTree();
    }
  }
}
