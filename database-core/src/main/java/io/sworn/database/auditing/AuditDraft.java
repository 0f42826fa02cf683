package io.sworn.database.auditing;

import io.sworn.event.Client;
import io.sworn.event.Endpoint;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.bson.BsonDocument;
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

  /** Copies the lists. */
  public AuditDraft {
    users = List.copyOf(users);
    roles = List.copyOf(roles);
  }
}
