package io.sworn.filter.language;

import java.util.BitSet;

/** A character class of a pattern, built up and written for {@code java.util.regex}. */
final class CharacterSet {

  static final int LAST = Character.MAX_CODE_POINT;

  private final BitSet characters = new BitSet();
  private final StringBuilder properties = new StringBuilder();
  private boolean negated;
  private boolean complemented;
  private boolean unsettled;

  void negate() {
    negated = true;
  }

  void add(int low, int high) {
    characters.set(low, high + 1);
  }

  /** Adds the other cases too. */
  void addCaseless(int low, int high) {
    add(low, high);
    for (int c : CaseSets.within(low, high)) {
      for (int other : CaseSets.of(c)) {
        characters.set(other);
      }
    }
  }

  /** Adds a part that is no list of characters, as Java writes it in a class. */
  void addProperty(String java) {
    properties.append(java);
  }

  /**
   * {@code \d}, {@code \w}, {@code \s}, {@code \h}, {@code \v}, or in capitals their complement.
   */
  void addType(char type) {
    BitSet of = new BitSet();
    switch (Character.toLowerCase(type)) {
      case 'd' -> of.set('0', '9' + 1);
      case 'w' -> {
        of.or(posix("alnum"));
        of.set('_');
      }
      case 's' -> of.or(posix("space"));
      case 'h' -> {
        of.set('\t');
        for (int c : new int[] {' ', 0xA0, 0x1680, 0x180E, 0x202F, 0x205F, 0x3000}) {
          of.set(c);
        }
        of.set(0x2000, 0x200A + 1);
      }
      case 'v' -> {
        of.set('\n', '\r' + 1);
        of.set(0x85);
        of.set(0x2028, 0x2029 + 1);
      }
      default -> throw new IllegalArgumentException("\\" + type);
    }
    add(of, Character.isUpperCase(type));
  }

  /** {@code [:name:]} or {@code [:^name:]}; false if there is none of this name. */
  boolean addPosix(String name, boolean caseless) {
    boolean complement = name.startsWith("^");
    String plain = complement ? name.substring(1) : name;
    if (caseless && (plain.equals("upper") || plain.equals("lower"))) {
      plain = "alpha";
    }
    BitSet of = posix(plain);
    if (of.isEmpty()) {
      return false;
    }
    unsettled |= complemented && !complement;
    add(of, complement);
    return true;
  }

  /** Whether PCRE2 10.42 breaks its own rules for characters above U+00FF in it. */
  boolean isUnsettled() {
    return unsettled || negated && complemented && properties.length() > 0;
  }

  private void add(BitSet of, boolean complement) {
    complemented |= complement;
    if (complement) {
      of.flip(0, LAST + 1);
    }
    characters.or(of);
  }

  /** PCRE's classes hold ASCII only, unless a pattern asks for Unicode. */
  private static BitSet posix(String name) {
    BitSet of = new BitSet();
    for (char c = 0; c < 0x80; c++) {
      boolean upper = c >= 'A' && c <= 'Z';
      boolean lower = c >= 'a' && c <= 'z';
      boolean digit = c >= '0' && c <= '9';
      boolean graph = c > ' ' && c < 0x7F;
      of.set(
          c,
          switch (name) {
            case "alpha" -> upper || lower;
            case "alnum" -> upper || lower || digit;
            case "word" -> upper || lower || digit || c == '_';
            case "upper" -> upper;
            case "lower" -> lower;
            case "digit" -> digit;
            case "xdigit" -> digit || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f';
            case "graph" -> graph;
            case "print" -> graph || c == ' ';
            case "punct" -> graph && !upper && !lower && !digit;
            case "space" -> c == ' ' || c >= '\t' && c <= '\r';
            case "blank" -> c == ' ' || c == '\t';
            case "cntrl" -> c < ' ' || c == 0x7F;
            case "ascii" -> true;
            default -> false;
          });
    }
    return of;
  }

  /** The only character of the set; -1 if it is another set. */
  int single() {
    return !negated && properties.length() == 0 && characters.cardinality() == 1
        ? characters.nextSetBit(0)
        : -1;
  }

  /** The class as Java writes it. */
  String toJava() {
    StringBuilder out = new StringBuilder(negated ? "[^" : "[");
    for (int low = characters.nextSetBit(0); low >= 0; ) {
      int high = characters.nextClearBit(low) - 1;
      literal(low, out);
      if (high > low) {
        literal(high, high > low + 1 ? out.append('-') : out);
      }
      low = high == LAST ? -1 : characters.nextSetBit(high + 1);
    }
    return out.append(properties).append(']').toString();
  }

  /** A character that stands for itself, in a class and outside. */
  static void literal(int c, StringBuilder out) {
    if (c == ' ' || c > 0x7F) {
      out.appendCodePoint(c);
    } else if (c < ' ' || c == 0x7F) {
      out.append("\\x{").append(Integer.toHexString(c)).append('}');
    } else if (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
      out.append((char) c);
    } else {
      out.append('\\').append((char) c);
    }
  }
}
