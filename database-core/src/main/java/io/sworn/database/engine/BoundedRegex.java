package io.sworn.database.engine;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that gives up. One that backtracks without end would hold the engine, and
 * everybody with it, for as long as it likes; this one looks at a bounded number of characters for
 * each text.
 */
final class BoundedRegex extends BsonRegularExpression {

  /** A pattern without trouble looks at each character a few times; texts have up to 16 MiB. */
  static final long LOOKS_MIN = 1_000_000;

  private static final int LOOKS_PER_CHARACTER = 20;
  private static final long serialVersionUID = 1L;

  private final transient Pattern compiled;

  BoundedRegex(String pattern, @Nullable String options) {
    super(pattern, options == null ? "" : options);
    compiled = compile(pattern, getOptions());
  }

  private static Pattern compile(String pattern, String options) {
    int flags = Pattern.UNICODE_CASE;
    for (char option : options.toCharArray()) {
      flags |=
          switch (option) {
            case 'i' -> Pattern.CASE_INSENSITIVE;
            case 'm' -> Pattern.MULTILINE;
            case 'x' -> Pattern.COMMENTS;
            case 's' -> Pattern.DOTALL;
            case 'u' -> 0;
            default -> throw Refusal.badValue("invalid flag in regex options: " + option);
          };
    }
    try {
      return Pattern.compile(pattern, flags);
    } catch (PatternSyntaxException e) {
      throw new MongoServerError(
          51091, "Location51091", "Regular expression is invalid: " + e.getDescription());
    }
  }

  @Override
  public Matcher matcher(String text) {
    long looks = Math.max(LOOKS_MIN, (long) LOOKS_PER_CHARACTER * text.length());
    return compiled.matcher(new Counted(text, new long[] {looks}));
  }

  /** A text that can be looked at so many times. */
  private record Counted(CharSequence text, @SuppressWarnings("ArrayRecordComponent") long[] left)
      implements CharSequence {
    @Override
    public char charAt(int index) {
      if (--left[0] < 0) {
        throw new MongoServerError(
            51156, "Location51156", "the regular expression backtracks too much");
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text.subSequence(start, end), left);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
