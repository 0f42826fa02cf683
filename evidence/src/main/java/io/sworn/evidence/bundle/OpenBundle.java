package io.sworn.evidence.bundle;

import io.sworn.event.Sha256;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A bundle opened for reading, within bounds: plain paths, no file twice, nothing beside the
 * manifest, sizes as the manifest says and no more than {@link #BYTES_MAX} in all. Nothing is ever
 * unpacked to disk.
 */
final class OpenBundle implements AutoCloseable {

  static final int FILES_MAX = 10_000;
  static final long BYTES_MAX = 8L << 30;
  private static final int SMALL_BYTES_MAX = 16 << 20;
  private static final int RATIO_MAX = 400;
  private static final List<String> REQUIRED =
      List.of(
          Manifest.README,
          Manifest.EVENTS,
          Manifest.PROOFS,
          Manifest.CHECKPOINT,
          Manifest.CONSISTENCY,
          Manifest.CUSTODY,
          Manifest.VKEY);

  private final ZipFile zip;
  private final Manifest manifest;

  private OpenBundle(ZipFile zip, Path path) throws IOException {
    this.zip = zip;
    checkEntries(path);
    for (String name : REQUIRED) {
      if (zip.getEntry(name) == null) {
        throw new Unusable(path + ": '" + name + "' is missing");
      }
    }
    if (zip.getEntry(Manifest.PATH) == null || zip.getEntry(Manifest.SIGNATURE) == null) {
      throw new Unusable(path + ": the manifest or its signature is missing");
    }
    manifest = readManifest(path);
    Set<String> listed = new HashSet<>(List.of(Manifest.PATH, Manifest.SIGNATURE));
    for (Manifest.Item item : manifest.files()) {
      if (!listed.add(item.path())) {
        throw new Unusable(path + ": the manifest lists '" + item.path() + "' twice");
      }
      if (zip.getEntry(item.path()) == null) {
        throw new Unusable(path + ": '" + item.path() + "' is missing");
      }
    }
    for (ZipEntry entry : Collections.list(zip.entries())) {
      if (!listed.contains(entry.getName())) {
        throw new Unusable(path + ": '" + entry.getName() + "' is not in the manifest");
      }
    }
  }

  static OpenBundle open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new Unusable(path + ": no such file");
    }
    ZipFile zip;
    try {
      zip = new ZipFile(path.toFile(), StandardCharsets.UTF_8);
    } catch (ZipException e) {
      throw new Unusable(path + ": not a zip: " + e.getMessage());
    }
    try {
      return new OpenBundle(zip, path);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  Manifest manifest() {
    return manifest;
  }

  /** A small text file. */
  String text(String name) throws IOException {
    try (InputStream in = stream(name)) {
      byte[] bytes = in.readNBytes(SMALL_BYTES_MAX + 1);
      if (bytes.length > SMALL_BYTES_MAX) {
        throw new Unusable("'" + name + "': more than " + SMALL_BYTES_MAX + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  BoundedLines lines(String name) throws IOException {
    return new BoundedLines(stream(name));
  }

  String sha256(String name) throws IOException {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = stream(name)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The bytes of a file; reading on past the size that the zip declares is refused. */
  InputStream stream(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new Unusable("'" + name + "' is missing");
    }
    return new Limited(zip.getInputStream(entry), name, entry.getSize());
  }

  private void checkEntries(Path path) {
    Set<String> names = new HashSet<>();
    long bytes = 0;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (!EvidenceBundle.isPath(name)) {
        String shown = name.length() <= 100 ? name : name.substring(0, 100) + "...";
        throw new Unusable(path + ": a file with the path '" + shown + "' is refused");
      }
      if (!names.add(name) || names.size() > FILES_MAX) {
        throw new Unusable(path + ": '" + name + "' twice, or more than " + FILES_MAX + " files");
      }
      bytes += entry.getSize();
      boolean bomb =
          entry.getSize() > SMALL_BYTES_MAX
              && entry.getSize() / Math.max(1, entry.getCompressedSize()) > RATIO_MAX;
      if (bomb || entry.getSize() < 0 || bytes > BYTES_MAX) {
        throw new Unusable(path + ": '" + name + "' unpacks to too much (" + bytes + " bytes)");
      }
    }
  }

  private Manifest readManifest(Path path) throws IOException {
    Manifest read;
    try {
      read = SwornJson.read(text(Manifest.PATH).getBytes(StandardCharsets.UTF_8), Manifest.class);
    } catch (SwornException e) {
      throw new Unusable(path + ": " + Manifest.PATH + ": " + e.getMessage());
    }
    if (read == null) {
      throw new Unusable(path + ": " + Manifest.PATH + ": is empty");
    }
    if (!Manifest.FORMAT.equals(read.format()) || read.version() != Manifest.VERSION) {
      throw new Unusable(
          path
              + ": format '"
              + read.format()
              + "' version "
              + read.version()
              + " is unknown to this program");
    }
    boolean whole =
        read.origin() != null
            && read.files() != null
            && read.files().stream()
                .noneMatch(i -> i == null || i.path() == null || i.sha256() == null);
    if (!whole) {
      throw new Unusable(path + ": " + Manifest.PATH + ": members are missing");
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  /** The bundle cannot be checked. */
  static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unusable(String message) {
      super(message);
    }
  }

  private static final class Limited extends FilterInputStream {
    private final String name;
    private long left;

    Limited(InputStream in, String name, long size) {
      super(in);
      this.name = name;
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count(b < 0 ? -1 : 1);
      return b;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      int n = super.read(b, off, len);
      count(n);
      return n;
    }

    private void count(int n) {
      left -= Math.max(0, n);
      if (left < 0) {
        throw new Unusable("'" + name + "' unpacks to more than it says");
      }
    }
  }
}
