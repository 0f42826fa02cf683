package io.sworn.export.format;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sworn.event.AuditEvent;
import io.sworn.event.Client;
import io.sworn.event.Endpoint;
import io.sworn.export.RoutedEvent;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * An event as a document of the Elastic Common Schema, with MongoDB's own members below {@code
 * mongodb.audit}. ECS has no {@code db} fields; the OpenTelemetry names are used for them.
 *
 * @param dataset dataset of the data stream
 * @param namespace namespace of the data stream
 */
public record EcsDocument(String dataset, String namespace) {

  /** Schema version that the documents follow. */
  public static final String ECS_VERSION = "8.17.0";

  /** Types whose {@code param.user} is the account that is changed, not the actor. */
  private static final Set<String> ACCOUNT_CHANGES =
      Set.of("createUser", "dropUser", "updateUser", "grantRolesToUser", "revokeRolesFromUser");

  /** UTF-8 bytes, without a line feed anywhere. */
  public byte[] write(RoutedEvent routed) {
    return PlainJson.bytes(out -> write(routed, out));
  }

  private void write(RoutedEvent routed, JsonGenerator out) throws IOException {
    AuditEvent event = routed.event();
    BsonDocument param = event.param().toDocument();
    out.writeStartObject();
    out.writeStringField("@timestamp", event.time().toString());
    out.writeObjectFieldStart("ecs");
    out.writeStringField("version", ECS_VERSION);
    out.writeEndObject();
    out.writeObjectFieldStart("data_stream");
    out.writeStringField("type", "logs");
    out.writeStringField("dataset", dataset);
    out.writeStringField("namespace", namespace);
    out.writeEndObject();
    writeEvent(event, out);
    writeUser(event, param, out);
    writeEndpoint("source", event.remote(), out);
    writeEndpoint("server", event.local(), out);
    writeDatabase(event, param, out);
    writeRelated(event, param, out);
    writeHostAndService(event, out);
    if (event.result() != 0) {
      out.writeObjectFieldStart("error");
      out.writeStringField("code", Integer.toString(event.result()));
      out.writeStringField("message", EventClass.resultText(event.result()));
      out.writeEndObject();
    }
    if (!routed.filters().isEmpty()) {
      out.writeObjectFieldStart("rule");
      PlainJson.array(out, "name", routed.filters());
      out.writeEndObject();
    }
    writeAudit(routed, param, out);
    out.writeEndObject();
  }

  private static void writeEvent(AuditEvent event, JsonGenerator out) throws IOException {
    EventClass meaning = EventClass.of(event);
    String command = event.command();
    out.writeObjectFieldStart("event");
    out.writeStringField("id", event.id().toString());
    out.writeStringField("kind", "event");
    PlainJson.array(out, "category", meaning.categories());
    PlainJson.array(out, "type", meaning.types());
    out.writeStringField(
        "action", event.type().equals("authCheck") && command != null ? command : event.type());
    out.writeStringField("outcome", EventFacts.outcome(event));
    out.writeStringField("code", event.type());
    out.writeNumberField("severity", meaning.severity());
    out.writeNumberField("sequence", event.sequence());
    out.writeStringField("module", "mongodb");
    out.writeStringField("dataset", "mongodb.audit");
    out.writeStringField("created", event.observed().toString());
    if (event.result() != 0) {
      out.writeStringField("reason", EventClass.resultText(event.result()));
    }
    out.writeEndObject();
  }

  private static void writeUser(AuditEvent event, BsonDocument param, JsonGenerator out)
      throws IOException {
    String target =
        ACCOUNT_CHANGES.contains(event.type()) ? EventFacts.string(param, "user") : null;
    String actor = target != null && event.users().isEmpty() ? null : EventFacts.user(event, param);
    if (actor == null && target == null && event.roles().isEmpty()) {
      return;
    }
    out.writeObjectFieldStart("user");
    if (actor != null) {
      out.writeStringField("name", actor);
      PlainJson.field(out, "domain", EventFacts.userDb(event, param));
    }
    if (!event.roles().isEmpty()) {
      PlainJson.array(
          out, "roles", event.roles().stream().map(role -> role.role() + "@" + role.db()).toList());
    }
    if (target != null) {
      out.writeObjectFieldStart("target");
      out.writeStringField("name", target);
      PlainJson.field(out, "domain", EventFacts.string(param, "db"));
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void writeEndpoint(String name, @Nullable Endpoint endpoint, JsonGenerator out)
      throws IOException {
    String address = EventFacts.address(endpoint);
    if (endpoint == null || address == null) {
      return;
    }
    out.writeObjectFieldStart(name);
    out.writeStringField("address", address);
    PlainJson.field(out, "ip", EventFacts.ip(endpoint));
    if (endpoint.port() >= 0) {
      out.writeNumberField("port", endpoint.port());
    }
    out.writeEndObject();
  }

  private static void writeDatabase(AuditEvent event, BsonDocument param, JsonGenerator out)
      throws IOException {
    out.writeObjectFieldStart("db");
    out.writeObjectFieldStart("system");
    out.writeStringField("name", "mongodb");
    out.writeEndObject();
    PlainJson.field(out, "namespace", EventFacts.database(event, param));
    named(out, "collection", EventFacts.collection(event));
    named(out, "operation", event.command());
    out.writeEndObject();
  }

  private static void named(JsonGenerator out, String object, @Nullable String name)
      throws IOException {
    if (name != null) {
      out.writeObjectFieldStart(object);
      out.writeStringField("name", name);
      out.writeEndObject();
    }
  }

  private static void writeRelated(AuditEvent event, BsonDocument param, JsonGenerator out)
      throws IOException {
    Set<String> users = new LinkedHashSet<>();
    event.users().forEach(user -> users.add(user.user()));
    String named = EventFacts.string(param, "user");
    if (named != null) {
      users.add(named);
    }
    Set<String> ips = new LinkedHashSet<>();
    for (String ip :
        new @Nullable String[] {EventFacts.ip(event.remote()), EventFacts.ip(event.local())}) {
      if (ip != null) {
        ips.add(ip);
      }
    }
    for (Endpoint hop : event.intermediates()) {
      String ip = EventFacts.ip(hop);
      if (ip != null) {
        ips.add(ip);
      }
    }
    out.writeObjectFieldStart("related");
    PlainJson.array(out, "user", users);
    PlainJson.array(out, "ip", ips);
    PlainJson.array(out, "hosts", List.of(EventFacts.host(event)));
    out.writeEndObject();
  }

  private static void writeHostAndService(AuditEvent event, JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("host");
    out.writeStringField("name", EventFacts.host(event));
    out.writeEndObject();
    out.writeObjectFieldStart("service");
    out.writeStringField("type", "mongodb");
    out.writeEndObject();
    out.writeObjectFieldStart("observer");
    out.writeStringField("vendor", "Sworn");
    out.writeStringField("product", "Sworn");
    out.writeStringField("type", "audit-pipeline");
    out.writeEndObject();
  }

  private static void writeAudit(RoutedEvent routed, BsonDocument param, JsonGenerator out)
      throws IOException {
    AuditEvent event = routed.event();
    out.writeObjectFieldStart("mongodb");
    out.writeObjectFieldStart("audit");
    out.writeStringField("atype", event.type());
    PlainJson.field(out, "command", event.command());
    PlainJson.field(out, "namespace", event.namespace());
    out.writeNumberField("result", event.result());
    out.writeStringField("trail", event.trail());
    out.writeNumberField("sequence", event.sequence());
    out.writeNumberField("previous", event.previous());
    out.writeStringField("kind", event.kind().name());
    if (event.session() != null) {
      out.writeStringField("session", event.session().toString());
    }
    Client client = event.client();
    if (client != null) {
      out.writeObjectFieldStart("client");
      PlainJson.field(out, "application", client.application());
      PlainJson.field(out, "driver", client.driver());
      PlainJson.field(out, "driver_version", client.driverVersion());
      PlainJson.field(out, "mechanism", client.mechanism());
      out.writeEndObject();
    }
    if (!routed.redacted().isEmpty()) {
      PlainJson.array(out, "redacted", routed.redacted());
    }
    out.writeFieldName("param");
    PlainJson.write(param, out);
    out.writeEndObject();
    out.writeEndObject();
  }
}
