package io.sworn.database;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The 256-bit key from which the keys of data and journal are derived. Never printed. */
final class MasterKey {

  private static final int KEY_BYTES = 32;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final byte[] key;

  private MasterKey(byte[] key) {
    this.key = key;
  }

  /**
   * Reads the key, or creates one if there is none and nothing was ever encrypted.
   *
   * @param encrypted directory of what the key protects
   * @throws SwornException if the key is missing though data exists, is readable by others, or is
   *     not 64 hexadecimal digits
   */
  static MasterKey loadOrCreate(Path file, Path encrypted) {
    try {
      if (Files.exists(file)) {
        return new MasterKey(read(file));
      }
      if (Files.exists(encrypted)) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            "master key "
                + file
                + " is missing, but "
                + encrypted
                + " holds data that only it opens: put the key back");
      }
      return new MasterKey(create(file));
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "master key " + file + ": " + LocalFiles.reason(e, file), e);
    }
  }

  /** A key for one purpose; knowing it tells nothing of the others. */
  byte[] derive(String purpose) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(("sworn " + purpose).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
        && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "master key " + file + " can be read by others: chmod 600 it, and think about a new one");
    }
    String text = Files.readString(file).trim();
    if (!text.matches("[0-9a-fA-F]{64}")) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, "master key " + file + ": 64 hexadecimal digits expected");
    }
    return HexFormat.of().parseHex(text);
  }

  private static byte[] create(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      String text = HexFormat.of().formatHex(key) + "\n";
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    return key;
  }

  @Override
  public String toString() {
    return "MasterKey[***]";
  }
}
