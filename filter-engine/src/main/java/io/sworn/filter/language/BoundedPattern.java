package io.sworn.filter.language;

import io.sworn.filter.Decision;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression with bounded work: it counts how often it looks at a character and gives up
 * at {@value #STEPS_MAX}. PCRE as MongoDB uses it, translated to {@code java.util.regex}; what
 * cannot be translated is refused. A pattern that is {@code ^} and literal text never reaches the
 * regular expression engine.
 */
public final class BoundedPattern {

  /** Characters looked at before a match is given up; some tens of milliseconds. */
  public static final int STEPS_MAX = 2_000_000;

  private static final int PATTERN_CHARS_MAX = 32_764;

  private final String source;
  private final String options;
  private final Pattern pattern;
  private final @Nullable String prefix;

  private BoundedPattern(String source, String options, Pattern pattern, @Nullable String prefix) {
    this.source = source;
    this.options = options;
    this.pattern = pattern;
    this.prefix = prefix;
  }

  /**
   * Compiles a pattern.
   *
   * @param options from {@code i m x s u}
   * @throws IllegalArgumentException with the reason, if it cannot be used
   */
  public static BoundedPattern of(String source, String options) {
    if (source.length() > PATTERN_CHARS_MAX) {
      throw new IllegalArgumentException(
          "pattern of " + source.length() + " characters: at most " + PATTERN_CHARS_MAX);
    }
    int nul = source.indexOf('\0');
    if (nul >= 0) {
      throw new IllegalArgumentException("a NUL character at " + nul + ": write \\x00");
    }
    for (char c : options.toCharArray()) {
      if ("imxsu".indexOf(c) < 0) {
        throw new IllegalArgumentException("option '" + c + "': use i, m, s, x or u");
      }
    }
    try {
      PcreSyntax.Java java = PcreSyntax.toJava(source, options);
      int flags = java.dotAll() ? Pattern.UNIX_LINES | Pattern.DOTALL : Pattern.UNIX_LINES;
      return new BoundedPattern(
          source, options, Pattern.compile(java.pattern(), flags), java.prefix());
    } catch (PatternSyntaxException e) { // its place is that in Java's pattern
      throw new IllegalArgumentException(
          Text.quoted(source) + " cannot be used: " + Text.cut(e.getDescription()), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException(Text.quoted(source) + " is nested too deeply", e);
    }
  }

  /** The pattern as it was written. */
  public String source() {
    return source;
  }

  /** The options as they were written. */
  public String options() {
    return options;
  }

  /** The text that a match begins with and that suffices for one; null if it takes more. */
  public @Nullable String literalPrefix() {
    return prefix;
  }

  /** A search that one thread uses again and again. */
  public Search search() {
    return new Search(pattern);
  }

  /** Whether the pattern is found in {@code text}; undecidable at the step limit. */
  public Decision find(String text) {
    if (prefix != null) {
      return Decision.of(text.startsWith(prefix));
    }
    return search().find(text);
  }

  /** Searches one text after the other without making objects. Not thread-safe. */
  public static final class Search {
    private final Counted counted = new Counted();
    private final Matcher matcher;

    private Search(Pattern pattern) {
      matcher = pattern.matcher("");
    }

    /** Whether the pattern is found in {@code text}; undecidable at the step limit. */
    public Decision find(CharSequence text) {
      counted.start(text);
      try {
        return Decision.of(matcher.reset(counted).find());
      } catch (TooManySteps | StackOverflowError e) {
        // The engine backtracks on the stack, so a long text can exhaust it before the steps.
        return Decision.UNDECIDABLE;
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BoundedPattern that
        && source.equals(that.source)
        && options.equals(that.options);
  }

  @Override
  public int hashCode() {
    return source.hashCode() * 31 + options.hashCode();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "/%s/%s", source, options);
  }

  /** Leaves the engine; carries no stack trace because it is thrown often. */
  private static final class TooManySteps extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final TooManySteps INSTANCE = new TooManySteps();

    private TooManySteps() {
      super("step limit", null, false, false);
    }
  }

  /** Text that counts the looks at it. */
  private static final class Counted implements CharSequence {
    private CharSequence text = "";
    private int steps;

    void start(CharSequence next) {
      text = next;
      steps = STEPS_MAX;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (--steps < 0) {
        throw TooManySteps.INSTANCE;
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
