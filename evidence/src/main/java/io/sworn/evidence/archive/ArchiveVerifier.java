package io.sworn.evidence.archive;

import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleTree;
import io.sworn.evidence.VerifierKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Recomputes everything in an archive directory from the original bytes: frames, leaves, subtrees,
 * index, roots of every batch, gap accounts, and every checkpoint. Reads only; the writer should be
 * closed.
 */
public final class ArchiveVerifier {

  private static final int PROBLEMS_MAX = 20;

  private final Layout layout;
  private final Optional<VerifierKey> key;
  private final List<String> problems = new ArrayList<>();
  private final MerkleTree tree = new MerkleTree();
  private final CheckpointFile.Stream checkpoints;
  private final IndexNote.Sums sums = new IndexNote.Sums();
  private @Nullable Checkpoint nextCheckpoint;
  private @Nullable IndexNote note;

  private ArchiveVerifier(
      Layout layout, Optional<VerifierKey> key, CheckpointFile.Stream checkpoints) {
    this.layout = layout;
    this.key = key;
    this.checkpoints = checkpoints;
  }

  /**
   * What was found.
   *
   * @param events events that were hashed
   * @param root root over them
   * @param problems at most 20, each naming file and place; empty if the archive is sound
   */
  public record Findings(long events, Hash root, List<String> problems) {

    /** Copies the problems. */
    public Findings {
      problems = List.copyOf(problems);
    }

    /** Whether nothing is wrong. */
    public boolean sound() {
      return problems.isEmpty();
    }
  }

  /**
   * Checks an archive.
   *
   * @param key that must have signed the checkpoints; without it signatures are not checked
   */
  public static Findings verify(Path directory, Optional<VerifierKey> key) {
    Layout layout = new Layout(directory);
    try (CheckpointFile.Stream checkpoints = new CheckpointFile.Stream(layout.checkpoints())) {
      ArchiveVerifier verifier = new ArchiveVerifier(layout, key, checkpoints);
      verifier.check();
      return new Findings(verifier.tree.size(), verifier.tree.root(), verifier.problems);
    } catch (SwornException e) { // not even the checkpoints can be opened
      return new Findings(0, Hash.EMPTY_TREE, List.of(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return new Findings(
          0,
          Hash.EMPTY_TREE,
          List.of(layout.checkpoints() + ": " + LocalFiles.reason(e, layout.checkpoints())));
    }
  }

  private void check() {
    try {
      run();
    } catch (SwornException | IllegalArgumentException e) {
      problem(String.valueOf(e.getMessage()));
    } catch (java.nio.BufferUnderflowException e) {
      problem(layout.directory() + ": a frame is shorter than its content");
    } catch (IOException | UncheckedIOException e) {
      problem(layout.directory() + ": cannot be read: " + LocalFiles.reason(e, layout.directory()));
    }
  }

  private void problem(String text) {
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(text);
    }
  }

  private void run() throws IOException {
    advance();
    readNote();
    int segments = layout.segments();
    if (segments == 0) {
      problem(layout.directory() + ": no segment");
      return;
    }
    long end = 0;
    byte[] before = new byte[0];
    try (HashFile hashes = new HashFile(layout.hashes(), StandardOpenOption.READ);
        IndexFile index = new IndexFile(layout.index(), StandardOpenOption.READ)) {
      for (int i = 0; i < segments; i++) {
        int segment = i;
        if (i > 0) {
          checkBeginning(layout.segment(i), before);
        }
        SegmentScan scan =
            SegmentScan.read(
                layout.segment(i),
                Long.MAX_VALUE,
                (batch, after) -> batch(segment, batch, after, hashes, index));
        if (scan.state() == null || scan.end() < scan.length()) {
          problem(layout.segment(i) + ": damaged at or after byte " + scan.end());
          return;
        }
        before = scan.state().encode();
        end = scan.end();
      }
      if (hashes.length() != HashFile.bytes(tree.size())
          || Files.size(layout.index()) != tree.size() * IndexFile.ENTRY_BYTES) {
        problem(layout.hashes() + ", " + layout.index() + ": longer or shorter than the segments");
      }
    }
    checkCheckpoints(Long.MAX_VALUE);
    if (checkpoints.cutOff()) {
      problem(layout.checkpoints() + ": its last line is cut off");
    }
    if (note != null && note.size() > tree.size()) {
      problem(layout.indexNote() + ": speaks of more events than the segments hold");
    }
    Head head = Head.read(layout.head());
    if (head == null || !head.equals(new Head(segments - 1, end, tree.size()))) {
      problem(layout.head() + ": damaged or does not point to the end of the last batch");
    }
  }

  /** Takes the next checkpoint and checks its signature; behind a damaged one there is none. */
  private void advance() throws IOException {
    nextCheckpoint = null;
    try {
      nextCheckpoint = checkpoints.next();
    } catch (SwornException e) {
      problem(String.valueOf(e.getMessage()));
    }
    Checkpoint next = nextCheckpoint;
    if (next != null && key.isPresent() && !next.verify(key.get())) {
      problem(
          layout.checkpoints()
              + ": the checkpoint over "
              + next.size()
              + " events is not signed by "
              + key.get());
    }
  }

  private void readNote() throws IOException {
    if (key.isPresent() && Files.exists(layout.indexNote())) {
      note = IndexNote.read(layout.indexNote(), key.get()).orElse(null);
      if (note == null) {
        problem(layout.indexNote() + ": damaged, or not signed by " + key.get());
      }
    }
  }

  private void checkBeginning(Path segment, byte[] before) throws IOException {
    try (var file = java.nio.channels.FileChannel.open(segment, StandardOpenOption.READ)) {
      Frame first = Frame.read(file, 0, file.size());
      if (first == null || !Arrays.equals(first.payload(), before)) {
        problem(segment + ": does not continue where the segment before it ends");
      }
    }
  }

  private void batch(
      int segment,
      List<SegmentScan.Placed> batch,
      ArchiveState after,
      HashFile hashes,
      IndexFile index)
      throws IOException {
    long from = tree.size();
    byte[] stored = hashes.window(from, from + batch.size());
    ByteBuffer entries = index.window(from, batch.size());
    byte[] subtrees = new byte[stored.length];
    ByteBuffer rebuilt = ByteBuffer.allocate(batch.size() * IndexFile.ENTRY_BYTES);
    int read = 0;
    for (SegmentScan.Placed placed : batch) {
      long at = tree.size();
      List<Hash> completed = tree.append(Hash.leaf(placed.frame().payload()));
      for (int level = 0; level < completed.size(); level++) {
        byte[] hash = completed.get(level).toBytes();
        if (!Arrays.equals(stored, read, read + Hash.SIZE, hash, 0, Hash.SIZE)) {
          problem(
              layout.hashes()
                  + ": event "
                  + at
                  + " ("
                  + placed.event().id()
                  + "), level "
                  + level
                  + ": not the hash of what the segment holds");
        }
        System.arraycopy(hash, 0, subtrees, read, Hash.SIZE);
        read += Hash.SIZE;
      }
      ByteBuffer expected = ByteBuffer.allocate(IndexFile.ENTRY_BYTES);
      IndexFile.encode(segment, placed.position(), placed.event(), expected);
      rebuilt.put(expected.array());
      byte[] entry = new byte[IndexFile.ENTRY_BYTES];
      entries.get(entry);
      if (!Arrays.equals(entry, expected.array())) {
        problem(layout.index() + ": event " + at + " (" + placed.event().id() + "): wrong entry");
      }
      checkCheckpoints(tree.size());
    }
    sums.add(rebuilt.flip(), subtrees);
    if (note != null && note.size() == tree.size() && !note.agrees(sums)) {
      problem(layout.indexNote() + ": is not what the segments say of the index");
    }
    if (!tree.root().equals(after.root()) || tree.size() != after.size()) {
      problem(
          layout.segment(segment)
              + ": the batch that ends at event "
              + after.size()
              + " does not hash to the root committed with it");
    }
  }

  private void checkCheckpoints(long size) throws IOException {
    for (Checkpoint next = nextCheckpoint;
        next != null && next.size() <= size;
        next = nextCheckpoint) {
      boolean empty = next.size() == 0 && next.root().equals(Hash.EMPTY_TREE);
      if (!empty && (next.size() != tree.size() || !next.root().equals(tree.root()))) {
        problem(
            layout.checkpoints()
                + ": the checkpoint over "
                + next.size()
                + " events contradicts the segments");
      }
      advance();
    }
  }
}
