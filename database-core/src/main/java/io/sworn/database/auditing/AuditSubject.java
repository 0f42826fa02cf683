package io.sworn.database.auditing;

import io.sworn.event.Client;
import io.sworn.event.Endpoint;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who does something: the connection, and who is authenticated on it at this moment.
 *
 * @param session the client connection
 * @param users authenticated users, at most one
 * @param roles their granted roles
 * @param client what the client told of itself
 */
public record AuditSubject(
    UUID session,
    Endpoint local,
    Endpoint remote,
    List<UserName> users,
    List<RoleName> roles,
    @Nullable Client client) {

  /** The server itself. */
  public static AuditSubject system(UUID session) {
    return new AuditSubject(
        session, Endpoint.SYSTEM_USER, Endpoint.SYSTEM_USER, List.of(), List.of(), null);
  }
}
