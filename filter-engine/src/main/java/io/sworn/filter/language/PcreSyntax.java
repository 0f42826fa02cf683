package io.sworn.filter.language;

/** What differs between PCRE and {@code java.util.regex}: translated, or refused. */
final class PcreSyntax {

  private PcreSyntax() {}

  /**
   * The same pattern for {@code java.util.regex}.
   *
   * @throws IllegalArgumentException for what Java cannot express
   */
  static String toJava(String pattern) {
    StringBuilder out = new StringBuilder(pattern.length() + 8);
    boolean inClass = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\' && i + 1 < pattern.length()) {
        i = escape(pattern, i, out);
      } else if (inClass) {
        inClass = c != ']';
        i = inClass(pattern, i, out);
      } else if (c == '[') {
        inClass = true;
        i = openClass(pattern, i, out);
      } else if (c == '(' && i + 1 < pattern.length()) {
        i = group(pattern, i, out);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static int escape(String pattern, int i, StringBuilder out) {
    char next = pattern.charAt(i + 1);
    switch (next) {
      case 'K', 'C', 'g', 'X' ->
          throw new IllegalArgumentException("'\\" + next + "' is not supported");
      case 'Q' -> {
        int end = pattern.indexOf("\\E", i + 2);
        int stop = end < 0 ? pattern.length() : end + 2;
        out.append(pattern, i, stop);
        return stop - 1;
      }
      default -> out.append('\\').append(next);
    }
    return i + 1;
  }

  /** A ']' directly behind '[' or '[^' is literal in PCRE. */
  private static int openClass(String pattern, int i, StringBuilder out) {
    out.append('[');
    int at = i;
    if (at + 1 < pattern.length() && pattern.charAt(at + 1) == '^') {
      out.append('^');
      at++;
    }
    if (at + 1 < pattern.length() && pattern.charAt(at + 1) == ']') {
      out.append("\\]");
      at++;
    }
    return at;
  }

  /** Java gives '[' and '&&' in a class a meaning that PCRE does not; POSIX classes are renamed. */
  private static int inClass(String pattern, int i, StringBuilder out) {
    char c = pattern.charAt(i);
    if (c == '[' && pattern.startsWith("[:", i)) {
      int end = pattern.indexOf(":]", i);
      if (end > 0) {
        out.append(posix(pattern.substring(i + 2, end)));
        return end + 1;
      }
    }
    if (c == '[' || c == '&') {
      out.append('\\');
    }
    out.append(c);
    return i;
  }

  private static String posix(String name) {
    return switch (name) {
      case "alpha" -> "\\p{Alpha}";
      case "digit" -> "\\p{Digit}";
      case "alnum" -> "\\p{Alnum}";
      case "upper" -> "\\p{Upper}";
      case "lower" -> "\\p{Lower}";
      case "punct" -> "\\p{Punct}";
      case "space" -> "\\s";
      case "blank" -> "\\p{Blank}";
      case "cntrl" -> "\\p{Cntrl}";
      case "graph" -> "\\p{Graph}";
      case "print" -> "\\p{Print}";
      case "xdigit" -> "\\p{XDigit}";
      case "word" -> "\\w";
      default -> throw new IllegalArgumentException("class [:" + name + ":] is not supported");
    };
  }

  private static int group(String pattern, int i, StringBuilder out) {
    String rest = pattern.substring(i, Math.min(pattern.length(), i + 4));
    if (rest.startsWith("(*")) {
      throw new IllegalArgumentException("verbs '(*...)' are not supported");
    }
    if (!rest.startsWith("(?")) {
      out.append('(');
      return i;
    }
    if (rest.startsWith("(?#")) {
      int end = pattern.indexOf(')', i);
      return end < 0 ? pattern.length() - 1 : end;
    }
    if (rest.startsWith("(?P<")) {
      out.append("(?<");
      return i + 3;
    }
    char kind = rest.length() > 2 ? rest.charAt(2) : ' ';
    boolean recursion = kind == 'R' || kind == '&' || kind == 'P' || kind == '+';
    boolean dashed = kind == '-' && rest.length() > 3 && Character.isDigit(rest.charAt(3));
    if (recursion || dashed || Character.isDigit(kind)) {
      throw new IllegalArgumentException("recursion '" + rest + "' is not supported");
    }
    if (kind == '(' || kind == '|' || kind == 'C') {
      throw new IllegalArgumentException("group '" + rest + "' is not supported");
    }
    out.append('(');
    return i;
  }
}
