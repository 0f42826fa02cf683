package io.sworn.filter.sigma;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A string value of Sigma: literal characters and the wildcards {@code *} and {@code ?}. Immutable.
 *
 * <p>Escapes (specification, "Escaping"): {@code \*} and {@code \?} are literal, {@code \\} before
 * a wildcard or another backslash is a backslash, a single backslash before anything else is
 * itself.
 */
final class SigmaString {

  private static final char ANY = '\uE000';
  private static final char ONE = '\uE001';

  /** Literal characters as they are; the wildcards as two private ones. */
  private final String parts;

  private SigmaString(String parts) {
    this.parts = parts;
  }

  /** Reads the escapes of {@code text}. */
  static SigmaString parse(String text) {
    StringBuilder parts = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
      if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
        parts.append(next);
        i++;
      } else {
        parts.append(c == '*' ? ANY : c == '?' ? ONE : c);
      }
    }
    return new SigmaString(parts.toString());
  }

  boolean hasWildcards() {
    return parts.indexOf(ANY) >= 0 || parts.indexOf(ONE) >= 0;
  }

  /** The characters of a string without wildcards. */
  String literal() {
    return parts;
  }

  SigmaString contains() {
    return new SigmaString(ANY + parts + ANY);
  }

  SigmaString startsWith() {
    return new SigmaString(parts + ANY);
  }

  SigmaString endsWith() {
    return new SigmaString(ANY + parts);
  }

  /** With each kind of dash in place of a leading one of a word. */
  List<SigmaString> dashes() {
    List<SigmaString> variants = new ArrayList<>();
    for (char dash : new char[] {'-', '/', '\u2013', '\u2014', '\u2015'}) {
      variants.add(new SigmaString(parts.replaceAll("(^|[\\s\uE000])[-/]", "$1" + dash)));
    }
    return variants;
  }

  SigmaString encoded(Charset charset, boolean mark) {
    byte[] bytes = ((mark ? "\uFEFF" : "") + parts).getBytes(charset);
    return new SigmaString(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** Base64 of the string's bytes; what {@link #encoded} made counts as bytes already. */
  SigmaString base64(boolean bytes) {
    return new SigmaString(Base64.getEncoder().encodeToString(bytes(bytes)));
  }

  /** The three forms that the string can have inside a longer one, by its offset modulo 3. */
  List<SigmaString> base64Offsets(boolean bytes) {
    byte[] value = bytes(bytes);
    int[] begin = {0, 2, 3};
    int[] end = {0, 3, 2};
    List<SigmaString> forms = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] shifted = new byte[i + value.length];
      java.util.Arrays.fill(shifted, 0, i, (byte) ' ');
      System.arraycopy(value, 0, shifted, i, value.length);
      String text = Base64.getEncoder().encodeToString(shifted);
      int cut = end[shifted.length % 3];
      forms.add(new SigmaString(text.substring(begin[i], Math.max(begin[i], text.length() - cut))));
    }
    return forms;
  }

  private byte[] bytes(boolean bytes) {
    return parts.getBytes(bytes ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
  }

  /** A pattern for what the string matches, without anchors. */
  String pattern() {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < parts.length(); i++) {
      char c = parts.charAt(i);
      if (c == ANY) {
        pattern.append(".*");
      } else if (c == ONE) {
        pattern.append('.');
      } else {
        if ("\\^$.|?*+()[]{}".indexOf(c) >= 0) {
          pattern.append('\\');
        }
        pattern.append(c);
      }
    }
    return pattern.toString();
  }

  /** The pattern of the whole value; an open end needs no anchor. */
  String anchored(String before, String after) {
    String inner = pattern();
    boolean openBegin = before.equals("^") && inner.startsWith(".*");
    boolean openEnd = after.equals("$") && inner.endsWith(".*") && !inner.endsWith("\\.*");
    if (openBegin) {
      inner = inner.substring(2);
    }
    if (openEnd && inner.endsWith(".*")) {
      inner = inner.substring(0, inner.length() - 2);
    }
    return (openBegin ? "" : before) + inner + (openEnd ? "" : after);
  }
}
