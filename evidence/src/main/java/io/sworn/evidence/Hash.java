package io.sworn.evidence;

import io.sworn.event.Sha256;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A SHA-256 value of a Merkle tree (RFC 6962 section 2.1). Immutable. */
public final class Hash {

  /** Bytes of a hash. */
  public static final int SIZE = 32;

  /** Root of the tree without leaves: the hash of no bytes. */
  public static final Hash EMPTY_TREE = of(new byte[0]);

  private static final ThreadLocal<MessageDigest> SHA256 = ThreadLocal.withInitial(Sha256::digest);

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Plain SHA-256 of {@code data}. */
  public static Hash of(byte[] data) {
    return new Hash(Sha256.digest().digest(data));
  }

  /** Hash of a leaf: {@code SHA-256(0x00 || data)}. */
  public static Hash leaf(byte[] data) {
    MessageDigest digest = SHA256.get();
    digest.update((byte) 0);
    return new Hash(digest.digest(data));
  }

  /** Hash of an inner node: {@code SHA-256(0x01 || left || right)}. */
  public static Hash node(Hash left, Hash right) {
    MessageDigest digest = SHA256.get();
    digest.update((byte) 1);
    digest.update(left.bytes);
    return new Hash(digest.digest(right.bytes));
  }

  /**
   * Takes a copy of 32 bytes.
   *
   * @throws IllegalArgumentException if there are not exactly 32
   */
  public static Hash wrap(byte[] bytes) {
    if (bytes.length != SIZE) {
      throw new IllegalArgumentException("hash: 32 bytes expected, got " + bytes.length);
    }
    return new Hash(bytes.clone());
  }

  /** Reads 64 hexadecimal digits. */
  public static Hash parseHex(String hex) {
    return wrap(HexFormat.of().parseHex(hex));
  }

  /**
   * Reads the base64 form; only the one canonical spelling is accepted.
   *
   * @throws IllegalArgumentException if it is not 32 bytes in canonical base64
   */
  public static Hash parseBase64(String text) {
    Hash hash = wrap(Base64.getDecoder().decode(text));
    if (!hash.base64().equals(text)) {
      throw new IllegalArgumentException("hash: not canonical base64: " + text);
    }
    return hash;
  }

  /** The 32 bytes, a fresh array. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** Standard base64 with padding. */
  public String base64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash that && MessageDigest.isEqual(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** 64 hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
