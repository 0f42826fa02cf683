package io.sworn.event.mongo;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.Endpoint;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.UserName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonSerializationException;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * An audit message as MongoDB writes it, and the event that it becomes.
 *
 * <p>{@link #toEvent} lifts what the typed fields can hold; whatever they would not reproduce bit
 * for bit (unknown members, unusual types, members that are missing) goes into {@code extra}, so
 * that {@link #toMessage} returns a document with the same members and values. Only the order of
 * the top-level members is not kept; MongoDB does not define it.
 *
 * <p>Understood: MongoDB's {@code mongo} schema of 4.4 to 9.0, its OCSF schema (carried whole, with
 * time, endpoints, users and operation lifted), and Percona's variant. An unknown {@code atype}
 * passes unharmed.
 */
public final class MongoAuditMessage {

  /**
   * Member of {@code extra} that lists members which the original message does not have. If the
   * message has a member of this name itself, the list is a document that holds both.
   */
  private static final String ABSENT = "";

  /** Beyond it, microseconds do not fit into 64 bits. */
  private static final long MILLIS_MAX = Long.MAX_VALUE / 1_000;

  private MongoAuditMessage() {}

  /**
   * The event for {@code message}.
   *
   * @param kind sort of source, or null to recognise it from the message
   * @throws UnreadableEventException with the reason, if it is no audit message or holds what no
   *     event can carry: nesting beyond {@link BsonBytes#DEPTH_MAX}, a zero character in a key or a
   *     regular expression, half of a surrogate pair
   */
  public static AuditEvent toEvent(
      BsonDocument message, SourcePosition position, @Nullable EventKind kind, Instant observed) {
    try {
      BsonBytes.faithful(BsonBytes.of(message).array());
    } catch (BsonSerializationException e) {
      throw new UnreadableEventException(
          "no audit message: " + String.valueOf(e.getMessage()).replace("\0", "\\u0000"), e);
    }
    if (message.containsKey("log") && message.isString("log") && !message.containsKey("atype")) {
      throw new UnreadableEventException(
          "an encrypted audit record: decrypt the file with MongoDB's tool first");
    }
    if (!message.containsKey("atype") && message.containsKey("type_uid")) {
      return OcsfMessage.toEvent(message, position, observed);
    }
    BsonValue atype = message.get("atype");
    if (atype == null || !atype.isString()) {
      throw new UnreadableEventException("no audit message: member 'atype' (string) is missing");
    }
    BsonValue ts = message.get("ts");
    if (ts == null || !ts.isDateTime()) {
      throw new UnreadableEventException(
          "member 'ts': a date expected, got " + (ts == null ? "nothing" : ts));
    }
    AuditEvent.Builder builder =
        AuditEvent.builder(
                position, kind != null ? kind : recognise(message), atype.asString().getValue())
            .time(instant("ts", ts.asDateTime().getValue()))
            .observed(observed)
            .session(session(message.get("uuid")))
            .local(endpoint(message.get("local")))
            .remote(endpoint(message.get("remote")))
            .intermediates(list(message.get("intermediates"), MongoAuditMessage::endpoint))
            .users(list(message.get("users"), v -> named(v, "user", UserName::new)))
            .roles(list(message.get("roles"), v -> named(v, "role", RoleName::new)));
    BsonValue param = message.get("param");
    if (param != null && param.isDocument()) {
      BsonDocument p = param.asDocument();
      builder.param(BsonBytes.of(p)).command(string(p, "command"));
      String ns = string(p, "ns");
      builder.namespace(ns != null ? ns : string(p, "old"));
    }
    BsonValue result = message.get("result");
    if (result != null && result.isNumber()) {
      builder.result(result.asNumber().intValue());
    }
    BsonBytes extra = difference(message, toMessage(builder.build()));
    if (extra != null) {
      BsonBytes.check(extra.array(), 0, extra.size(), 0); // a namesake lies one level deeper there
    }
    return builder.extra(extra).build();
  }

  /** The message that {@code event} came from, or the one MongoDB would have written for it. */
  public static BsonDocument toMessage(AuditEvent event) {
    BsonDocument message = new BsonDocument();
    if (event.kind() != EventKind.MONGODB_OCSF) {
      message.put("atype", new BsonString(event.type()));
      message.put("ts", new BsonDateTime(event.time().toEpochMilli()));
      UUID session = event.session();
      if (session != null) {
        message.put("uuid", new BsonBinary(session));
      }
      putEndpoint(message, "local", event.local());
      putEndpoint(message, "remote", event.remote());
      if (!event.intermediates().isEmpty()) {
        message.put(
            "intermediates",
            new BsonArray(
                event.intermediates().stream().map(MongoAuditMessage::document).toList()));
      }
      message.put(
          "users",
          new BsonArray(
              event.users().stream().map(u -> pair("user", u.user(), "db", u.db())).toList()));
      message.put(
          "roles",
          new BsonArray(
              event.roles().stream().map(r -> pair("role", r.role(), "db", r.db())).toList()));
      message.put("param", event.param().toDocument());
      message.put("result", new BsonInt32(event.result()));
    }
    BsonBytes extra = event.extra();
    if (extra != null) {
      extra
          .toDocument()
          .forEach(
              (key, value) -> {
                if (key.equals(ABSENT) && event.kind() != EventKind.MONGODB_OCSF) {
                  restoreAbsent(value, message);
                } else {
                  message.put(key, value);
                }
              });
    }
    return message;
  }

  static Instant instant(String member, long millis) {
    if (millis > MILLIS_MAX || millis < -MILLIS_MAX) {
      throw new UnreadableEventException(
          "member '" + member + "': " + millis + " milliseconds are no time of this era");
    }
    return Instant.ofEpochMilli(millis);
  }

  private static EventKind recognise(BsonDocument message) {
    boolean percona = !message.containsKey("roles") || message.isDocument("users");
    return percona ? EventKind.PERCONA : EventKind.MONGODB;
  }

  private static @Nullable BsonBytes difference(BsonDocument original, BsonDocument rebuilt) {
    BsonDocument extra = new BsonDocument();
    original.forEach(
        (key, value) -> {
          BsonValue other = rebuilt.get(key);
          if (other == null || !same(value, other)) {
            extra.put(key, value);
          }
        });
    BsonArray absent = new BsonArray();
    rebuilt.keySet().stream()
        .filter(key -> !original.containsKey(key))
        .forEach(key -> absent.add(new BsonString(key)));
    BsonValue namesake = original.get(ABSENT);
    if (namesake != null) {
      extra.put(ABSENT, new BsonDocument("absent", absent).append("value", namesake));
    } else if (!absent.isEmpty()) {
      extra.put(ABSENT, absent);
    }
    return extra.isEmpty() ? null : BsonBytes.of(extra);
  }

  private static void restoreAbsent(BsonValue value, BsonDocument message) {
    if (value.isArray()) {
      for (BsonValue name : value.asArray()) {
        if (name.isString()) {
          message.remove(name.asString().getValue());
        }
      }
    } else if (value.isDocument()) {
      restoreAbsent(value.asDocument().get("absent", new BsonArray()), message);
      message.put(ABSENT, value.asDocument().get("value", BsonNull.VALUE));
    }
  }

  /** Equality of types, order and bits; {@link BsonDocument#equals} ignores the order of keys. */
  private static boolean same(BsonValue a, BsonValue b) {
    return a.getBsonType() == b.getBsonType()
        && BsonBytes.of(new BsonDocument("v", a)).equals(BsonBytes.of(new BsonDocument("v", b)));
  }

  private static @Nullable UUID session(@Nullable BsonValue value) {
    if (value == null || !value.isBinary()) {
      return null;
    }
    BsonBinary binary = value.asBinary();
    boolean standard =
        binary.getType() == BsonBinarySubType.UUID_STANDARD.getValue()
            && binary.getData().length == 16;
    return standard ? binary.asUuid() : null;
  }

  static @Nullable Endpoint endpoint(@Nullable BsonValue value) {
    if (value == null || !value.isDocument()) {
      return null;
    }
    BsonDocument document = value.asDocument();
    BsonValue port = document.get("port");
    BsonValue system = document.get("isSystemUser");
    return new Endpoint(
        string(document, "ip"),
        port != null && port.isNumber() ? port.asNumber().intValue() : -1,
        string(document, "unix"),
        system != null && system.isBoolean() && system.asBoolean().getValue());
  }

  private static void putEndpoint(BsonDocument message, String key, @Nullable Endpoint endpoint) {
    if (endpoint != null) {
      message.put(key, document(endpoint));
    }
  }

  private static BsonDocument document(Endpoint endpoint) {
    BsonDocument document = new BsonDocument();
    String ip = endpoint.ip();
    if (ip != null) {
      document.put("ip", new BsonString(ip));
    }
    if (endpoint.port() >= 0) {
      document.put("port", new BsonInt32(endpoint.port()));
    }
    String unix = endpoint.unix();
    if (unix != null) {
      document.put("unix", new BsonString(unix));
    }
    if (endpoint.systemUser()) {
      document.put("isSystemUser", BsonBoolean.TRUE);
    }
    return document;
  }

  private static BsonDocument pair(String key, String value, String otherKey, String otherValue) {
    return new BsonDocument(key, new BsonString(value))
        .append(otherKey, new BsonString(otherValue));
  }

  private interface Named<T> {
    T create(String name, String db);
  }

  private static <T> @Nullable T named(BsonValue value, String key, Named<T> create) {
    if (!value.isDocument()) {
      return null;
    }
    String name = string(value.asDocument(), key);
    String db = string(value.asDocument(), "db");
    return name == null || db == null ? null : create.create(name, db);
  }

  /** All items, or none if a single one does not fit: then the whole array goes to extra. */
  private static <T> List<T> list(
      @Nullable BsonValue value, Function<BsonValue, @Nullable T> convert) {
    if (value == null || !value.isArray()) {
      return List.of();
    }
    List<T> items = new ArrayList<>();
    for (BsonValue item : value.asArray()) {
      T converted = convert.apply(item);
      if (converted != null) {
        items.add(converted);
      }
    }
    return items;
  }

  static @Nullable String string(BsonDocument document, String key) {
    BsonValue value = document.get(key);
    return value != null && value.isString() ? value.asString().getValue() : null;
  }
}
