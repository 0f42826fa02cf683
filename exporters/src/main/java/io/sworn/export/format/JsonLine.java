package io.sworn.export.format;

import io.sworn.event.AuditEvent;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.export.RoutedEvent;

/**
 * One event as one line of JSON: where it stands in its trail, who kept it, and the message as
 * MongoDB wrote it, in MongoDB's JSON. The line feed is not part of it.
 */
public final class JsonLine {

  private JsonLine() {}

  /** UTF-8 bytes, without a line feed anywhere. */
  public static byte[] write(RoutedEvent routed) {
    AuditEvent event = routed.event();
    return PlainJson.bytes(
        out -> {
          out.writeStartObject();
          out.writeStringField("id", event.id().toString());
          out.writeStringField("trail", event.trail());
          out.writeNumberField("sequence", event.sequence());
          out.writeStringField("kind", event.kind().name());
          out.writeStringField("time", event.time().toString());
          out.writeStringField("observed", event.observed().toString());
          PlainJson.array(out, "filters", routed.filters());
          if (!routed.redacted().isEmpty()) {
            PlainJson.array(out, "redacted", routed.redacted());
          }
          out.writeFieldName("message");
          out.writeRawValue(FiniteNumbers.json(MongoAuditMessage.toMessage(event)));
          out.writeEndObject();
        });
  }
}
