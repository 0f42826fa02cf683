package io.sworn.filter.matcher;

import io.sworn.filter.language.BoundedPattern;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bson.BsonRegularExpression;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** {@code $regex}. A pattern that is a literal prefix is compared with bytes. */
final class PatternTest extends ValueTest {

  final int id;
  final BoundedPattern pattern;
  private final byte @Nullable [] prefix;

  /**
   * @param id number among the matcher's patterns
   */
  PatternTest(int id, BoundedPattern pattern) {
    this.id = id;
    this.pattern = pattern;
    this.prefix = prefix(pattern);
  }

  /** The bytes that every match begins with and that suffice for one; null = there are none. */
  static byte @Nullable [] prefix(BoundedPattern pattern) {
    String literal = pattern.literalPrefix();
    if (literal == null || literal.chars().anyMatch(c -> Character.isSurrogate((char) c))) {
      return null; // half a character has no bytes
    }
    return literal.getBytes(StandardCharsets.UTF_8);
  }

  /** The literal prefix of a pattern that is one. */
  static byte[] bytes(PatternTest test) {
    byte[] literal = test.prefix;
    if (literal == null) {
      throw new IllegalStateException(test.pattern + " is no prefix");
    }
    return literal;
  }

  boolean isPrefix() {
    return prefix != null;
  }

  @Override
  int of(Judging judging, Values values, int i) {
    int type = values.type(i);
    if (type == EncodedBson.STRING || type == EncodedBson.SYMBOL) {
      byte[] literal = prefix;
      if (literal == null) {
        return judging.search(this, values, i);
      }
      int start = values.start(i);
      return Truth.of(
          values.length(i) >= literal.length
              && Arrays.equals(
                  values.buffer(i), start, start + literal.length, literal, 0, literal.length));
    }
    return Truth.of(type == EncodedBson.REGEX && isStored(values.decode(i)));
  }

  /** The very same pattern, stored as a value. */
  private boolean isStored(BsonValue value) {
    BsonRegularExpression stored = value.asRegularExpression();
    return stored.getPattern().equals(pattern.source())
        && stored.getOptions().equals(pattern.options());
  }
}
