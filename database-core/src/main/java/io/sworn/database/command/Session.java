package io.sworn.database.command;

import io.sworn.database.auditing.AuditSubject;
import io.sworn.database.authentication.User;
import io.sworn.database.network.Peer;
import io.sworn.database.wire.MalformedMessageException;
import io.sworn.database.wire.Request;
import io.sworn.database.wire.WireLimits;
import io.sworn.event.Client;
import io.sworn.event.Endpoint;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/** One connection: who is at the other end, and what it told of itself. */
final class Session implements Peer {

  private final CommandDispatcher dispatcher;
  private final long number;
  private final UUID id = UUID.randomUUID();
  private final Endpoint local;
  private final Endpoint remote;
  private final Login login = new Login();
  private volatile @Nullable UserName user;
  private @Nullable Client client;
  private boolean introduced;
  private boolean closed;

  Session(
      CommandDispatcher dispatcher,
      long number,
      InetSocketAddress local,
      InetSocketAddress remote) {
    this.dispatcher = dispatcher;
    this.number = number;
    this.local = endpoint(local);
    this.remote = endpoint(remote);
  }

  private static Endpoint endpoint(InetSocketAddress address) {
    String ip = address.getAddress().getHostAddress();
    int zone = ip.indexOf('%');
    return Endpoint.tcp(zone < 0 ? ip : ip.substring(0, zone), address.getPort());
  }

  @Override
  public WireLimits limits() {
    return authenticated() ? WireLimits.KNOWN : WireLimits.STRANGER;
  }

  @Override
  public boolean authenticated() {
    return user != null;
  }

  @Override
  public synchronized byte @Nullable [] answer(Request request) {
    return closed ? null : dispatcher.answer(this, request);
  }

  @Override
  public synchronized void malformed(MalformedMessageException fault) {
    if (!closed) {
      dispatcher.malformed(this, fault);
    }
  }

  @Override
  public synchronized void disconnected() {
    if (!closed) {
      closed = true;
      dispatcher.disconnected(this);
    }
  }

  long number() {
    return number;
  }

  Endpoint local() {
    return local;
  }

  Endpoint remote() {
    return remote;
  }

  String remoteIp() {
    String ip = remote.ip();
    return ip == null ? "" : ip;
  }

  Login login() {
    return login;
  }

  @Nullable UserName user() {
    return user;
  }

  void user(@Nullable UserName authenticated) {
    user = authenticated;
  }

  List<UserName> users() {
    UserName name = user;
    return name == null ? List.of() : List.of(name);
  }

  List<RoleName> roles() {
    UserName name = user;
    return name == null
        ? List.of()
        : dispatcher.users().find(name).map(User::roles).orElse(List.of());
  }

  /** Who acts here at this moment. */
  AuditSubject subject() {
    return new AuditSubject(id, local, remote, users(), roles(), client);
  }

  /** Whether {@code hello} has already told who the client is. */
  boolean introduced() {
    return introduced;
  }

  /** Remembers what {@code hello} told. */
  void introduce(BsonDocument metadata) {
    introduced = true;
    client =
        new Client(
            text(metadata, "application", "name"),
            text(metadata, "driver", "name"),
            text(metadata, "driver", "version"),
            null);
  }

  /** Remembers how the user authenticated. */
  void mechanism(String mechanism) {
    Client known = client;
    client =
        known == null
            ? new Client(null, null, null, mechanism)
            : new Client(known.application(), known.driver(), known.driverVersion(), mechanism);
  }

  private static @Nullable String text(BsonDocument metadata, String part, String member) {
    return metadata.isDocument(part) && metadata.getDocument(part).isString(member)
        ? metadata.getDocument(part).getString(member).getValue()
        : null;
  }
}
