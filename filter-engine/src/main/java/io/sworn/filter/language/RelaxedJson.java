package io.sworn.filter.language;

import io.sworn.filter.InvalidFilterException;

/**
 * The relaxed form of {@code auditLog.filter} as strict JSON: names without quotes, single quotes,
 * {@code /pattern/flags}. As in MongoDB, a pattern passes through the unescaping of strings first,
 * so {@code /^a\\./} means {@code ^a\.}.
 */
public final class RelaxedJson {

  private final String text;
  private final StringBuilder out = new StringBuilder();
  private int at;

  private RelaxedJson(String text) {
    this.text = text;
  }

  /**
   * Translates {@code text}; its structure is checked by the strict parser afterwards.
   *
   * @throws InvalidFilterException for a string or pattern without end, or a wrong escape
   */
  public static String toJson(String text) {
    if (text.length() > FilterParser.TEXT_CHARS_MAX) {
      throw new InvalidFilterException(
          "", "text of " + text.length() + " characters: at most " + FilterParser.TEXT_CHARS_MAX);
    }
    return new RelaxedJson(text).translate();
  }

  private String translate() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' || c == '\'') {
        quoted(unescaped(c));
      } else if (c == '/') {
        regex();
      } else if (Character.isLetter(c) || c == '_' || c == '$') {
        word();
      } else if (Character.isDigit(c) || c == '-' || c == '+' || c == '.') {
        number();
      } else {
        out.append(c);
        at++;
      }
    }
    return out.toString();
  }

  private void number() {
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
      out.append(text.charAt(at++));
    }
  }

  private void word() {
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "_$".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    String word = text.substring(start, at);
    int next = at;
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    boolean name = next < text.length() && text.charAt(next) == ':';
    if (name) {
      quoted(word);
    } else {
      out.append(word);
    }
  }

  private void regex() {
    String pattern = unescaped('/');
    int start = at;
    while (at < text.length() && Character.isLetter(text.charAt(at))) {
      at++;
    }
    out.append("{\"$regularExpression\":{\"pattern\":");
    quoted(pattern);
    out.append(",\"options\":");
    quoted(text.substring(start, at).replace("g", ""));
    out.append("}}");
  }

  /** The text up to {@code end}, escapes resolved; a backslash before any other character goes. */
  private String unescaped(char end) {
    int start = at++;
    StringBuilder value = new StringBuilder();
    while (at < text.length() && text.charAt(at) != end) {
      char c = text.charAt(at++);
      if (c != '\\') {
        value.append(c);
        continue;
      }
      if (at == text.length()) {
        break;
      }
      char escaped = text.charAt(at++);
      switch (escaped) {
        case 'b' -> value.append('\b');
        case 'f' -> value.append('\f');
        case 'n' -> value.append('\n');
        case 'r' -> value.append('\r');
        case 't' -> value.append('\t');
        case 'v' -> value.append('\u000B');
        case 'u' -> value.append(unicode());
        case 'x', '0', '1', '2', '3', '4', '5', '6', '7' ->
            throw new InvalidFilterException(
                "", "escape '\\" + escaped + "' at character " + at + ": double the backslash");
        default -> value.append(escaped);
      }
    }
    if (at >= text.length()) {
      throw new InvalidFilterException("", "no end of the text that begins at character " + start);
    }
    at++;
    return value.toString();
  }

  private char unicode() {
    try {
      char c = (char) Integer.parseInt(text.substring(at, at + 4), 16);
      at += 4;
      return c;
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new InvalidFilterException(
          "", "escape '\\u' at character " + at + ": four hexadecimal digits expected");
    }
  }

  private void quoted(String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
