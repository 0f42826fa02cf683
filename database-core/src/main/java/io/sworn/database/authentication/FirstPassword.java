package io.sworn.database.authentication;

import java.security.SecureRandom;

/**
 * Makes the password that people read once and type into any client. Letters and digits alone: a
 * password that begins with a hyphen is an option to most command lines, others need quotes in a
 * shell or an escape in a connection string. What looks alike (0 and O, 1, I and l) is left out.
 */
public final class FirstPassword {

  private static final String ALPHABET =
      "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

  /** More than 128 bits: each character has 57 values. */
  private static final int LENGTH = 24;

  private static final SecureRandom RANDOM = new SecureRandom();

  private FirstPassword() {}

  /** A fresh random password of 24 letters and digits. */
  public static String generate() {
    StringBuilder password = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      password.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
    }
    return password.toString();
  }
}
