package io.sworn.export;

import java.time.Duration;

/** What a destination said of one event. */
public sealed interface EventOutcome {

  /** The destination confirmed as much as its protocol can: see each exporter. */
  record Delivered() implements EventOutcome {}

  /**
   * Refused for good, because of what the event holds: it goes to the dead letters.
   *
   * @param reason in words
   * @param answer the destination's own words, shortened, without secrets; empty if there are none
   */
  record Rejected(String reason, String answer) implements EventOutcome {}

  /**
   * Not now: the event waits and is tried again.
   *
   * @param retryAfter what the destination asked for; zero leaves it to the host
   * @param reason in words; the same words as long as the trouble is the same
   */
  record Deferred(Duration retryAfter, String reason) implements EventOutcome {}

  /** Longest answer that is kept, in characters. */
  int ANSWER_CHARS_MAX = 500;

  /** The one delivered outcome. */
  Delivered DELIVERED = new Delivered();

  /** A rejection; the answer is cut to {@value #ANSWER_CHARS_MAX} characters. */
  static Rejected rejected(String reason, String answer) {
    return new Rejected(
        reason,
        answer.length() <= ANSWER_CHARS_MAX
            ? answer
            : answer.substring(0, ANSWER_CHARS_MAX) + "...");
  }

  /** A deferral whose delay the host chooses. */
  static Deferred deferred(String reason) {
    return new Deferred(Duration.ZERO, reason);
  }
}
