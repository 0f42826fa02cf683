package io.sworn.export.loopback;

import java.time.Duration;

/**
 * What goes wrong at a {@link HecReceiver}.
 *
 * @param status 0 = answer normally; else answer posts with this HTTP status
 * @param code the collector's code with it; -1 = a proxy's page without the collector's JSON
 * @param refusedId event that is refused as invalid (code 6), empty = none
 * @param answerAfter delay before each answer
 * @param loseAcks whether acknowledgements are never given
 * @param acknowledgeAfter time that the indexer takes
 * @param bodyBytesMax posts above it get 413 from "the proxy"; 0 = no limit
 */
public record HecFaults(
    int status,
    int code,
    String refusedId,
    Duration answerAfter,
    boolean loseAcks,
    Duration acknowledgeAfter,
    int bodyBytesMax) {

  /** Faults of a collector whose indexer is quick. */
  public HecFaults(
      int status,
      int code,
      String refusedId,
      Duration answerAfter,
      boolean loseAcks,
      int bodyBytesMax) {
    this(status, code, refusedId, answerAfter, loseAcks, Duration.ZERO, bodyBytesMax);
  }

  /** Nothing goes wrong. */
  public static final HecFaults NONE = new HecFaults(0, -1, "", Duration.ZERO, false, 0);

  /** 503, code 9. */
  public static final HecFaults BUSY = answer(503, 9);

  /** 403, code 4: the token was withdrawn. */
  public static final HecFaults FORBIDDEN = answer(403, 4);

  /** Posts are answered with {@code status} and {@code code}. */
  public static HecFaults answer(int status, int code) {
    return new HecFaults(status, code, "", Duration.ZERO, false, 0);
  }

  /** The event with this id is refused. */
  public static HecFaults refusing(String id) {
    return new HecFaults(0, -1, id, Duration.ZERO, false, 0);
  }

  /** Each answer takes a while. */
  public static HecFaults slow(Duration after) {
    return new HecFaults(0, -1, "", after, false, 0);
  }

  /** Events are stored, but no acknowledgement is ever given. */
  public static HecFaults losingAcks() {
    return new HecFaults(0, -1, "", Duration.ZERO, true, 0);
  }

  /** Longer bodies are refused by a proxy. */
  public static HecFaults bodyLimit(int bytes) {
    return new HecFaults(0, -1, "", Duration.ZERO, false, bytes);
  }

  /** Acknowledgements come so much later. */
  public static HecFaults acknowledgingAfter(Duration indexing) {
    return new HecFaults(0, -1, "", Duration.ZERO, false, indexing, 0);
  }
}
