package io.sworn.database.authentication;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/** What the server keeps instead of a password (RFC 5802, RFC 7677). */
final class ScramCredential {

  static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;

  /** MongoDB's default for SCRAM-SHA-256. */
  static final int ITERATIONS = 15_000;

  /** MongoDB's salt for SCRAM-SHA-256. */
  static final int SALT_BYTES = 28;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] salt;
  private final int iterations;
  private final byte[] storedKey;
  private final byte[] serverKey;

  private ScramCredential(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
    this.salt = salt;
    this.iterations = iterations;
    this.storedKey = storedKey;
    this.serverKey = serverKey;
  }

  /**
   * Derives a credential with a fresh salt.
   *
   * @throws IllegalArgumentException if SASLprep refuses the password
   */
  static ScramCredential of(char[] password) {
    return derive(password, ScramFunctions.salt(SALT_BYTES, RANDOM), ITERATIONS);
  }

  private static ScramCredential derive(char[] password, byte[] salt, int iterations) {
    byte[] salted =
        ScramFunctions.saltedPassword(
            MECHANISM, StringPreparation.SASL_PREPARATION, password, salt, iterations);
    byte[] clientKey = ScramFunctions.clientKey(MECHANISM, salted);
    return new ScramCredential(
        salt,
        iterations,
        ScramFunctions.storedKey(MECHANISM, clientKey),
        ScramFunctions.serverKey(MECHANISM, salted));
  }

  /**
   * A credential that no password opens, the same one for a name each time: from outside, an
   * unknown user looks like one with a wrong password.
   */
  static ScramCredential unknown(byte[] secret, String id) {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    byte[] first = ScramFunctions.hmac(MECHANISM, name, secret);
    byte[] salt = new byte[SALT_BYTES];
    System.arraycopy(first, 0, salt, 0, SALT_BYTES);
    byte[] stored = ScramFunctions.hmac(MECHANISM, first, secret);
    return new ScramCredential(
        salt, ITERATIONS, stored, ScramFunctions.hmac(MECHANISM, stored, secret));
  }

  /** Whether the password is the one that this credential was derived from; constant time. */
  boolean matches(char[] password) {
    return MessageDigest.isEqual(derive(password, salt, iterations).storedKey, storedKey);
  }

  String saltText() {
    return Base64.getEncoder().encodeToString(salt);
  }

  int iterations() {
    return iterations;
  }

  boolean verifies(byte[] proof, String authMessage) {
    return proof.length == storedKey.length
        && ScramFunctions.verifyClientProof(MECHANISM, proof, storedKey, authMessage);
  }

  byte[] signature(String authMessage) {
    return ScramFunctions.serverSignature(MECHANISM, serverKey, authMessage);
  }

  BsonDocument toDocument() {
    Base64.Encoder base64 = Base64.getEncoder();
    return new BsonDocument("iterationCount", new BsonInt32(iterations))
        .append("salt", new BsonString(saltText()))
        .append("storedKey", new BsonString(base64.encodeToString(storedKey)))
        .append("serverKey", new BsonString(base64.encodeToString(serverKey)));
  }

  static ScramCredential fromDocument(BsonDocument document) {
    Base64.Decoder base64 = Base64.getDecoder();
    return new ScramCredential(
        base64.decode(document.getString("salt").getValue()),
        document.getInt32("iterationCount").getValue(),
        base64.decode(document.getString("storedKey").getValue()),
        base64.decode(document.getString("serverKey").getValue()));
  }

  @Override
  public String toString() {
    return "ScramCredential[***]";
  }
}
