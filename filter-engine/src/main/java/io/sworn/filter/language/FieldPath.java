package io.sworn.filter.language;

import java.util.Arrays;
import java.util.List;

/**
 * A dotted path. {@link #SELF} has no segments and stands for the value itself, as inside an {@code
 * $elemMatch} of operators.
 */
public final class FieldPath {

  /** The value itself. */
  public static final FieldPath SELF = new FieldPath("", new String[0]);

  private final String text;
  private final String[] segments;
  private final int[] indexes;

  private FieldPath(String text, String[] segments) {
    this.text = text;
    this.segments = segments;
    this.indexes = Arrays.stream(segments).mapToInt(FieldPath::index).toArray();
  }

  /** Splits {@code text} at its dots. */
  public static FieldPath of(String text) {
    return new FieldPath(text, text.split("\\.", -1));
  }

  /** Number of segments. */
  public int size() {
    return segments.length;
  }

  /** The name at {@code position}. */
  public String segment(int position) {
    return segments[position];
  }

  /** The array index that the name at {@code position} can mean, or -1. */
  public int arrayIndex(int position) {
    return indexes[position];
  }

  /** All names. */
  public List<String> segments() {
    return List.of(segments);
  }

  /** Array elements are named by plain decimals without leading zeros. */
  private static int index(String segment) {
    if (segment.isEmpty() || segment.length() > 9) {
      return -1;
    }
    for (int i = 0; i < segment.length(); i++) {
      if (segment.charAt(i) < '0' || segment.charAt(i) > '9') {
        return -1;
      }
    }
    return segment.length() > 1 && segment.charAt(0) == '0' ? -1 : Integer.parseInt(segment);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldPath that && Arrays.equals(segments, that.segments);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(segments);
  }

  @Override
  public String toString() {
    return text;
  }
}
