package io.sworn.export.format;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sworn.event.AuditEvent;
import io.sworn.event.Client;
import io.sworn.event.Endpoint;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.export.RoutedEvent;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * An event as one envelope of Splunk's HTTP Event Collector: CIM fields first, because search-time
 * extraction stops at a length limit, then MongoDB's message. The envelope has no key beyond those
 * that the collector knows; an unknown one would silently lose what follows it.
 *
 * @param index empty = the token's own
 * @param source name of this pipeline
 * @param sourcetype as in the user's props
 */
public record HecEvent(String index, String source, String sourcetype) {

  /** UTF-8 bytes of one JSON object. */
  public byte[] write(RoutedEvent routed) {
    return PlainJson.bytes(out -> write(routed, out));
  }

  /** Epoch seconds as a plain decimal: the collector refuses scientific notation (code 15). */
  static String epochSeconds(Instant time) {
    return BigDecimal.valueOf(time.getEpochSecond())
        .add(BigDecimal.valueOf(time.getNano() / 1_000, 6))
        .toPlainString();
  }

  private void write(RoutedEvent routed, JsonGenerator out) throws IOException {
    AuditEvent event = routed.event();
    out.writeStartObject();
    out.writeFieldName("time");
    out.writeRawValue(epochSeconds(event.time()));
    out.writeStringField("host", EventFacts.host(event));
    out.writeStringField("source", source);
    out.writeStringField("sourcetype", sourcetype);
    if (!index.isEmpty()) {
      out.writeStringField("index", index);
    }
    out.writeObjectFieldStart("fields");
    out.writeStringField("event_id", event.id().toString());
    out.writeStringField("atype", event.type());
    out.writeStringField("trail", event.trail());
    out.writeNumberField("sequence", event.sequence());
    if (!routed.filters().isEmpty()) {
      PlainJson.array(out, "filters", routed.filters());
    }
    out.writeEndObject();
    out.writeObjectFieldStart("event");
    writeCim(event, out);
    if (!routed.redacted().isEmpty()) {
      PlainJson.array(out, "redacted", routed.redacted());
    }
    out.writeFieldName("message");
    out.writeRawValue(FiniteNumbers.json(MongoAuditMessage.toMessage(event)));
    out.writeEndObject();
    out.writeEndObject();
  }

  private static void writeCim(AuditEvent event, JsonGenerator out) throws IOException {
    EventClass meaning = EventClass.of(event);
    BsonDocument param = event.param().toDocument();
    String status = EventFacts.outcome(event);
    boolean signIn = meaning.model() == EventClass.Model.AUTHENTICATION;
    out.writeStringField("event_id", event.id().toString());
    out.writeStringField("action", signIn ? status : meaning.action());
    out.writeStringField("status", status);
    out.writeStringField("app", "mongodb");
    out.writeStringField("vendor_product", "MongoDB Server");
    out.writeStringField("dest", EventFacts.host(event));
    out.writeStringField("dvc", EventFacts.host(event));
    out.writeStringField("src", orUnknown(EventFacts.address(event.remote())));
    Endpoint remote = event.remote();
    if (remote != null && remote.port() >= 0) {
      out.writeNumberField("src_port", remote.port());
    }
    writeUsers(event, meaning, param, out);
    if (!event.roles().isEmpty()) {
      out.writeStringField(
          "user_role",
          event.roles().stream()
              .map(role -> role.role() + "@" + role.db())
              .collect(Collectors.joining(",")));
    }
    String mechanism = EventFacts.string(param, "mechanism");
    Client client = event.client();
    PlainJson.field(
        out,
        "authentication_method",
        mechanism == null && client != null ? client.mechanism() : mechanism);
    writeObject(event, meaning, param, out);
    out.writeStringField("command", event.command() == null ? event.type() : event.command());
    out.writeNumberField("result_id", event.result());
    if (event.result() != 0) {
      out.writeStringField("result", EventClass.resultText(event.result()));
      out.writeStringField("reason", EventClass.resultText(event.result()));
    }
    if (client != null) {
      PlainJson.field(out, "user_agent", client.driver());
      PlainJson.field(out, "app_id", client.application());
      PlainJson.field(out, "application_id", client.application());
    }
  }

  /** In account changes {@code user} is the changed account and {@code src_user} the actor. */
  private static void writeUsers(
      AuditEvent event, EventClass meaning, BsonDocument param, JsonGenerator out)
      throws IOException {
    String target = EventFacts.string(param, "user");
    boolean account =
        meaning.model() == EventClass.Model.CHANGE
            && meaning.object().equals("user")
            && target != null;
    String actor = event.users().isEmpty() ? null : event.users().get(0).user();
    if (account) {
      out.writeStringField("user", orUnknown(target));
      out.writeStringField("src_user", orUnknown(actor));
    } else {
      out.writeStringField("user", orUnknown(EventFacts.user(event, param)));
    }
    out.writeStringField("user_name", orUnknown(account ? target : EventFacts.user(event, param)));
    out.writeStringField("vendor_account", orUnknown(EventFacts.userDb(event, param)));
  }

  private static void writeObject(
      AuditEvent event, EventClass meaning, BsonDocument param, JsonGenerator out)
      throws IOException {
    if (meaning.model() == EventClass.Model.AUTHENTICATION) {
      return;
    }
    String object =
        switch (meaning.object()) {
          case "user" -> EventFacts.string(param, "user");
          case "role" -> EventFacts.string(param, "role");
          case "index" -> EventFacts.string(param, "indexName");
          case "database" -> EventFacts.database(event, param);
          default -> EventFacts.collection(event);
        };
    out.writeStringField("change_type", meaning.object().equals("server") ? "instance" : "AAA");
    out.writeStringField("object", orUnknown(object));
    out.writeStringField("object_category", meaning.object());
    out.writeStringField(
        "object_id", orUnknown(event.namespace() != null ? event.namespace() : object));
    out.writeStringField("object_path", orUnknown(event.namespace()));
    out.writeStringField("object_attrs", "type:" + event.type());
    out.writeStringField("object_size", "unknown");
    BsonValue args = param.get("args");
    if (args != null) {
      out.writeStringField("query", PlainJson.text(args));
    }
  }

  private static String orUnknown(@Nullable String text) {
    return text == null || text.isEmpty() ? "unknown" : text;
  }
}
