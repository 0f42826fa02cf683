package io.sworn.evidence.bundle;

import io.sworn.event.Sha256;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * A bundle opened for reading, within bounds: plain paths, no file twice, sizes as the zip declares
 * them and no more than {@link #BYTES_MAX} in all. Nothing is ever unpacked to disk.
 */
final class OpenBundle implements AutoCloseable {

  static final int FILES_MAX = 10_000;
  static final long BYTES_MAX = 8L << 30;
  private static final int SMALL_BYTES_MAX = 16 << 20;
  private static final int RATIO_MAX = 400;
  private final ZipFile zip;
  private final Path path;
  private final Set<String> names;

  private OpenBundle(ZipFile zip, Path path) {
    this.zip = zip;
    this.path = path;
    this.names = checkEntries();
  }

  static OpenBundle open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new Unusable(path + ": no such file");
    }
    ZipFile zip;
    try {
      zip = new ZipFile(path.toFile(), StandardCharsets.UTF_8);
    } catch (ZipException | IllegalArgumentException e) {
      throw new Unusable(path + ": not a zip: " + e.getMessage());
    }
    try {
      return new OpenBundle(zip, path);
    } catch (IllegalArgumentException e) {
      zip.close();
      throw new Unusable(path + ": a name or comment in the zip is no UTF-8 text");
    } catch (RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  /** Paths of all files, as the zip orders them. */
  Set<String> names() {
    return names;
  }

  /** Its path, for messages. */
  @Override
  public String toString() {
    return path.toString();
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

  /**
   * Hashes of the files as a reader finds them that goes through the zip from its beginning and
   * does not look at the directory at its end, by path.
   *
   * @throws Tampered if there are others than the directory lists, or they cannot be unpacked
   */
  Map<String, String> readThrough() throws IOException {
    Map<String, String> hashes = new HashMap<>();
    long left = BYTES_MAX;
    byte[] buffer = new byte[1 << 16];
    String name = "";
    try (ZipInputStream in =
        new ZipInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        name = entry.getName();
        MessageDigest digest = Sha256.digest();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          left -= n;
          if (left < 0) {
            throw new Unusable(path + ": unpacks to more than " + BYTES_MAX + " bytes");
          }
          digest.update(buffer, 0, n);
        }
        String hash = HexFormat.of().formatHex(digest.digest());
        if (!names.contains(name) || hashes.put(name, hash) != null) {
          String shown = EvidenceBundle.isPath(name) ? name : "a file with a refused path";
          throw new Tampered(shown + ": lies in the zip beside the files that it lists");
        }
      }
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      String after = names.contains(name) ? name : "the first file";
      throw new Tampered(after + ": its bytes in the zip, or those behind it, are damaged");
    }
    return hashes;
  }

  /** The bytes of a file; reading on past the size that the zip declares is refused. */
  InputStream stream(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new Tampered(name + ": is missing");
    }
    try {
      return new Limited(zip.getInputStream(entry), name, entry.getSize());
    } catch (ZipException e) {
      throw damaged(name, e);
    }
  }

  private Set<String> checkEntries() {
    Set<String> found = new LinkedHashSet<>();
    long bytes = 0;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (!EvidenceBundle.isPath(name)) {
        String shown = name.length() <= 100 ? name : name.substring(0, 100) + "...";
        throw new Unusable(path + ": a file with the path '" + shown + "' is refused");
      }
      if (!found.add(name)) {
        throw new Tampered(name + ": is in the bundle twice");
      }
      if (found.size() > FILES_MAX) {
        throw new Unusable(path + ": more than " + FILES_MAX + " files");
      }
      bytes += entry.getSize();
      boolean bomb =
          entry.getSize() > SMALL_BYTES_MAX
              && entry.getSize() / Math.max(1, entry.getCompressedSize()) > RATIO_MAX;
      if (bomb || entry.getSize() < 0 || bytes > BYTES_MAX) {
        throw new Unusable(path + ": '" + name + "' unpacks to too much (" + bytes + " bytes)");
      }
    }
    return Collections.unmodifiableSet(found);
  }

  private static Tampered damaged(String name, IOException e) {
    return new Tampered(name + ": cannot be unpacked, its bytes are damaged: " + e.getMessage());
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
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      try {
        int n = super.read(b, off, len);
        count(n);
        return n;
      } catch (ZipException | EOFException e) {
        throw damaged(name, e);
      }
    }

    private void count(int n) {
      left -= Math.max(0, n);
      if (left < 0) {
        throw new Tampered(name + ": unpacks to more than the zip says");
      }
    }
  }
}
