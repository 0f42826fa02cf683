package io.sworn.evidence;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;

/**
 * The private half of a {@link VerifierKey}: Ed25519 of the JDK. Never prints its secret. Safe for
 * any thread.
 */
public final class SigningKey {

  private static final byte[] PKCS8_PREFIX =
      HexFormat.of().parseHex("302e020100300506032b657004220420");
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private final PrivateKey key;
  private final byte[] publicRaw;

  private SigningKey(PrivateKey key, byte[] publicRaw) {
    this.key = key;
    this.publicRaw = publicRaw;
  }

  /** The key of a 32-byte seed (RFC 8032). */
  public static SigningKey fromSeed(byte[] seed) {
    if (seed.length != 32) {
      throw new IllegalArgumentException("Ed25519 seed: 32 bytes expected, got " + seed.length);
    }
    byte[] encoded = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + 32);
    System.arraycopy(seed, 0, encoded, PKCS8_PREFIX.length, 32);
    try {
      PrivateKey key =
          KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
      // The generator asks its random source for exactly the seed: the JDK's way to the public key.
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, new FixedRandom(seed));
      KeyPair pair = generator.generateKeyPair();
      byte[] x509 = pair.getPublic().getEncoded();
      return new SigningKey(key, Arrays.copyOfRange(x509, x509.length - 32, x509.length));
    } catch (GeneralSecurityException e) {
      throw new SwornException(ErrorCode.INTERNAL, "this Java platform has no Ed25519", e);
    }
  }

  /**
   * Reads the PKCS 8 PEM file, or creates it with a fresh key, readable by its owner alone.
   *
   * @throws SwornException with {@link ErrorCode#CONFIGURATION} if the file is no such key or
   *     others may read it, with {@link ErrorCode#STORAGE} if it cannot be read or written
   */
  public static SigningKey loadOrCreate(Path pem) {
    try {
      if (!Files.exists(pem)) {
        create(pem);
      }
      if (pem.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Set<PosixFilePermission> others = Files.getPosixFilePermissions(pem);
        others.removeAll(PosixFilePermissions.fromString("rw-------"));
        if (!others.isEmpty()) {
          throw new SwornException(
              ErrorCode.CONFIGURATION,
              pem + ": a signing key that others may read; set its mode to 0600 or replace it");
        }
      }
      return parse(pem, Files.readString(pem, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "signing key " + pem + ": " + LocalFiles.reason(e, pem), e);
    }
  }

  private static SigningKey parse(Path pem, String text) {
    String body = text.strip();
    if (body.startsWith(BEGIN) && body.endsWith(END)) {
      byte[] encoded =
          Base64.getMimeDecoder()
              .decode(body.substring(BEGIN.length(), body.length() - END.length()));
      int prefix = PKCS8_PREFIX.length;
      if (encoded.length == prefix + 32
          && Arrays.equals(encoded, 0, prefix, PKCS8_PREFIX, 0, prefix)) {
        return fromSeed(Arrays.copyOfRange(encoded, prefix, encoded.length));
      }
    }
    throw new SwornException(
        ErrorCode.CONFIGURATION,
        pem + ": no Ed25519 key in PKCS 8 PEM; move it away to get a new one");
  }

  private static void create(Path pem) throws IOException {
    byte[] seed = new byte[32];
    new SecureRandom().nextBytes(seed);
    byte[] encoded = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + 32);
    System.arraycopy(seed, 0, encoded, PKCS8_PREFIX.length, 32);
    String text = BEGIN + "\n" + Base64.getEncoder().encodeToString(encoded) + "\n" + END + "\n";
    Path directory = pem.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    Path part = pem.resolveSibling(pem.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      if (pem.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            part,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(part);
      }
      try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        file.force(true);
      }
      Files.move(part, pem); // whole or not at all: a half-written key would lock its archive
      if (directory != null) {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
          names.force(true);
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw new SwornException(
          ErrorCode.STORAGE, pem + ": somebody else is creating this key, try again", e);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** The public half under a name; for a log, its origin. */
  public VerifierKey verifier(String name) {
    return VerifierKey.of(name, publicRaw.clone());
  }

  /** Ed25519 signature of {@code message}. */
  byte[] sign(byte[] message) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initSign(key);
      ed25519.update(message);
      return ed25519.sign();
    } catch (GeneralSecurityException e) {
      throw new SwornException(ErrorCode.INTERNAL, "cannot sign", e);
    }
  }

  @Override
  public String toString() {
    return "SigningKey[***]";
  }

  /** Gives out a seed as if it were random. */
  private static final class FixedRandom extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final byte[] seed;

    FixedRandom(byte[] seed) {
      this.seed = seed.clone();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }
}
