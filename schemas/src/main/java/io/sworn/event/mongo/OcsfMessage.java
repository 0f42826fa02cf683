package io.sworn.event.mongo;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.UserName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** MongoDB 8's OCSF audit output: carried whole, with what filters and mappings need lifted. */
final class OcsfMessage {

  private static final int INTERNAL_ERROR = 1;
  private static final int AUTHENTICATION_FAILED = 18;

  private OcsfMessage() {}

  static AuditEvent toEvent(BsonDocument message, SourcePosition position, Instant observed) {
    BsonValue time = message.get("time");
    if (time == null || !time.isNumber()) {
      throw new UnreadableEventException("member 'time': milliseconds expected, got " + time);
    }
    BsonDocument api = document(message, "api");
    String type = type(message);
    return AuditEvent.builder(position, EventKind.MONGODB_OCSF, type)
        .time(MongoAuditMessage.instant("time", time.asNumber().longValue()))
        .observed(observed)
        .local(MongoAuditMessage.endpoint(message.get("dst_endpoint")))
        .remote(MongoAuditMessage.endpoint(message.get("src_endpoint")))
        .users(users(message))
        .roles(roles(message))
        .command(MongoAuditMessage.string(api, "operation"))
        .namespace(MongoAuditMessage.string(document(api, "request"), "uid"))
        .param(type.equals("authenticate") ? attempt(message) : BsonBytes.EMPTY)
        .result(result(message, type))
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

  /**
   * The server's code where the message has one. How a failed sign-in is marked is not documented;
   * OCSF itself says {@code status_id} 2, and a failure must never look like a success.
   */
  private static int result(BsonDocument message, String type) {
    for (BsonValue code :
        new @Nullable BsonValue[] {
          document(document(message, "api"), "response").get("code"), message.get("status_code")
        }) {
      if (code != null && code.isNumber()) {
        return code.asNumber().intValue();
      }
      if (code != null && code.isString() && code.asString().getValue().matches("[0-9]{1,9}")) {
        return Integer.parseInt(code.asString().getValue());
      }
    }
    BsonValue status = message.get("status_id");
    boolean failed = status != null && status.isNumber() && status.asNumber().intValue() == 2;
    return failed ? (type.equals("authenticate") ? AUTHENTICATION_FAILED : INTERNAL_ERROR) : 0;
  }

  private static List<UserName> users(BsonDocument message) {
    UserName user = name(document(document(message, "actor"), "user"));
    return user == null ? List.of() : List.of(user);
  }

  private static List<RoleName> roles(BsonDocument message) {
    BsonValue groups = document(document(message, "actor"), "user").get("groups");
    List<RoleName> roles = new ArrayList<>();
    if (groups != null && groups.isArray()) {
      for (BsonValue group : groups.asArray()) {
        UserName role = group.isDocument() ? name(group.asDocument()) : null;
        if (role != null) {
          roles.add(new RoleName(role.user(), role.db()));
        }
      }
    }
    return roles;
  }

  /** Whose password was tried, in MongoDB's own form: after a failure it is nowhere else. */
  private static BsonBytes attempt(BsonDocument message) {
    BsonDocument param = new BsonDocument();
    UserName tried = name(document(message, "user"));
    if (tried != null) {
      param.append("user", new BsonString(tried.user())).append("db", new BsonString(tried.db()));
    }
    String mechanism = MongoAuditMessage.string(message, "auth_protocol");
    if (mechanism != null) {
      param.append("mechanism", new BsonString(mechanism));
    }
    return BsonBytes.of(param);
  }

  /** The name is {@code <db>.<name>}; a database name holds no dot, so the first one splits. */
  private static @Nullable UserName name(BsonDocument named) {
    String name = MongoAuditMessage.string(named, "name");
    if (name == null) {
      return null;
    }
    int dot = name.indexOf('.');
    return dot < 0
        ? new UserName(name, "")
        : new UserName(name.substring(dot + 1), name.substring(0, dot));
  }

  private static BsonDocument document(@Nullable BsonDocument parent, String key) {
    BsonValue value = parent == null ? null : parent.get(key);
    return value != null && value.isDocument() ? value.asDocument() : new BsonDocument();
  }
}
