package io.sworn.evidence;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;

/**
 * A signed statement: the log {@code origin} had {@code size} leaves under {@code root} (C2SP
 * tlog-checkpoint).
 *
 * @param origin name of the log and of its key
 * @param size number of leaves
 * @param root root hash over them
 * @param note the signed text as it was signed
 */
public record Checkpoint(String origin, long size, Hash root, SignedNote note) {

  /** Signs a statement. The caller answers for never signing two roots for one size. */
  public static Checkpoint sign(String origin, long size, Hash root, SigningKey key) {
    String text = origin + "\n" + Long.toUnsignedString(size) + "\n" + root.base64() + "\n";
    return new Checkpoint(origin, size, root, SignedNote.sign(text, key, origin));
  }

  /**
   * Reads a checkpoint without checking its signature.
   *
   * @throws SwornException with {@link ErrorCode#INPUT} if it is none
   */
  public static Checkpoint parse(String note) {
    SignedNote signed = SignedNote.parse(note);
    String[] lines = signed.text().split("\n", -1);
    try {
      if (lines.length >= 4 && VerifierKey.isName(lines[0])) {
        long size = Long.parseUnsignedLong(lines[1]);
        if (Long.toUnsignedString(size).equals(lines[1])) {
          return new Checkpoint(lines[0], size, Hash.parseBase64(lines[2]), signed);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new SwornException(ErrorCode.INPUT, "checkpoint: " + e.getMessage(), e);
    }
    throw new SwornException(
        ErrorCode.INPUT, "no checkpoint: origin, size and root expected, one per line");
  }

  /** Whether {@code key} signed it as this log. */
  public boolean verify(VerifierKey key) {
    return key.name().equals(origin) && note.verify(key);
  }

  /** The note text. */
  @Override
  public String toString() {
    return note.toString();
  }
}
