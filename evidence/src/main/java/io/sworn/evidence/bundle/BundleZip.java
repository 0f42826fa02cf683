package io.sworn.evidence.bundle;

import io.sworn.event.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A zip whose bytes depend on its content alone: fixed times, the caller's order. */
final class BundleZip implements AutoCloseable {

  /** The JDK takes the very first moment of 1980 for "unknown" and then writes the local zone. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private final ZipOutputStream zip;

  BundleZip(OutputStream out) {
    zip = new ZipOutputStream(new BufferedOutputStream(out, 1 << 16));
    // Hashes and base64 hardly shrink; more effort took most of the time for a tenth of the size.
    zip.setLevel(Deflater.BEST_SPEED);
  }

  /** Writes one file's bytes, as often as asked. */
  @FunctionalInterface
  interface Content {
    void write(OutputStream out) throws IOException;
  }

  Manifest.Item add(String path, Content content) throws IOException {
    ZipEntry entry = new ZipEntry(path);
    entry.setTimeLocal(TIME); // without a zone, so that the machine's zone does not show
    zip.putNextEntry(entry);
    Counting counted = new Counting(zip);
    content.write(counted);
    counted.flush();
    zip.closeEntry();
    return new Manifest.Item(
        path,
        counted.count,
        HexFormat.of().formatHex(counted.getMessageDigest().digest()),
        mediaType(path));
  }

  private static String mediaType(String path) {
    String ending = path.substring(path.lastIndexOf('.') + 1);
    return switch (ending) {
      case "json" -> "application/json";
      case "ndjson" -> "application/x-ndjson";
      case "html" -> "text/html";
      case "pdf" -> "application/pdf";
      case "csv" -> "text/csv";
      case "pem" -> "application/x-pem-file";
      case "txt", "sql", "vkey", "sig" -> "text/plain";
      default -> "application/octet-stream";
    };
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  private static final class Counting extends DigestOutputStream {
    private long count;

    Counting(OutputStream out) {
      super(out, Sha256.digest());
    }

    @Override
    public void write(int b) throws IOException {
      super.write(b);
      count++;
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
      super.write(b, off, len);
      count += len;
    }
  }
}
