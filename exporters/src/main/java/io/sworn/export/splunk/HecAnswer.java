package io.sworn.export.splunk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;

/**
 * One answer of the collector, read once and classified.
 *
 * @param status HTTP status
 * @param code the collector's own code, -1 if the body is not its JSON (a proxy answered)
 * @param text its text, or the beginning of what came instead
 * @param ackId acknowledgement to ask for, -1 if there is none
 * @param invalidEvent number of the first event that was not taken, -1 if not told
 * @param retryAfter what a proxy asked for, zero if nothing
 */
record HecAnswer(
    int status, int code, String text, long ackId, int invalidEvent, Duration retryAfter) {

  /** What to do about it. */
  enum Kind {
    /** Accepted. */
    OK,
    /** Accepted, but the collector comes near its limits. */
    OK_NEARLY_FULL,
    /** Try again later. */
    BUSY,
    /** An event is at fault. */
    DATA,
    /** The body is too large. */
    TOO_LARGE,
    /** The body must not be compressed. */
    NO_COMPRESSION,
    /** The channel is at fault: take a new one. */
    CHANNEL,
    /** An operator must change something; wait, keep everything. */
    CONFIGURATION
  }

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int TEXT_CHARS_MAX = 200;

  static HecAnswer read(int status, String body, String retryAfter) {
    Duration wait =
        retryAfter.matches("[0-9]{1,6}")
            ? Duration.ofSeconds(Long.parseLong(retryAfter))
            : Duration.ZERO;
    JsonNode json = json(body);
    if (!json.path("code").isInt()) {
      return new HecAnswer(status, -1, brief(body), -1, -1, wait);
    }
    return new HecAnswer(
        status,
        json.path("code").asInt(),
        brief(json.path("text").asText()),
        json.path("ackId").asLong(-1),
        json.path("invalid-event-number").asInt(-1),
        wait);
  }

  /** Classes of the collector's codes and, where a proxy answered, of HTTP statuses. */
  Kind kind() {
    return switch (code) {
      // A gateway before the collector may have codes of its own: 0 with an error is no success.
      case 0 -> status == 200 ? Kind.OK : ofStatus();
      case 24, 25 -> status == 200 ? Kind.OK_NEARLY_FULL : ofStatus();
      case 1, 2, 3, 4, 7, 10, 14, 16, 21, 22, 28 -> Kind.CONFIGURATION;
      case 11 -> Kind.CHANNEL;
      case 5, 6, 12, 13, 15 -> Kind.DATA;
      case 8, 9, 18, 19, 20, 23, 26, 27 -> Kind.BUSY;
      default -> ofStatus();
    };
  }

  private Kind ofStatus() {
    return switch (status) {
      case 413 -> Kind.TOO_LARGE;
      case 415 -> Kind.NO_COMPRESSION;
      case 401, 403, 404, 405, 407, 495, 496 -> Kind.CONFIGURATION;
      // A 200 without the collector's JSON is not its answer: somebody else took the body.
      default -> status >= 200 && status < 400 ? Kind.CONFIGURATION : Kind.BUSY;
    };
  }

  /** Events from the start of the body that were taken although the request failed. */
  int taken() {
    // Code 7 names the object after the one with the bad index.
    int bad = code == 7 ? invalidEvent - 1 : invalidEvent;
    return Math.max(0, bad);
  }

  String describe() {
    return code >= 0
        ? "code " + code + " " + text + " (HTTP " + status + ")"
        : "HTTP " + status + " without the collector's JSON: " + text;
  }

  private static JsonNode json(String body) {
    try {
      return MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      // A proxy's page, not the collector's answer.
      return MAPPER.missingNode();
    }
  }

  private static String brief(String text) {
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX) + "...";
  }
}
