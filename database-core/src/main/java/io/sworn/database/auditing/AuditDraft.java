package io.sworn.database.auditing;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.Client;
import io.sworn.event.Endpoint;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.event.UserName;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * An audit event that has no place in the trail yet.
 *
 * @param type MongoDB's {@code atype}
 * @param time when it happened
 * @param session the client connection
 * @param local endpoint of the server
 * @param remote peer of the connection, {@link Endpoint#SYSTEM_USER} for the server itself
 * @param users who was authenticated
 * @param roles granted roles, inherited ones included
 * @param param parameters of the action, already free of secrets
 * @param result server error code, 0 = OK
 * @param client what the client told of itself
 */
public record AuditDraft(
    String type,
    Instant time,
    UUID session,
    Endpoint local,
    Endpoint remote,
    List<UserName> users,
    List<RoleName> roles,
    BsonDocument param,
    int result,
    @Nullable Client client) {

  /** A longer parameter of an event that is too long is replaced by its size. */
  private static final int PARAMETER_BYTES_MAX = 16_384;

  /** Users or roles of an event that is too long even so. */
  private static final int LIST_ITEMS_MAX = 100;

  /** Copies the lists. */
  public AuditDraft {
    users = List.copyOf(users);
    roles = List.copyOf(roles);
  }

  /**
   * The encoded event at its place.
   *
   * @param bytesMax a longer one gets its long parameters replaced by their sizes; if that is not
   *     enough, its lists of users and roles are cut, and {@code param.$cut} tells how many there
   *     were
   * @throws SwornException if it is longer even so: nothing of that kind may be done unaudited
   */
  byte[] encode(String trail, long sequence, int bytesMax) {
    byte[] event = encode(trail, sequence, param, users, roles);
    if (event.length > bytesMax) {
      event = encode(trail, sequence, shortened(), users, roles);
    }
    if (event.length > bytesMax) {
      BsonDocument cut =
          new BsonDocument("users", new BsonInt32(users.size()))
              .append("roles", new BsonInt32(roles.size()));
      event =
          encode(
              trail,
              sequence,
              shortened().append("$cut", cut),
              users.subList(0, Math.min(users.size(), LIST_ITEMS_MAX)),
              roles.subList(0, Math.min(roles.size(), LIST_ITEMS_MAX)));
    }
    if (event.length > bytesMax) {
      throw new SwornException(
          ErrorCode.INPUT,
          "the audit event of this '"
              + type
              + "' has "
              + event.length
              + " bytes, the limit is "
              + bytesMax
              + ": use a shorter command");
    }
    return event;
  }

  private byte[] encode(
      String trail,
      long sequence,
      BsonDocument parameters,
      List<UserName> theUsers,
      List<RoleName> theRoles) {
    AuditEvent.Builder builder =
        AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.DATABASE, type)
            .time(time)
            .observed(Instant.now())
            .session(session)
            .local(local)
            .remote(remote)
            .users(theUsers)
            .roles(theRoles)
            .command(text("command"))
            .namespace(text(param.containsKey("ns") ? "ns" : "old"))
            .param(BsonBytes.of(parameters))
            .result(result)
            .client(client);
    return AuditEventCodec.encode(builder.build());
  }

  private @Nullable String text(String name) {
    BsonValue value = param.get(name);
    return value != null && value.isString() ? value.asString().getValue() : null;
  }

  private BsonDocument shortened() {
    BsonDocument shorter = new BsonDocument();
    param.forEach(
        (name, value) -> {
          int size = BsonBytes.of(new BsonDocument("v", value)).size();
          shorter.put(
              name,
              size <= PARAMETER_BYTES_MAX
                  ? value
                  : new BsonDocument("shortenedBytes", new BsonInt32(size)));
        });
    return shorter;
  }
}
