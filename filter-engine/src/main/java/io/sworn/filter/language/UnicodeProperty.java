package io.sworn.filter.language;

import java.util.Locale;
import java.util.Set;

/** {@code \p{...}} of PCRE2: general categories and scripts. */
final class UnicodeProperty {

  private static final Set<String> CATEGORIES =
      Set.of(
          "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me",
          "Mn", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc",
          "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs");

  private UnicodeProperty() {}

  /**
   * As Java writes it.
   *
   * @param name without braces; upper and lower case, spaces, '_' and '-' make no difference
   * @param complement whether it is {@code \P}
   * @param member whether it stands within a class
   * @throws IllegalArgumentException if it is not supported
   */
  static String toJava(String name, boolean complement, boolean member) {
    String plain = name.replaceAll("[ \\t\\n\\x0B\\f\\r_-]", "").toLowerCase(Locale.ROOT);
    boolean not = complement;
    if (plain.startsWith("^")) {
      not = !not;
      plain = plain.substring(1);
    }
    String inner = inner(name, plain);
    return member && !not ? inner : "[" + (not ? "^" : "") + inner + "]";
  }

  private static String inner(String name, String plain) {
    for (String category : CATEGORIES) {
      if (category.equalsIgnoreCase(plain)) {
        return "\\p{" + category + "}";
      }
    }
    switch (plain) {
      case "any" -> {
        return "\\x{0}-\\x{10FFFF}";
      }
      case "l&", "lc" -> {
        return "\\p{Lu}\\p{Ll}\\p{Lt}";
      }
      case "xan" -> {
        return "\\p{L}\\p{N}";
      }
      case "xps", "xsp" -> {
        return "\\p{Z}\\h\\v";
      }
      default -> {
        // a script
      }
    }
    int mark = Math.max(plain.indexOf(':'), plain.indexOf('='));
    String script = script(plain.substring(mark + 1));
    String kind = mark < 0 ? "" : plain.substring(0, mark);
    if (!script.isEmpty() && (kind.equals("sc") || kind.equals("script"))) {
      return "\\p{Is" + script + "}";
    }
    throw new IllegalArgumentException(
        script.isEmpty()
            ? "property "
                + Text.quoted(name)
                + " is not supported: use a general category or sc:<script>"
            : "property "
                + Text.quoted(name)
                + " holds characters of other scripts too, which is not supported: use \\p{sc:"
                + script
                + "}");
  }

  /** Java's name of a script; empty if there is none. */
  private static String script(String plain) {
    for (Character.UnicodeScript script : Character.UnicodeScript.values()) {
      if (script.name().replace("_", "").equalsIgnoreCase(plain)) {
        return script.name();
      }
    }
    try {
      return Character.UnicodeScript.forName(plain).name(); // by its four letters
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
