package io.sworn.filter.stream;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.Client;
import io.sworn.event.ClientHeader;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.filter.redact.Redaction;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What connections told of themselves, as headers in the form that each route may see. Connections
 * are many, but what they tell is mostly the same, so each form is made once. Not thread-safe.
 */
final class ClientHeaders {

  /** Clients that are remembered; beyond, all are made anew. */
  private static final int CLIENTS_MAX = 1_000;

  private static final byte[] NOTHING = new byte[0];

  private final Map<Client, Map<Redaction, byte[]>> headers = new HashMap<>();

  /** Value of the header for a route with these rules; null if nothing is left to tell. */
  byte @Nullable [] of(Client client, Redaction redaction) {
    Map<Redaction, byte[]> forms = headers.get(client);
    if (forms == null) {
      if (headers.size() >= CLIENTS_MAX) {
        headers.clear();
      }
      forms = new IdentityHashMap<>(2);
      headers.put(client, forms);
    }
    byte[] known = forms.get(redaction);
    if (known == null) {
      Client visible = redaction.rules().isEmpty() ? client : redacted(client, redaction);
      known = visible.equals(Session.UNKNOWN) ? NOTHING : ClientHeader.write(visible);
      forms.put(redaction, known);
    }
    return known.length == 0 ? null : known;
  }

  /** What a route may not see in the messages that told it, it may not see here. */
  private static Client redacted(Client client, Redaction redaction) {
    BsonDocument driver = new BsonDocument();
    put(driver, "name", client.driver());
    put(driver, "version", client.driverVersion());
    BsonDocument application = new BsonDocument();
    put(application, "name", client.application());
    BsonDocument param =
        new BsonDocument(
            "clientMetadata",
            new BsonDocument("driver", driver).append("application", application));
    put(param, "mechanism", client.mechanism());
    BsonDocument left =
        redaction
            .apply(
                AuditEvent.builder(
                        SourcePosition.at("client", 1), EventKind.MONGODB, "clientMetadata")
                    .param(BsonBytes.of(param))
                    .build())
            .event()
            .param()
            .toDocument();
    return new Client(
        text(left, "clientMetadata", "application", "name"),
        text(left, "clientMetadata", "driver", "name"),
        text(left, "clientMetadata", "driver", "version"),
        text(left, "mechanism"));
  }

  private static void put(BsonDocument document, String name, @Nullable String text) {
    if (text != null) {
      document.put(name, new BsonString(text));
    }
  }

  /** The text at a path; null if there is none. */
  static @Nullable String text(BsonDocument document, String... path) {
    BsonValue value = document;
    for (String name : path) {
      if (!value.isDocument() || !value.asDocument().containsKey(name)) {
        return null;
      }
      value = value.asDocument().get(name);
    }
    return value.isString() ? value.asString().getValue() : null;
  }
}
