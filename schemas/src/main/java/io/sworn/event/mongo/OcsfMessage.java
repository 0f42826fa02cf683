package io.sworn.event.mongo;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.UserName;
import java.time.Instant;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** MongoDB 8's OCSF audit output: carried whole, with what filters and mappings need lifted. */
final class OcsfMessage {

  private OcsfMessage() {}

  static AuditEvent toEvent(BsonDocument message, SourcePosition position, Instant observed) {
    BsonValue time = message.get("time");
    if (time == null || !time.isNumber()) {
      throw new UnreadableEventException("member 'time': milliseconds expected, got " + time);
    }
    BsonDocument api = document(message, "api");
    BsonDocument response = document(api, "response");
    BsonValue code = response.get("code");
    return AuditEvent.builder(position, EventKind.MONGODB_OCSF, type(message))
        .time(MongoAuditMessage.instant("time", time.asNumber().longValue()))
        .observed(observed)
        .local(MongoAuditMessage.endpoint(message.get("dst_endpoint")))
        .remote(MongoAuditMessage.endpoint(message.get("src_endpoint")))
        .users(users(message))
        .command(MongoAuditMessage.string(api, "operation"))
        .namespace(MongoAuditMessage.string(document(api, "request"), "uid"))
        .result(code != null && code.isNumber() ? code.asNumber().intValue() : 0)
        .extra(BsonBytes.of(message))
        .build();
  }

  private static String type(BsonDocument message) {
    String atype = MongoAuditMessage.string(document(message, "unmapped"), "atype");
    if (atype != null) {
      return atype;
    }
    BsonValue uid = message.get("type_uid");
    if (uid == null || !uid.isNumber()) {
      throw new UnreadableEventException("member 'type_uid': a number expected, got " + uid);
    }
    int number = uid.asNumber().intValue();
    return switch (number) {
      case 300201 -> "authenticate";
      case 300202 -> "logout";
      case 100701 -> "startup";
      case 100702 -> "shutdown";
      case 400101 -> "clientMetadata";
      case 600300, 600301, 600302, 600303, 600304 -> "authCheck";
      default -> "ocsf:" + number;
    };
  }

  /** The name is {@code <db>.<user>}; a database name holds no dot, so the first one splits. */
  private static List<UserName> users(BsonDocument message) {
    String name = MongoAuditMessage.string(document(document(message, "actor"), "user"), "name");
    if (name == null) {
      return List.of();
    }
    int dot = name.indexOf('.');
    return dot < 0
        ? List.of(new UserName(name, ""))
        : List.of(new UserName(name.substring(dot + 1), name.substring(0, dot)));
  }

  private static BsonDocument document(@Nullable BsonDocument parent, String key) {
    BsonValue value = parent == null ? null : parent.get(key);
    return value != null && value.isDocument() ? value.asDocument() : new BsonDocument();
  }
}
