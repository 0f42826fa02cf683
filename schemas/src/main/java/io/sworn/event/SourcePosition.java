package io.sworn.event;

/**
 * Where an event stands in its trail.
 *
 * @param trail unit of order
 * @param sequence position, from 1
 * @param previous position of the predecessor, 0 for the first
 */
public record SourcePosition(String trail, long sequence, long previous) {

  /** A position directly after {@code sequence - 1}. */
  public static SourcePosition at(String trail, long sequence) {
    return new SourcePosition(trail, sequence, sequence - 1);
  }
}
