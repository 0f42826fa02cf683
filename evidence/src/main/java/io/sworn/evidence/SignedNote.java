package io.sworn.evidence;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A text with signatures below it (C2SP signed-note). The signed bytes are the text with its final
 * newline.
 *
 * @param text ends with a newline
 * @param signatures lines {@code — name base64(key id || signature)}, without newline
 */
public record SignedNote(String text, List<String> signatures) {

  /** Longest note that is read. */
  public static final int CHARS_MAX = 64 * 1024;

  private static final String DASH = "\u2014 ";
  private static final int SIGNATURES_MAX = 64;

  /** Checks the shape. */
  public SignedNote {
    if (!text.endsWith("\n") || text.length() > CHARS_MAX || signatures.size() > SIGNATURES_MAX) {
      throw new SwornException(ErrorCode.INPUT, "signed note: the text must end with a newline");
    }
    signatures = List.copyOf(signatures);
  }

  /** Signs {@code text} under the name {@code name}. */
  public static SignedNote sign(String text, SigningKey key, String name) {
    byte[] id = key.verifier(name).idBytes();
    byte[] signature = key.sign(text.getBytes(StandardCharsets.UTF_8));
    byte[] line = Arrays.copyOf(id, id.length + signature.length);
    System.arraycopy(signature, 0, line, id.length, signature.length);
    return new SignedNote(
        text, List.of(DASH + name + " " + Base64.getEncoder().encodeToString(line)));
  }

  /**
   * Reads a note.
   *
   * @throws SwornException with {@link ErrorCode#INPUT} if it is none
   */
  public static SignedNote parse(String note) {
    int gap = note.lastIndexOf("\n\n");
    boolean unsigned = gap < 0 || gap + 2 == note.length();
    if (unsigned || !note.endsWith("\n") || note.length() > CHARS_MAX) {
      throw new SwornException(
          ErrorCode.INPUT, "no signed note: text, empty line and signatures expected");
    }
    List<String> lines = new ArrayList<>();
    for (String line : note.substring(gap + 2, note.length() - 1).split("\n", -1)) {
      if (!line.startsWith(DASH)) {
        throw new SwornException(ErrorCode.INPUT, "signed note: '" + line + "' is no signature");
      }
      lines.add(line);
    }
    return new SignedNote(note.substring(0, gap + 1), lines);
  }

  /**
   * Whether {@code key} signed the text. Signatures of other keys are ignored; one of this key that
   * fails rejects the note.
   */
  public boolean verify(VerifierKey key) {
    boolean signed = false;
    for (String line : signatures) {
      String[] parts = line.substring(DASH.length()).split(" ", -1);
      if (parts.length != 2 || !parts[0].equals(key.name())) {
        continue;
      }
      byte[] bytes;
      try {
        bytes = Base64.getDecoder().decode(parts[1]);
      } catch (IllegalArgumentException e) {
        return false; // a line under the key's name that cannot be read is a failed signature
      }
      if (bytes.length < 4 || !Arrays.equals(bytes, 0, 4, key.idBytes(), 0, 4)) {
        continue;
      }
      if (!Base64.getEncoder().encodeToString(bytes).equals(parts[1])
          || !key.verifies(
              text.getBytes(StandardCharsets.UTF_8), Arrays.copyOfRange(bytes, 4, bytes.length))) {
        return false;
      }
      signed = true;
    }
    return signed;
  }

  /** The whole note: text, empty line, signature lines. */
  @Override
  public String toString() {
    StringBuilder note = new StringBuilder(text).append('\n');
    signatures.forEach(line -> note.append(line).append('\n'));
    return note.toString();
  }
}
