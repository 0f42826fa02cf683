package io.sworn.filter.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pattern as PCRE2 10.42 does in UTF mode, with LF for a new line, and writes the same
 * pattern for {@code java.util.regex}. The options are resolved here: what is written has no other
 * case, no comment and no name left to Java, whose rules for them differ. What Java cannot express
 * is refused, and so is what PCRE refuses.
 */
final class PcreSyntax {

  private static final int LEVELS_MAX = 250;
  private static final int REPEAT_MAX = 65_535;
  private static final int NAME_CHARS_MAX = 32;
  private static final String SHORTHANDS = "dDwWsShHvV";
  private static final String WORD_START = "(?:(?<!\\w)(?=\\w))";
  private static final String WORD_END = "(?:(?<=\\w)(?!\\w))";

  /**
   * Makes Java look at whole characters only: without a supplementary one in the text of a pattern
   * it tries look-around within a pair of surrogates, too.
   */
  private static final String WHOLE_CHARACTERS = "[\uDBFF\uDFFF]{0}";

  /**
   * A pattern for Java.
   *
   * @param pattern for {@code UNIX_LINES}
   * @param dotAll whether {@code DOTALL} belongs to it
   * @param prefix the text that a match begins with and that suffices for one; null if it takes
   *     more
   */
  record Java(String pattern, boolean dotAll, @Nullable String prefix) {}

  /** What an item may be followed by. */
  private enum Kind {
    REPEATABLE,
    LOOK_AROUND,
    FIXED
  }

  /** How far the whole pattern is an anchor, literal text and a {@code .*} that may follow. */
  private enum Prefix {
    START,
    LITERAL,
    REST,
    NONE
  }

  private record Options(boolean i, boolean m, boolean s, boolean x, boolean n, boolean lazy) {
    Options with(char letter, boolean on) {
      return switch (letter) {
        case 'i' -> new Options(on, m, s, x, n, lazy);
        case 'm' -> new Options(i, on, s, x, n, lazy);
        case 's' -> new Options(i, m, on, x, n, lazy);
        case 'x' -> new Options(i, m, s, on, n, lazy);
        case 'n' -> new Options(i, m, s, x, on, lazy);
        default -> new Options(i, m, s, x, n, on);
      };
    }
  }

  /**
   * A part of the pattern that forgets or keeps its groups in another way in Java, when it is left
   * or repeated.
   *
   * @param lowest number of its first group
   * @param highest number of its last group
   */
  private record Shut(int lowest, int highest, int begin, int end) {}

  private final String p;
  private final boolean dotAll;
  private final StringBuilder out = new StringBuilder();
  private final Map<String, Integer> names = new HashMap<>();
  private final List<Shut> shut = new ArrayList<>();
  private final @Nullable PcreSyntax first;
  private Options options;
  private int at;
  private boolean quoted;
  private int groups;
  private int levels;
  private int looks;
  private boolean behind;
  private boolean looksAround;

  private Prefix prefix = Prefix.START;
  private final StringBuilder literal = new StringBuilder();
  private int item;

  private static final int ANCHOR = -1;
  private static final int DOT = -2;
  private static final int OTHER = -3;
  private static final int NOTHING = -4;

  private PcreSyntax(String pattern, Options options, @Nullable PcreSyntax first) {
    this.p = pattern;
    this.options = options;
    this.dotAll = options.s;
    this.first = first;
  }

  /**
   * The same pattern for Java.
   *
   * @param flags from {@code i m s x}
   * @throws IllegalArgumentException for what Java cannot express and for what is no pattern
   */
  static Java toJava(String pattern, String flags) {
    Options options = new Options(false, false, false, false, false, false);
    for (char c : flags.toCharArray()) {
      options = c == 'u' ? options : options.with(c, true);
    }
    PcreSyntax first = new PcreSyntax(pattern, options, null);
    first.whole(); // finds the groups that are referred to before they come
    PcreSyntax second = new PcreSyntax(pattern, options, first);
    second.whole();
    return new Java(
        second.out.toString(),
        second.dotAll,
        second.prefix == Prefix.LITERAL || second.prefix == Prefix.REST
            ? second.literal.toString()
            : null);
  }

  private void whole() {
    for (int i = 0; i < p.length(); i++) {
      if (Character.isSurrogate(p.charAt(i)) && p.codePointAt(i) <= Character.MAX_VALUE) {
        throw refused(i, "half a character");
      } else if (Character.isHighSurrogate(p.charAt(i))) {
        i++;
      }
    }
    for (String utf : new String[] {"(*UTF)", "(*UTF8)"}) {
      at = p.startsWith(utf) ? utf.length() : at;
    }
    alternatives();
    if (at < p.length()) {
      throw refused(at, "')' without a '('");
    }
    if (looksAround) {
      out.append(WHOLE_CHARACTERS);
    }
  }

  private void alternatives() {
    sequence();
    while (peek() == '|') {
      at++;
      out.append('|');
      prefix = Prefix.NONE;
      sequence();
    }
  }

  private void sequence() {
    while (true) {
      skipped();
      if (at >= p.length() || !quoted && (peek() == '|' || peek() == ')')) {
        return;
      }
      int start = out.length();
      int begin = at;
      int before = groups;
      item = OTHER;
      Kind kind = item();
      int which = item;
      skipped();
      boolean repeated = !quoted && repeated(begin, start, before, kind, which);
      if (levels == 0 && !repeated) {
        extendPrefix(which);
      }
    }
  }

  private void extendPrefix(int which) {
    if (which == NOTHING) {
      return;
    }
    if (which == ANCHOR && (prefix == Prefix.START || prefix == Prefix.LITERAL && isBare())) {
      prefix = Prefix.LITERAL;
    } else if (which >= 0 && prefix == Prefix.LITERAL) {
      literal.appendCodePoint(which);
    } else {
      prefix = Prefix.NONE;
    }
  }

  private boolean isBare() {
    return literal.length() == 0;
  }

  /** Passes what stands for nothing: comments, white space if that is ignored, quotation marks. */
  private void skipped() {
    while (at < p.length()) {
      if (p.startsWith("\\E", at)) {
        quoted = false;
        at += 2;
      } else if (quoted) {
        return;
      } else if (p.startsWith("\\Q\\E", at)) {
        at += 4;
      } else if (p.startsWith("(?#", at)) {
        int end = p.indexOf(')', at);
        if (end < 0) {
          throw refused(at, "a comment without its ')'");
        }
        at = end + 1;
      } else if (options.x && isSpace(p.charAt(at))) {
        at++;
      } else if (options.x && p.charAt(at) == '#') {
        int end = p.indexOf('\n', at);
        at = end < 0 ? p.length() : end + 1;
      } else {
        return;
      }
    }
  }

  /** What {@code x} ignores. */
  private static boolean isSpace(char c) {
    return c == ' '
        || c >= '\t' && c <= '\r'
        || c == 0x85
        || c == 0x200E
        || c == 0x200F
        || c == 0x2028
        || c == 0x2029;
  }

  private Kind item() {
    int begin = at;
    int c = next();
    if (quoted) {
      return literal(c);
    }
    switch (c) {
      case '\\' -> {
        return escape(begin);
      }
      case '[' -> {
        return characterClass(begin);
      }
      case '(' -> {
        return group(begin);
      }
      case '^' -> {
        item = options.m ? OTHER : ANCHOR;
        // Java finds no line at the start of an empty text.
        out.append(options.m ? "(?:^|(?<=\\n)(?!\\z))" : "^");
        return Kind.FIXED;
      }
      case '$' -> {
        out.append(options.m ? "(?m:$)" : "$");
        return Kind.FIXED;
      }
      case '.' -> {
        item = DOT;
        out.append(options.s == dotAll ? "." : options.s ? "[\\s\\S]" : "[^\\n]");
        return Kind.REPEATABLE;
      }
      default -> {
        if (c == '*' || c == '+' || c == '?' || c == '{' && Repeat.at(p, begin) != null) {
          throw refused(begin, "nothing before it that can be repeated");
        }
        return literal(c);
      }
    }
  }

  private Kind literal(int c) {
    if (options.i && CaseSets.of(c).length > 1) {
      CharacterSet set = new CharacterSet();
      set.addCaseless(c, c);
      out.append(set.toJava());
    } else {
      item = c;
      CharacterSet.literal(c, out);
    }
    return Kind.REPEATABLE;
  }

  /** {@code {n}}, {@code {n,}}, {@code {n,m}}; {@code {,m}} is text. */
  private record Repeat(int end, long least, long most) {
    static @Nullable Repeat at(String p, int open) {
      int i = open + 1;
      int comma = -1;
      while (i < p.length() && p.charAt(i) != '}') {
        char c = p.charAt(i);
        if (c == ',' && comma < 0 && i > open + 1) {
          comma = i;
        } else if (c < '0' || c > '9') {
          return null;
        }
        i++;
      }
      if (i >= p.length() || i == open + 1) {
        return null;
      }
      long least = number(p.substring(open + 1, comma < 0 ? i : comma));
      long most =
          comma < 0 ? least : comma + 1 == i ? Long.MAX_VALUE : number(p.substring(comma + 1, i));
      return new Repeat(i + 1, least, most);
    }
  }

  /** Digits; a number beyond all limits if there are many of them. */
  private static long number(String digits) {
    String plain = digits.replaceFirst("^0+(?=.)", "");
    return plain.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(plain);
  }

  /** Reads a quantifier of the item that was written from {@code start} on; false = none. */
  private boolean repeated(int begin, int start, int before, Kind kind, int which) {
    long least;
    long most;
    int from = at;
    Repeat repeat = peek() == '{' ? Repeat.at(p, at) : null;
    if (repeat != null) {
      least = repeat.least;
      most = repeat.most;
      at = repeat.end;
    } else if (peek() == '*' || peek() == '+' || peek() == '?') {
      char c = p.charAt(at++);
      least = c == '+' ? 1 : 0;
      most = c == '?' ? 1 : Long.MAX_VALUE;
    } else {
      return false;
    }
    if (kind == Kind.FIXED) {
      throw refused(begin, "it cannot be repeated");
    }
    if (least > REPEAT_MAX || most != Long.MAX_VALUE && most > REPEAT_MAX) {
      throw refused(from, "at most " + REPEAT_MAX);
    }
    if (most < least) {
      throw refused(from, "the numbers are out of order");
    }
    if (behind && least != most && kind != Kind.LOOK_AROUND) {
      // Java takes some of these and then looks back by too little.
      throw refused(from, "in a look-behind only {n}: it must have a fixed length");
    }
    skipped();
    boolean possessive = !quoted && peek() == '+';
    boolean lazy = !quoted && peek() == '?';
    at += possessive || lazy ? 1 : 0;
    String how = possessive ? "+" : lazy != options.lazy ? "?" : "";
    if (most > 1 || possessive) {
      shut(before, begin);
    }
    if (kind == Kind.LOOK_AROUND) { // is looked at once at most
      if (least == 0) {
        out.insert(start, "(?:").append(most == 0 ? "){0}" : ")?" + how);
      }
    } else if (most == Long.MAX_VALUE) {
      out.append(least == 0 ? "*" : least == 1 ? "+" : "{" + least + ",}").append(how);
    } else {
      out.append(least == 0 && most == 1 ? "?" : "{" + least + "," + most + "}").append(how);
    }
    if (possessive
        && least > 1
        && kind != Kind.LOOK_AROUND) { // Java would shut each round, not only the last
      out.deleteCharAt(out.length() - 1).insert(start, "(?>").append(')');
    }
    if (levels == 0) {
      boolean rest = which == DOT && least == 0 && most == Long.MAX_VALUE;
      prefix = rest && prefix == Prefix.LITERAL ? Prefix.REST : Prefix.NONE;
    }
    return true;
  }

  // Groups

  private Kind group(int begin) {
    if (peek() == '*') {
      throw refused(begin, "verbs '(*...)' are not supported");
    }
    if (peek() != '?') {
      return body(begin, options.n ? "(?:" : capture(begin, null), Kind.REPEATABLE);
    }
    at++;
    int c = at < p.length() ? next() : -1;
    switch (c) {
      case ':' -> {
        return body(begin, "(?:", Kind.REPEATABLE);
      }
      case '>' -> {
        int before = groups;
        Kind kind = body(begin, "(?>", Kind.REPEATABLE);
        shut(before, begin);
        return kind;
      }
      case '=', '!' -> {
        return look(begin, "(?" + (char) c);
      }
      case '<' -> {
        if (peek() == '=' || peek() == '!') {
          return look(begin, "(?<" + p.charAt(at++));
        }
        return body(begin, capture(begin, name(begin, '>')), Kind.REPEATABLE);
      }
      case '\'' -> {
        return body(begin, capture(begin, name(begin, '\'')), Kind.REPEATABLE);
      }
      case 'P' -> {
        int kind = at < p.length() ? next() : -1;
        if (kind == '<') {
          return body(begin, capture(begin, name(begin, '>')), Kind.REPEATABLE);
        } else if (kind == '=') {
          return reference(begin, name(begin, ')'));
        } else if (kind == '>') {
          throw refused(begin, "a call of a group is not supported");
        }
        throw refused(begin, "no kind of group");
      }
      case 'R', '&', '+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
          throw refused(begin, "recursion is not supported");
      case '(' -> throw refused(begin, "a condition is not supported");
      case '|' -> throw refused(begin, "alternatives that share numbers are not supported");
      case 'C' -> throw refused(begin, "a callout is not supported");
      case '*' -> throw refused(begin, "non-atomic look-around is not supported");
      default -> {
        at = begin + 2;
        return flags(begin);
      }
    }
  }

  /** Notes that what is read since {@code begin} is a repetition, look-around or atomic. */
  private void shut(int before, int begin) {
    if (groups > before && first == null) {
      shut.add(new Shut(before + 1, groups, begin, at));
    }
  }

  private String capture(int begin, @Nullable String name) {
    groups++;
    if (name != null && names.put(name, groups) != null) {
      throw refused(begin, "two groups have this name");
    }
    return "(";
  }

  private Kind look(int begin, String open) {
    looksAround = true;
    looks++;
    int before = groups;
    boolean outside = behind;
    behind = open.startsWith("(?<"); // what is looked ahead for there may have any length
    Kind kind = body(begin, open, Kind.LOOK_AROUND);
    behind = outside;
    shut(before, begin);
    looks--;
    return kind;
  }

  private Kind body(int begin, String open, Kind kind) {
    return body(begin, open, kind, options);
  }

  private Kind body(int begin, String open, Kind kind, Options outside) {
    out.append(open);
    if (++levels > LEVELS_MAX) {
      throw refused(begin, "nested too deeply: at most " + LEVELS_MAX + " levels");
    }
    Prefix before = prefix;
    alternatives();
    prefix = before;
    levels--;
    if (at >= p.length()) {
      throw refused(begin, "its ')' is missing");
    }
    at++;
    out.append(')');
    options = outside;
    item = OTHER;
    return kind;
  }

  /** {@code (?i)}, {@code (?i-s:...)}, {@code (?^x)}. */
  private Kind flags(int begin) {
    Options changed = options;
    boolean on = true;
    boolean reset = peek() == '^';
    if (reset) {
      at++;
      for (char letter : new char[] {'i', 'm', 's', 'x', 'n'}) {
        changed = changed.with(letter, false);
      }
    }
    while (true) {
      int c = at < p.length() ? next() : -1;
      switch (c) {
        case ')' -> {
          options = changed;
          item = NOTHING;
          return Kind.FIXED;
        }
        case ':' -> {
          Options outside = options;
          options = changed;
          return body(begin, "(?:", Kind.REPEATABLE, outside);
        }
        case '-' -> {
          if (!on || reset) {
            throw refused(begin, "a '-' too many");
          }
          if (peek() >= '0' && peek() <= '9') {
            throw refused(begin, "recursion is not supported");
          }
          on = false;
        }
        case 'i', 'm', 's', 'n', 'U' -> changed = changed.with((char) c, on);
        case 'x' -> {
          if (peek() == 'x') {
            throw refused(begin, "option 'xx' is not supported");
          }
          changed = changed.with('x', on);
        }
        case 'J' -> {
          // Two groups of one name are refused where they come.
        }
        default -> throw refused(begin, "no kind of group and no option of PCRE's: use imsxnU");
      }
    }
  }

  /** A group's name and the {@code end} behind it. */
  private String name(int begin, char end) {
    int close = p.indexOf(end, at);
    String name = close < 0 ? "" : p.substring(at, close);
    boolean word =
        name.codePoints().allMatch(c -> c == '_' || Character.isLetter(c) || Character.isDigit(c));
    if (name.isEmpty() || !word || Character.isDigit(name.codePointAt(0))) {
      throw refused(begin, "no name of letters, digits and '_' before '" + end + "'");
    }
    if (name.length() > NAME_CHARS_MAX) {
      throw refused(begin, "a name has at most " + NAME_CHARS_MAX + " characters");
    }
    at = close + 1;
    return name;
  }

  private Kind reference(int begin, String name) {
    if (first == null) {
      return Kind.REPEATABLE;
    }
    Integer number = first.names.get(name);
    if (number == null) {
      throw refused(begin, "there is no group of this name");
    }
    return reference(begin, number);
  }

  private Kind reference(int begin, int number) {
    if (behind) {
      throw refused(begin, "a back reference in a look-behind is not supported");
    }
    if (first == null) {
      return Kind.REPEATABLE;
    }
    if (number < 1 || number > first.groups) {
      throw refused(begin, "there is no group of this number");
    }
    if (number > 9 && number > groups) {
      throw refused(begin, "a reference ahead is supported to the first nine groups");
    }
    if (options.i) {
      throw refused(begin, "a back reference without regard to case is not supported");
    }
    for (Shut part : first.shut) {
      if (part.lowest <= number
          && number <= part.highest
          && (begin < part.begin || begin >= part.end)) {
        throw refused(
            begin,
            "a back reference into a repetition, look-around or atomic group is not supported");
      }
    }
    out.append("(?:\\").append(number).append(')');
    return Kind.REPEATABLE;
  }

  // Escapes

  private Kind escape(int begin) {
    if (at >= p.length()) {
      throw refused(begin, "a backslash at the end");
    }
    char c = p.charAt(at);
    if (SHORTHANDS.indexOf(c) >= 0) {
      at++;
      out.append('\\').append(c);
      return Kind.REPEATABLE;
    }
    switch (c) {
      case 'Q' -> {
        at++;
        quoted = true;
        item = NOTHING;
        return Kind.FIXED;
      }
      case 'A', 'G' -> {
        item = ANCHOR;
        return fixed("^");
      }
      case 'Z' -> {
        return fixed("$");
      }
      case 'z' -> {
        return fixed("\\z");
      }
      case 'b' -> {
        return fixed("(?:" + WORD_START + "|" + WORD_END + ")");
      }
      case 'B' -> {
        looksAround = true;
        return fixed("(?:(?<=\\w)(?=\\w)|(?<!\\w)(?!\\w))");
      }
      case 'K' -> {
        if (looks > 0) {
          throw refused(begin, "not allowed in look-around");
        }
        item = NOTHING; // moves the start of the match, which nobody asks for
        return fixed("");
      }
      case 'R' -> {
        at++;
        out.append("(?>\\r\\n|\\v)");
        return Kind.REPEATABLE;
      }
      case 'N' -> {
        if (!p.startsWith("N{U+", at)) {
          at++;
          if (peek() == '{' && Repeat.at(p, at) == null) {
            throw refused(begin, "a character by its name is not supported: use \\x{...}");
          }
          out.append("[^\\n]");
          return Kind.REPEATABLE;
        }
      }
      case 'p', 'P' -> {
        at++;
        out.append(property(begin, c == 'P', false));
        return Kind.REPEATABLE;
      }
      case 'g', 'k' -> {
        at++;
        return named(begin, c);
      }
      case 'X', 'C' -> throw refused(begin, "not supported");
      default -> {
        if (c >= '1' && c <= '9') {
          int end = at;
          while (end < p.length() && p.charAt(end) >= '0' && p.charAt(end) <= '9') {
            end++;
          }
          long number = number(p.substring(at, end));
          if (number < 10 || c >= '8' || number <= groups) {
            at = end;
            return reference(begin, (int) number);
          }
        }
      }
    }
    return literal(character(begin));
  }

  private Kind fixed(String java) {
    at++;
    out.append(java);
    return Kind.FIXED;
  }

  /** {@code \g} and {@code \k}: references by number, relative number or name. */
  private Kind named(int begin, char letter) {
    int open = peek();
    if (letter == 'g' && (open == '<' || open == '\'')) {
      throw refused(begin, "a call of a group is not supported");
    }
    if (letter == 'k' && (open == '<' || open == '\'' || open == '{')) {
      at++;
      return reference(begin, name(begin, open == '<' ? '>' : open == '{' ? '}' : '\''));
    }
    int from = open == '{' ? at + 1 : at;
    int digits = from;
    if (digits < p.length() && (p.charAt(digits) == '-' || p.charAt(digits) == '+')) {
      digits++;
    }
    int end = digits;
    while (end < p.length() && p.charAt(end) >= '0' && p.charAt(end) <= '9') {
      end++;
    }
    if (letter == 'k' || end == digits && open != '{') {
      throw refused(begin, "no number or name of a group");
    }
    if (end == digits) {
      at++;
      return reference(begin, name(begin, '}'));
    }
    if (open == '{' && (end >= p.length() || p.charAt(end) != '}')) {
      throw refused(begin, "no number or name of a group before '}'");
    }
    at = open == '{' ? end + 1 : end;
    long number = number(p.substring(digits, end));
    char sign = p.charAt(from);
    if (number > REPEAT_MAX || number == 0) {
      throw refused(begin, "there is no group of this number");
    }
    return reference(
        begin, (int) (sign == '-' ? groups + 1 - number : sign == '+' ? groups + number : number));
  }

  /** What is behind {@code \p} for Java. */
  private String property(int begin, boolean complement, boolean member) {
    String name = property(begin);
    try {
      return UnicodeProperty.toJava(name, complement, member);
    } catch (IllegalArgumentException e) {
      throw refused(begin, String.valueOf(e.getMessage()));
    }
  }

  /** The name behind {@code \p}, braces taken off. */
  private String property(int begin) {
    int open = at < p.length() ? next() : -1;
    if (open < 0) {
      throw refused(begin, "the property is missing");
    }
    if (open != '{') {
      return Character.toString(open);
    }
    int close = p.indexOf('}', at);
    if (close < 0) {
      throw refused(begin, "its '}' is missing");
    }
    String name = p.substring(at, close);
    at = close + 1;
    return name;
  }

  /** An escape that stands for one character, in a class and outside. */
  private int character(int begin) {
    int c = next();
    switch (c) {
      case 'a' -> {
        return 7;
      }
      case 'e' -> {
        return 0x1B;
      }
      case 'f' -> {
        return '\f';
      }
      case 'n' -> {
        return '\n';
      }
      case 'r' -> {
        return '\r';
      }
      case 't' -> {
        return '\t';
      }
      case 'c' -> {
        int of = at < p.length() ? next() : -1;
        if (of < ' ' || of > '~') {
          throw refused(begin, "a printable ASCII character must follow");
        }
        return Character.toUpperCase(of) ^ 0x40;
      }
      case 'x' -> {
        return peek() == '{' ? braced(begin, at + 1, 16) : digits(2, 16);
      }
      case 'o' -> {
        if (peek() != '{') {
          throw refused(begin, "a '{' must follow");
        }
        return braced(begin, at + 1, 8);
      }
      case 'N' -> {
        return braced(begin, at + 3, 16);
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        at--;
        return digits(3, 8);
      }
      default -> {
        if (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
          throw refused(begin, "no escape of PCRE's");
        }
        return c;
      }
    }
  }

  private int digits(int most, int radix) {
    int value = 0;
    for (int i = 0; i < most && peek() >= 0 && peek() < 0x80; i++) {
      int digit = Character.digit(peek(), radix);
      if (digit < 0) {
        break;
      }
      value = value * radix + digit;
      at++;
    }
    return value;
  }

  /** Digits up to a closing brace. */
  private int braced(int begin, int from, int radix) {
    int close = p.indexOf('}', from);
    int value = 0;
    for (int i = from; i < close; i++) {
      int digit = p.charAt(i) < 0x80 ? Character.digit(p.charAt(i), radix) : -1;
      value = digit < 0 || value > CharacterSet.LAST ? -1 : value * radix + digit;
      if (value < 0) {
        break;
      }
    }
    boolean surrogate = value <= Character.MAX_VALUE && Character.isSurrogate((char) value);
    if (close <= from || value < 0 || value > CharacterSet.LAST || surrogate) {
      throw refused(begin, "no number of a character in braces");
    }
    at = close + 1;
    return value;
  }

  // Classes

  private Kind characterClass(int begin) {
    if (p.startsWith("[[:<:]]", begin) || p.startsWith("[[:>:]]", begin)) {
      at = begin + 7;
      out.append(p.charAt(begin + 3) == '<' ? WORD_START : WORD_END);
      return Kind.FIXED;
    }
    if (posixEnd(begin) >= 0) {
      throw refused(begin, "a POSIX class stands within another class: [[:alpha:]]");
    }
    CharacterSet set = new CharacterSet();
    boolean negated = false;
    while (true) {
      if (p.startsWith("\\E", at)) {
        at += 2;
      } else if (p.startsWith("\\Q\\E", at)) {
        at += 4;
      } else if (!negated && peek() == '^') {
        negated = true;
        at++;
      } else {
        break;
      }
    }
    boolean start = true;
    while (true) {
      unquoted();
      if (at >= p.length()) {
        throw refused(begin, "its ']' is missing");
      }
      if (!quoted && !start && peek() == ']') {
        at++;
        break;
      }
      start = false;
      int low = member(set);
      unquoted();
      boolean range = !quoted && peek() == '-' && at + 1 < p.length() && p.charAt(at + 1) != ']';
      if (!range) {
        add(set, low, low);
        continue;
      }
      int dash = at++;
      unquoted();
      if (!quoted && peek() == ']') {
        add(set, low, low);
        at = dash; // stands for itself
        add(set, next(), '-');
        continue;
      }
      int high = at < p.length() ? member(set) : -1;
      if (low < 0 || high < 0) {
        throw refused(dash, "no range beside a class; write \\-");
      }
      if (high < low) {
        throw refused(dash, "the range is out of order");
      }
      add(set, low, high);
    }
    int single = negated ? -1 : set.single();
    if (single >= 0) {
      item = single;
      CharacterSet.literal(single, out);
      return Kind.REPEATABLE;
    }
    if (negated) {
      set.negate();
    }
    if (set.isUnsettled()) {
      throw refused(
          begin,
          "PCRE2 10.42 breaks its own rules in a class that holds a complement such as \\W and then a POSIX"
              + " class, or negates it together with a property");
    }
    out.append(set.toJava());
    return Kind.REPEATABLE;
  }

  private void add(CharacterSet set, int low, int high) {
    if (low >= 0 && options.i) {
      set.addCaseless(low, high);
    } else if (low >= 0) {
      set.add(low, high);
    }
  }

  /** Passes quotation marks. */
  private void unquoted() {
    while (true) {
      if (p.startsWith("\\E", at)) {
        quoted = false;
        at += 2;
      } else if (!quoted && p.startsWith("\\Q", at)) {
        quoted = true;
        at += 2;
      } else {
        return;
      }
    }
  }

  /** Reads one character of a class, or adds what stands for several; then -1. */
  private int member(CharacterSet set) {
    int begin = at;
    int c = next();
    if (quoted) {
      return c;
    }
    if (c == '[') {
      int end = posixEnd(begin);
      if (end < 0) {
        return c;
      }
      String name = p.substring(begin + 2, end);
      if (p.charAt(begin + 1) != ':' || !set.addPosix(name, options.i)) {
        throw refused(begin, "no POSIX class of this name");
      }
      at = end + 2;
      return -1;
    }
    if (c != '\\') {
      return c;
    }
    if (at >= p.length()) {
      throw refused(begin, "a backslash at the end");
    }
    char escaped = p.charAt(at);
    if (SHORTHANDS.indexOf(escaped) >= 0) {
      at++;
      set.addType(escaped);
      return -1;
    }
    switch (escaped) {
      case 'p', 'P' -> {
        at++;
        set.addProperty(property(begin, escaped == 'P', true));
        return -1;
      }
      case 'b', '8', '9' -> {
        at++;
        return escaped == 'b' ? '\b' : escaped;
      }
      case 'N' -> {
        if (!p.startsWith("N{U+", at)) {
          throw refused(begin, "not allowed in a class");
        }
      }
      default -> {
        // one character
      }
    }
    return character(begin);
  }

  /**
   * Where {@code :]} stands, {@code .]} or {@code =]}, if a POSIX class is opened here; else -1.
   */
  private int posixEnd(int open) {
    if (open + 1 >= p.length() || ":.=".indexOf(p.charAt(open + 1)) < 0) {
      return -1;
    }
    char mark = p.charAt(open + 1);
    for (int i = open + 2; i + 1 < p.length(); i++) {
      char c = p.charAt(i);
      char next = p.charAt(i + 1);
      if (c == '\\' && (next == ']' || next == '\\')) {
        i++;
      } else if (c == '[' && next == mark || c == ']') {
        return -1;
      } else if (c == mark && next == ']') {
        return i;
      }
    }
    return -1;
  }

  // Text

  /** The next unit; -1 at the end. */
  private int peek() {
    return at < p.length() ? p.charAt(at) : -1;
  }

  private int next() {
    int c = p.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private IllegalArgumentException refused(int from, String why) {
    int to = Math.min(p.length(), Math.max(at, from + 1));
    return new IllegalArgumentException(
        Text.quoted(p.substring(from, to)) + " at " + from + ": " + why);
  }
}
