package io.sworn.event;

/**
 * Names of the headers of a dead letter. The record's value holds the bytes exactly as they were
 * taken from the topic, unless {@link #ORIGINAL_BYTES} says that they were too many; all header
 * values are UTF-8 text.
 */
public final class DeadLetters {

  /** Why the destination refused the event, in words. */
  public static final String REASON = "sworn.reason";

  /** Name of the destination. */
  public static final String DESTINATION = "sworn.destination";

  /** How often delivery was tried, decimal. */
  public static final String ATTEMPT = "sworn.attempt";

  /** The destination's own answer, shortened, without secrets. */
  public static final String ANSWER = "sworn.answer";

  /** Topic, partition and offset the event was read from, {@code topic-partition@offset}. */
  public static final String SOURCE = "sworn.source";

  /** {@link EventId} in text form; absent when the bytes could not be read. */
  public static final String EVENT_ID = "sworn.event-id";

  /** Length of a record of which only the beginning is kept, decimal; absent if all is kept. */
  public static final String ORIGINAL_BYTES = "sworn.original-bytes";

  /** SHA-256 of such a record, hexadecimal. */
  public static final String ORIGINAL_SHA256 = "sworn.original-sha256";

  private DeadLetters() {}
}
