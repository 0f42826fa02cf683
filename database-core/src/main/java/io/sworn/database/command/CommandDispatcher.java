package io.sworn.database.command;

import io.sworn.database.auditing.AuditArguments;
import io.sworn.database.auditing.AuditMessages;
import io.sworn.database.auditing.AuditTrail;
import io.sworn.database.auditing.JournalFullException;
import io.sworn.database.authentication.LoginThrottle;
import io.sworn.database.authentication.UserStore;
import io.sworn.database.authorization.BuiltInRoles;
import io.sworn.database.authorization.CommandException;
import io.sworn.database.authorization.CommandRule;
import io.sworn.database.authorization.CommandTable;
import io.sworn.database.authorization.Need;
import io.sworn.database.engine.Engine;
import io.sworn.database.network.Peer;
import io.sworn.database.wire.MalformedMessageException;
import io.sworn.database.wire.MessageCodec;
import io.sworn.database.wire.Request;
import io.sworn.database.wire.WireLimits;
import io.sworn.event.SwornException;
import io.sworn.event.UserName;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way from a request to its reply. Safe for any thread.
 *
 * <p>Order: is there such a command; is the client authenticated; can an audit message be written;
 * may the user do it; audit; are the command's fields known; execute; put every message on disk;
 * answer. Nothing is executed unaudited: without a journal that takes messages, commands are
 * refused.
 */
public final class CommandDispatcher {

  private static final Logger LOG = LoggerFactory.getLogger(CommandDispatcher.class);
  private static final int DOCUMENT_BYTES_MAX = 16 * 1024 * 1024 + 16 * 1024;
  private static final int PROTOCOL_ERROR = 17;

  private final AuditTrail trail;
  private final UserStore users;
  private final LoginCommands logins;
  private final DataCommands data;
  private final Map<String, CommandContext.Handler> handlers = new TreeMap<>();
  private final int argumentBytesMax;
  private final AtomicLong sessions = new AtomicLong();
  private final AtomicLong openSessions = new AtomicLong();

  /**
   * Wires all commands.
   *
   * @param status members of {@code serverStatus}
   * @param options the configuration without secrets
   * @param argumentBytesMax how much of a command's arguments an audit message holds
   */
  public CommandDispatcher(
      Engine engine,
      AuditTrail trail,
      UserStore users,
      LoginThrottle throttle,
      Supplier<BsonDocument> status,
      BsonDocument options,
      int argumentBytesMax) {
    this.trail = trail;
    this.users = users;
    this.argumentBytesMax = argumentBytesMax;
    this.data = new DataCommands(engine);
    this.logins = new LoginCommands(users, throttle, new SessionUsers(engine));
    handlers.putAll(logins.handlers());
    handlers.putAll(new HandshakeCommands(logins).handlers());
    handlers.putAll(new UserCommands(users).handlers());
    handlers.putAll(new ServerCommands(trail, () -> counted(status.get()), options).handlers());
  }

  /** The peer of a new connection. */
  public Peer connected(InetSocketAddress local, InetSocketAddress remote) {
    openSessions.incrementAndGet();
    return new Session(this, sessions.incrementAndGet(), local, remote);
  }

  /** Adds the number of open connections. */
  private BsonDocument counted(BsonDocument status) {
    return status.append(
        "connections", new BsonDocument("current", new BsonInt64(openSessions.get())));
  }

  UserStore users() {
    return users;
  }

  byte[] answer(Session session, Request request) {
    RequestAudit audit = new RequestAudit(trail, session);
    BsonDocument reply = guarded(() -> run(session, request, audit));
    BsonDocument settled =
        guarded(
            () -> {
              audit.settle();
              return reply;
            });
    byte[] bytes = MessageCodec.bytes(settled);
    if (bytes.length > DOCUMENT_BYTES_MAX || bytes.length > WireLimits.KNOWN.frameBytesMax()) {
      return MessageCodec.bytes(
          Reply.error(
              10334, "BSONObjectTooLarge", "the reply of " + bytes.length + " bytes is too large"));
    }
    return bytes;
  }

  /** Turns every way to fail into a reply that says why and holds no secret. */
  private static BsonDocument guarded(Supplier<BsonDocument> work) {
    try {
      return work.get();
    } catch (CommandException e) {
      return Reply.error(e);
    } catch (JournalFullException e) {
      return Reply.error(
          14031, "OutOfDiskSpace", "refused, because it could not be audited: " + e.getMessage());
    } catch (SwornException e) {
      LOG.error("a command is refused: {}", e.getMessage());
      return Reply.error(
          1, "InternalError", "refused, because it could not be audited or stored durably");
    } catch (RuntimeException | StackOverflowError e) {
      // Neither the command nor the message of the exception is logged: both may hold secrets.
      LOG.error(
          "a command failed: {}",
          e.getClass().getName(),
          new IllegalStateException(e.getClass().getName(), withoutMessage(e)));
      return Reply.error(1, "InternalError", "internal error");
    }
  }

  private static Throwable withoutMessage(Throwable e) {
    Throwable bare = new Throwable();
    bare.setStackTrace(e.getStackTrace());
    return bare;
  }

  private BsonDocument run(Session session, Request request, RequestAudit audit) {
    String spelled = request.command();
    CommandRule rule = CommandTable.find(spelled).orElse(null);
    if (rule == null) {
      check(request, audit, null, 59);
      throw new CommandException(59, "CommandNotFound", "no such command: '" + spelled + "'");
    }
    CommandContext command =
        new CommandContext(session, rule.name(), request.db(), request.body(), audit);
    CommandContext.Handler handler = handlers.get(rule.name());
    if (rule.name().startsWith("sasl")) {
      trail.requireWritable();
    }
    UserName user =
        rule.access() == CommandRule.Access.ANYONE
            ? null
            : authorize(rule, request, audit, session);
    if (!rule.supported()) {
      throw CommandException.notSupported(
          "command '" + rule.name() + "' is not supported by this server");
    }
    CommandFields.check(rule.name(), spelled, request.body());
    if (handler != null) {
      return handler.answer(command);
    }
    if (user == null) {
      throw new AssertionError("no handler for " + rule.name());
    }
    return data.answer(command, user);
  }

  /** Returns if the command may run; audits the decision either way. */
  private UserName authorize(
      CommandRule rule, Request request, RequestAudit audit, Session session) {
    UserName user = session.user();
    trail.requireWritable();
    if (user == null) {
      check(request, audit, null, 13);
      throw CommandException.unauthorized(
          "Command " + request.command() + " requires authentication");
    }
    List<Need> needs;
    try {
      needs = rule.needs().of(request.db(), request.body(), user);
    } catch (CommandException e) {
      check(request, audit, request.db(), e.code());
      throw e;
    }
    List<Need> missing =
        needs.stream().filter(need -> !BuiltInRoles.grant(session.roles(), need)).toList();
    if (!missing.isEmpty()) {
      namespaces(missing).forEach(ns -> check(request, audit, ns, 13));
      throw CommandException.unauthorized(
          "not authorized on " + request.db() + " to execute command " + request.command());
    }
    if (users.find(user).isEmpty()) {
      check(request, audit, null, 13); // dropped while connected
      throw CommandException.unauthorized("the user of this connection does not exist any more");
    }
    if (trail.authorizationSuccess()) {
      Set<@Nullable String> touched = namespaces(needs);
      if (touched.isEmpty()) {
        check(request, audit, null, 0);
      }
      touched.forEach(ns -> check(request, audit, ns, 0));
    }
    return user;
  }

  private static Set<@Nullable String> namespaces(List<Need> needs) {
    return needs.stream()
        .map(need -> need.resource().namespace())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private void check(Request request, RequestAudit audit, @Nullable String namespace, int result) {
    BsonDocument args = AuditArguments.of(request.body(), argumentBytesMax);
    audit.append("authCheck", AuditMessages.authCheck(request.command(), namespace, args), result);
  }

  void malformed(Session session, MalformedMessageException fault) {
    RequestAudit audit = new RequestAudit(trail, session);
    try {
      audit.append(
          "protocolError",
          AuditMessages.protocolError(String.valueOf(fault.getMessage())),
          PROTOCOL_ERROR);
      audit.settle();
    } catch (SwornException e) {
      LOG.error("a malformed message could not be audited: {}", e.getMessage());
    }
  }

  void disconnected(Session session) {
    openSessions.decrementAndGet();
    logins.disconnected(session, trail);
  }
}
