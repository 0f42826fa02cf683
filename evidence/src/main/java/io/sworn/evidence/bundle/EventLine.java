package io.sworn.evidence.bundle;

import io.sworn.event.AuditEvent;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.evidence.Hash;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** The lines of {@code events.ndjson} and {@code proofs.ndjson}: one spelling per event. */
final class EventLine {

  /** What a proof's line ends with. */
  static final String PROOF_END = "]}";

  private EventLine() {}

  /** Index, id, original bytes, and the message for humans. */
  static String event(long index, AuditEvent event, byte[] bytes) {
    return "{\"index\":"
        + index
        + ",\"id\":\""
        + event.id()
        + "\",\"bytes\":\""
        + Base64.getEncoder().encodeToString(bytes)
        + "\",\"message\":"
        + ExtendedJson.write(MongoAuditMessage.toMessage(event))
        + "}";
  }

  /** Index, id and path from leaf to root. */
  static String proof(long index, String id, List<Hash> path) {
    return path.stream()
        .map(hash -> "\"" + hash.base64() + "\"")
        .collect(Collectors.joining(",", proofBegin(index, id), PROOF_END));
  }

  /** What a proof's line begins with. */
  static String proofBegin(long index, String id) {
    return "{\"index\":" + index + ",\"id\":\"" + id + "\",\"path\":[";
  }
}
