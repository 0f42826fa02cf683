package io.sworn.console;

import io.sworn.event.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Makes and compares the random words in cookies and forms. */
final class Secrets {

  /** 256 bits cannot be guessed, however many requests are made. */
  private static final int BYTES = 32;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  /** A fresh random word that is safe in cookies and HTML. */
  static String fresh() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** What we remember of a word: enough to recognise it, too little to use it. */
  static String fingerprint(String secret) {
    return Sha256.hex(secret);
  }

  /** Whether both are there and the same, in a time that does not tell how much of it fits. */
  static boolean same(@Nullable String expected, @Nullable String given) {
    if (expected == null || given == null) {
      return false;
    }
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
