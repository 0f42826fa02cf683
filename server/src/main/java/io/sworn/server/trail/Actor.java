package io.sworn.server.trail;

import io.sworn.event.Endpoint;
import io.sworn.event.UserName;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who does something to Sworn, and from where.
 *
 * @param users the person, if there is one
 * @param remote the person's end
 * @param local Sworn's end
 * @param session the visit that it belongs to
 */
public record Actor(List<UserName> users, Endpoint remote, Endpoint local, @Nullable UUID session) {

  /** Names of the operating system's accounts; never a database of ours. */
  private static final String ACCOUNTS = "$os";

  private static final String ADMIN = "admin";

  /** Copies the users. */
  public Actor {
    users = List.copyOf(users);
  }

  /** Sworn by itself, such as by the clock. */
  public static Actor system() {
    return new Actor(List.of(), Endpoint.SYSTEM_USER, Endpoint.SYSTEM_USER, null);
  }

  /** Whoever called the {@code sworn} command, by the name of the account. */
  public static Actor operator() {
    Endpoint here = Endpoint.tcp("127.0.0.1", -1);
    String account = System.getProperty("user.name", "unknown");
    return new Actor(List.of(new UserName(account, ACCOUNTS)), here, here, null);
  }

  /** A visitor of the console. */
  public static Actor visitor(
      String user, UUID session, InetSocketAddress remote, InetSocketAddress local) {
    return new Actor(
        List.of(new UserName(user, ADMIN)), endpoint(remote), endpoint(local), session);
  }

  private static Endpoint endpoint(InetSocketAddress address) {
    return Endpoint.tcp(address.getAddress().getHostAddress(), address.getPort());
  }
}
