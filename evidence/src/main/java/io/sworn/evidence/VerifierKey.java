package io.sworn.evidence;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A named Ed25519 public key (C2SP signed-note): {@code name+hex(key id)+base64(0x01 || key)}, key
 * id = the first four bytes of {@code SHA-256(name || 0x0A || 0x01 || key)}. Immutable.
 */
public final class VerifierKey {

  static final byte ED25519 = 1;
  private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private final String name;
  private final byte[] raw;
  private final PublicKey key;

  private VerifierKey(String name, byte[] raw) {
    this.name = name;
    this.raw = raw;
    byte[] encoded = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + 32);
    System.arraycopy(raw, 0, encoded, X509_PREFIX.length, 32);
    try {
      this.key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      throw new SwornException(ErrorCode.INPUT, "key '" + name + "' is no Ed25519 key", e);
    }
  }

  static VerifierKey of(String name, byte[] raw) {
    if (!isName(name) || raw.length != 32) {
      throw new SwornException(
          ErrorCode.INPUT, "key name '" + name + "': no spaces, no '+', 1 to 200 characters");
    }
    return new VerifierKey(name, raw);
  }

  static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= 200
        && name.chars().noneMatch(c -> c == '+' || c <= ' ' || Character.isWhitespace(c));
  }

  /**
   * Reads a vkey line.
   *
   * @throws SwornException with {@link ErrorCode#INPUT} if it is none
   */
  public static VerifierKey parse(String vkey) {
    String text = vkey.strip();
    String[] parts = text.split("\\+", 3);
    try {
      byte[] typed = parts.length == 3 ? Base64.getDecoder().decode(parts[2]) : new byte[0];
      if (typed.length == 33 && typed[0] == ED25519) {
        VerifierKey key = of(parts[0], Arrays.copyOfRange(typed, 1, 33));
        if (key.toString().equals(text)) {
          return key;
        }
      }
    } catch (IllegalArgumentException e) {
      throw new SwornException(ErrorCode.INPUT, "verifier key '" + text + "' is damaged", e);
    }
    throw new SwornException(
        ErrorCode.INPUT,
        "verifier key '" + text + "': expected name+8 hex digits+base64 (Ed25519)");
  }

  /** Name of the signer: the origin of its log. */
  public String name() {
    return name;
  }

  /** Four bytes in hexadecimal. */
  public String id() {
    return HexFormat.of().formatHex(idBytes());
  }

  byte[] idBytes() {
    byte[] prefix = (name + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] input = Arrays.copyOf(prefix, prefix.length + 33);
    input[prefix.length] = ED25519;
    System.arraycopy(raw, 0, input, prefix.length + 1, 32);
    return Arrays.copyOf(Hash.of(input).toBytes(), 4);
  }

  boolean verifies(byte[] message, byte[] signature) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initVerify(key);
      ed25519.update(message);
      return ed25519.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // a signature of the wrong form does not verify, whatever the reason
    }
  }

  /** The public key in PEM, as {@code openssl pkeyutl} takes it. */
  public String toPem() {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getEncoder().encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifierKey that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** The vkey text. */
  @Override
  public String toString() {
    byte[] typed = new byte[33];
    typed[0] = ED25519;
    System.arraycopy(raw, 0, typed, 1, 32);
    return name + "+" + id() + "+" + Base64.getEncoder().encodeToString(typed);
  }
}
