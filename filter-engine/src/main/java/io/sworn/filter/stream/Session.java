package io.sworn.filter.stream;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.Client;
import io.sworn.event.ClientHeader;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.filter.redact.Redaction;
import java.util.IdentityHashMap;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** What is known of one connection, in the form that each route may see. */
final class Session {

  private static final byte[] NOTHING = new byte[0];

  private final Client client;
  private final Map<Redaction, byte[]> headers = new IdentityHashMap<>(2);

  /** When an event of it was last seen, milliseconds since 1970. */
  long seen;

  /** When that was last put into the store. */
  long stored;

  Session(Client client, long seen) {
    this.client = client;
    this.seen = seen;
  }

  Client client() {
    return client;
  }

  /** Value of the header for a route with these rules; null if nothing is left to tell. */
  byte @Nullable [] header(Redaction redaction) {
    byte[] known = headers.get(redaction);
    if (known == null) {
      Client visible = redaction.rules().isEmpty() ? client : redacted(redaction);
      known = isEmpty(visible) ? NOTHING : ClientHeader.write(visible);
      headers.put(redaction, known);
    }
    return known.length == 0 ? null : known;
  }

  /** What a route may not see in the messages that told it, it may not see here. */
  private Client redacted(Redaction redaction) {
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

  private static boolean isEmpty(Client client) {
    return client.application() == null
        && client.driver() == null
        && client.driverVersion() == null
        && client.mechanism() == null;
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
