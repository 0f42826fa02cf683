package io.sworn.evidence.bundle;

/** Something in a bundle is not what was signed; the message begins with its name. */
final class Tampered extends RuntimeException {
  private static final long serialVersionUID = 1;

  Tampered(String message) {
    super(message);
  }

  /** What to tell. */
  String text() {
    return String.valueOf(getMessage());
  }
}
