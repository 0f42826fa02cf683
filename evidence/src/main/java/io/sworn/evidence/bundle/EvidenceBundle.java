package io.sworn.evidence.bundle;

import io.sworn.event.ErrorCode;
import io.sworn.event.EventId;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.SignedNote;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.VerifierKey;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.evidence.archive.ArchivedEvent;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

/**
 * Writes an evidence bundle: a zip with the caller's report files, the events behind them, and all
 * that is needed to check both offline. Equal input gives equal bytes. For one thread, used once.
 *
 * <p>In a report's {@code .json} and {@code .ndjson} files, a member {@code eventId} (one id) or
 * {@code eventIds} (an array) says which events a row stands on; the verifier insists that each of
 * them is in the bundle.
 */
public final class EvidenceBundle {

  private static final Pattern PATH =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*");
  private static final int PATH_CHARS_MAX = 500;
  private static final int EARLIER_CHECKPOINTS_MAX = 1000;

  private final ArchiveReader reader;
  private final Checkpoint checkpoint;
  private final SigningKey key;
  private final IndexRanges events = new IndexRanges();
  private final Map<String, BundleZip.Content> files = new TreeMap<>();
  private final List<CustodyRecord> custody = new ArrayList<>();
  private Runnable check = () -> {};

  private EvidenceBundle(ArchiveReader reader, Checkpoint checkpoint, SigningKey key) {
    this.reader = reader;
    this.checkpoint = checkpoint;
    this.key = key;
  }

  /**
   * Starts a bundle whose proofs lead to {@code checkpoint}.
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if it is not a checkpoint of this
   *     archive, signed by {@code key}
   */
  public static EvidenceBundle over(ArchiveReader reader, Checkpoint checkpoint, SigningKey key) {
    if (!checkpoint.origin().equals(reader.origin())
        || checkpoint.size() > reader.size()
        || !reader.root(checkpoint.size()).equals(checkpoint.root())
        || !checkpoint.verify(key.verifier(reader.origin()))) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          "bundle: the checkpoint over " + checkpoint.size() + " events is not this archive's");
    }
    return new EvidenceBundle(reader, checkpoint, key);
  }

  /** Adds events by their index; all are below the checkpoint's size. */
  public EvidenceBundle events(Collection<Long> indices) {
    indices.forEach(index -> events(index, index + 1));
    return this;
  }

  /** Adds the events {@code [from, to)}; many neighbours take no more memory than one. */
  public EvidenceBundle events(long from, long to) {
    if (from < 0 || to > checkpoint.size()) {
      throw new IllegalArgumentException(
          "events "
              + from
              + " to "
              + to
              + " are not all under the checkpoint over "
              + checkpoint.size());
    }
    events.add(from, to);
    return this;
  }

  /** Adds a file of the caller's, such as {@code report.json}. The bytes are not copied. */
  public EvidenceBundle file(String path, byte[] content) {
    return add(path, out -> out.write(content));
  }

  /** Adds a file of the caller's, copied piece by piece while the bundle is written. */
  public EvidenceBundle file(String path, Path source) {
    return add(path, out -> Files.copy(source, out));
  }

  private EvidenceBundle add(String path, BundleZip.Content content) {
    boolean own =
        path.startsWith("integrity/")
            || path.startsWith("keys/")
            || path.startsWith("MANIFEST")
            || List.of(Manifest.README, Manifest.EVENTS, Manifest.CUSTODY).contains(path);
    if (own || !isPath(path) || files.putIfAbsent(path, content) != null) {
      throw new IllegalArgumentException("bundle: '" + path + "' is taken or no plain path");
    }
    return this;
  }

  /** Plain and short; the pattern descends on the stack, so its input must be bounded. */
  static boolean isPath(String path) {
    return path.length() <= PATH_CHARS_MAX && PATH.matcher(path).matches();
  }

  /** Adds a custody record; the order is kept and chained by hashes. */
  public EvidenceBundle custody(CustodyRecord touch) {
    custody.add(touch);
    return this;
  }

  /** Called before each line while the bundle is written; what it throws ends that. */
  public EvidenceBundle check(Runnable before) {
    check = before;
    return this;
  }

  /**
   * Writes the zip; {@code zip} appears complete or not at all.
   *
   * @throws SwornException with {@link ErrorCode#STORAGE} if it cannot be written
   */
  public void write(Path zip) {
    Path part = zip.resolveSibling(zip.getFileName() + ".part");
    Path ids = zip.resolveSibling(zip.getFileName() + ".ids.part");
    try {
      try (OutputStream out = Files.newOutputStream(part);
          BundleZip writer = new BundleZip(out)) {
        writeFiles(writer, ids);
      } finally {
        Files.deleteIfExists(ids);
      }
      sync(part, StandardOpenOption.WRITE);
      Files.move(part, zip, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      Path directory = zip.toAbsolutePath().getParent();
      if (directory != null) {
        sync(directory, StandardOpenOption.READ);
      }
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "bundle " + zip + ": " + LocalFiles.reason(e, zip), e);
    }
  }

  private static void sync(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  private void writeFiles(BundleZip zip, Path ids) throws IOException {
    VerifierKey verifier = key.verifier(reader.origin());
    Map<String, BundleZip.Content> all = new TreeMap<>(files);
    all.put(Manifest.README, text(BundleReadme.text(verifier)));
    all.put(Manifest.CHECKPOINT, text(checkpoint.toString()));
    all.put(Manifest.VKEY, text(verifier + "\n"));
    all.put(Manifest.PEM, text(verifier.toPem()));
    all.put(Manifest.CUSTODY, text(custodyText()));
    all.put(Manifest.CONSISTENCY, text(consistencyText()));
    all.put(Manifest.EVENTS, out -> writeEvents(out, ids));
    all.put(Manifest.PROOFS, out -> writeProofs(out, ids));
    List<Manifest.Item> items = new ArrayList<>();
    for (Map.Entry<String, BundleZip.Content> file : all.entrySet()) {
      items.add(zip.add(file.getKey(), file.getValue()));
    }
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            Manifest.VERSION,
            reader.origin(),
            checkpoint.size(),
            events.count(),
            items);
    byte[] json = SwornJson.write(manifest);
    zip.add(Manifest.PATH, out -> out.write(json));
    SignedNote note =
        SignedNote.sign(Manifest.signedText(Hash.of(json).toString()), key, reader.origin());
    zip.add(Manifest.SIGNATURE, text(note.toString()));
  }

  /** Also notes the ids on disk, so that the proofs need not read every event again. */
  private void writeEvents(OutputStream out, Path ids) throws IOException {
    try (OutputStream noted = new BufferedOutputStream(Files.newOutputStream(ids))) {
      LinesAhead.write(
          events.iterator(),
          index -> {
            check.run();
            ArchivedEvent event = reader.event(index);
            try {
              noted.write(event.event().id().toBytes());
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return EventLine.event(index, event.event(), event.bytes());
          },
          out);
    } catch (UncheckedIOException e) {
      throw new IOException(ids + ": " + e.getCause(), e);
    }
  }

  private void writeProofs(OutputStream out, Path ids) throws IOException {
    LongFunction<List<Hash>> proofs = reader.inclusionProofs(checkpoint.size());
    try (InputStream noted = new BufferedInputStream(Files.newInputStream(ids))) {
      LinesAhead.write(
          events.iterator(),
          index -> {
            check.run();
            return EventLine.proof(index, id(noted).toString(), proofs.apply(index));
          },
          out);
    } catch (UncheckedIOException e) {
      throw new IOException(ids + ": " + e.getCause(), e);
    }
  }

  private static EventId id(InputStream noted) {
    try {
      byte[] id = noted.readNBytes(EventId.SIZE);
      if (id.length < EventId.SIZE) {
        throw new EOFException("ends before the last event");
      }
      return EventId.fromBytes(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Proofs that the checkpoints an auditor may hold from earlier are beginnings of this one. */
  private String consistencyText() {
    StringBuilder lines = new StringBuilder();
    for (Checkpoint from : reader.checkpoints(checkpoint.size(), EARLIER_CHECKPOINTS_MAX)) {
      if (from.size() == 0) {
        continue; // every log continues the empty one
      }
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("checkpoint", from.toString());
      line.put(
          "proof",
          reader.consistencyProof(from.size(), checkpoint.size()).stream()
              .map(Hash::base64)
              .toList());
      lines.append(new String(SwornJson.write(line), StandardCharsets.UTF_8)).append('\n');
    }
    return lines.toString();
  }

  private String custodyText() {
    StringBuilder lines = new StringBuilder();
    String previous = "0".repeat(64);
    for (CustodyRecord touch : custody) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("event", touch.event());
      line.put("at", touch.at().toString());
      line.put("actor", touch.actor());
      line.put("reason", touch.reason());
      line.put("prevSha256", previous);
      byte[] json = SwornJson.write(line);
      previous = Hash.of(json).toString();
      lines.append(new String(json, StandardCharsets.UTF_8)).append('\n');
    }
    return lines.toString();
  }

  private static BundleZip.Content text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
