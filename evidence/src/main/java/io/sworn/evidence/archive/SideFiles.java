package io.sworn.evidence.archive;

import io.sworn.event.AuditEvent;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleTree;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.SubtreeHashes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The writer's view of hashes and index, which follow the segments and can be rebuilt from them.
 */
final class SideFiles implements AutoCloseable {

  private static final int WINDOW_EVENTS = 16_384;

  private final Layout layout;
  private final HashFile hashes;
  private final IndexFile index;
  private MerkleTree tree = new MerkleTree();
  private IndexNote.Sums sums = new IndexNote.Sums();
  private @Nullable Staged staged;

  SideFiles(Layout layout) throws IOException {
    this.layout = layout;
    StandardOpenOption[] options = {
      StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE
    };
    hashes = new HashFile(layout.hashes(), options);
    try {
      index = new IndexFile(layout.index(), options);
    } catch (RuntimeException e) {
      hashes.close();
      throw e;
    }
  }

  /** What a recovery found otherwise than the files say, from the event {@code from} on. */
  private record Staged(long from, HashFile hashes, SideFile index) implements AutoCloseable {

    @Override
    public void close() throws IOException {
      try (hashes;
          index) {
        // both are deleted with their last use
      }
    }
  }

  /** The hashes of the tree, also where they are not in their file yet. */
  SubtreeHashes hashes() {
    Staged ahead = staged;
    if (ahead == null) {
      return hashes;
    }
    return (level, at) ->
        (((at + 1) << level) - 1 < ahead.from ? hashes : ahead.hashes).subtree(level, at);
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

  /**
   * Continues after the first {@code size} events. What lies behind stays until {@link #settle}.
   */
  void continueAfter(long size) throws IOException {
    unstage();
    sums = new IndexNote.Sums();
    for (long at = 0; at < size; at += WINDOW_EVENTS) {
      int count = (int) Math.min(WINDOW_EVENTS, size - at);
      sums.add(index.window(at, count), hashes.window(at, at + count));
    }
    tree = MerkleTree.restore(size, hashes);
  }

  /**
   * Brings what the recovery found into both files and cuts off what lies behind. Until then
   * neither is changed: if a segment proves damaged, they still say what it was.
   */
  void settle() throws IOException {
    Staged ahead = staged;
    if (ahead != null) {
      for (long at = ahead.from; at < tree.size(); at += WINDOW_EVENTS) {
        int count = (int) Math.min(WINDOW_EVENTS, tree.size() - at);
        ByteBuffer entries = ByteBuffer.allocate(count * IndexFile.ENTRY_BYTES);
        ahead.index.read(entries, (at - ahead.from) * IndexFile.ENTRY_BYTES);
        hashes.append(at, ahead.hashes.window(at, at + count));
        index.append(at, entries.flip());
      }
    }
    hashes.truncate(tree.size());
    index.truncate(tree.size());
    unstage();
    Files.deleteIfExists(layout.part(layout.hashes())); // if a recovery was killed
    Files.deleteIfExists(layout.part(layout.index()));
  }

  private void unstage() throws IOException {
    Staged ahead = staged;
    staged = null;
    if (ahead != null) {
      ahead.close();
    }
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

  /**
   * Adds a batch read from a segment, changing neither file, and checks the root that was committed
   * with it.
   */
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
    stage(addition, from, batch.size());
  }

  /** Notes what a batch adds, unless the files say the same already. */
  private void stage(Addition addition, long from, int count) throws IOException {
    byte[] subtrees = addition.hashes.toByteArray();
    ByteBuffer entries = ByteBuffer.wrap(addition.index.toByteArray());
    sums.add(entries.duplicate(), subtrees);
    Staged ahead = staged;
    if (ahead == null) {
      boolean same =
          cover(from + count)
              && Arrays.equals(hashes.window(from, from + count), subtrees)
              && index.window(from, count).equals(entries);
      if (same) {
        return;
      }
      ahead = openStaged(from);
      staged = ahead;
    }
    ahead.hashes.append(from, subtrees);
    ahead.index.write(entries, (from - ahead.from) * IndexFile.ENTRY_BYTES);
  }

  private Staged openStaged(long from) throws IOException {
    StandardOpenOption[] options = {
      StandardOpenOption.CREATE,
      StandardOpenOption.TRUNCATE_EXISTING,
      StandardOpenOption.READ,
      StandardOpenOption.WRITE,
      StandardOpenOption.DELETE_ON_CLOSE
    };
    HashFile ahead = new HashFile(layout.part(layout.hashes()), from, options);
    try {
      return new Staged(from, ahead, new SideFile(layout.part(layout.index()), options));
    } catch (RuntimeException e) {
      ahead.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try (hashes;
        index;
        @Nullable Staged ahead = staged) {
      staged = null;
      tree = new MerkleTree();
    }
  }
}
