package io.sworn.database.command;

import io.sworn.database.auditing.AuditMessages;
import io.sworn.database.auditing.AuditTrail;
import io.sworn.database.authentication.LoginThrottle;
import io.sworn.database.authentication.ScramConversation;
import io.sworn.database.authentication.UserStore;
import io.sworn.database.authorization.CommandException;
import io.sworn.event.SwornException;
import io.sworn.event.UserName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code saslStart}, {@code saslContinue}, {@code authenticate}, {@code logout}. Every login that
 * was begun leaves one {@code authenticate} message: 0, 18 (failed), 334 (mechanism not offered) or
 * 337 (not finished).
 */
final class LoginCommands {

  private static final Logger LOG = LoggerFactory.getLogger(LoginCommands.class);
  private static final int FAILED = 18;
  private static final int MECHANISM_UNAVAILABLE = 334;
  private static final int NAME_LENGTH_MAX = 256;

  private final UserStore users;
  private final LoginThrottle throttle;
  private final SessionUsers sessionUsers;

  LoginCommands(UserStore users, LoginThrottle throttle, SessionUsers sessionUsers) {
    this.users = users;
    this.throttle = throttle;
    this.sessionUsers = sessionUsers;
  }

  Map<String, CommandContext.Handler> handlers() {
    return Map.of(
        "saslStart", this::saslStart,
        "saslContinue", this::saslContinue,
        "authenticate", this::authenticate,
        "logout", this::logout);
  }

  /** A login inside {@code hello}; empty if it cannot begin. The reply has no {@code ok}. */
  Optional<BsonDocument> speculative(CommandContext hello, BsonDocument start) {
    String db = start.isString("db") ? start.getString("db").getValue() : hello.db();
    if (!start.containsKey("saslStart")) {
      return Optional.empty(); // MONGODB-X509: the client falls back to 'authenticate'
    }
    try {
      BsonDocument fields = start.clone();
      fields.remove("db"); // stands in for the $db of a command of its own
      CommandFields.check("saslStart", "saslStart", fields);
      return Optional.of(
          start(new CommandContext(hello.session(), "saslStart", db, start, hello.audit())));
    } catch (CommandException e) {
      return Optional.empty(); // the client asks again with saslStart and gets the reason there
    }
  }

  private BsonDocument saslStart(CommandContext command) {
    return Reply.ok(start(command));
  }

  private BsonDocument start(CommandContext command) {
    abandon(command.session(), command.audit());
    String mechanism = Optional.ofNullable(command.text("mechanism")).orElse("");
    byte[] payload = payload(command.body());
    String claimed = shortened(ScramConversation.claimedUser(payload));
    if (!mechanism.equals(ScramConversation.MECHANISM)) {
      UserName user = new UserName(claimed, command.db());
      command
          .audit()
          .append(
              "authenticate",
              AuditMessages.authenticate(user, shortened(mechanism)),
              MECHANISM_UNAVAILABLE);
      throw new CommandException(
          MECHANISM_UNAVAILABLE,
          "MechanismUnavailable",
          "only " + ScramConversation.MECHANISM + " is offered");
    }
    Optional<ScramConversation> started =
        command.session().user() == null
            ? ScramConversation.start(payload, command.db(), users)
            : Optional.empty(); // one login per connection, as mongod since 5.0
    if (started.isEmpty()) {
      throw failed(command, new UserName(claimed, command.db()));
    }
    Login login = command.session().login();
    login.conversation = started.get();
    login.conversationId++;
    BsonDocument options = command.document("options");
    login.skipEmptyExchange =
        options != null && options.getBoolean("skipEmptyExchange", BsonBoolean.FALSE).getValue();
    return reply(login, false, started.get().challenge());
  }

  private BsonDocument saslContinue(CommandContext command) {
    Login login = command.session().login();
    ScramConversation conversation = login.conversation;
    BsonValue id = command.body().get("conversationId");
    if (conversation == null
        || id == null
        || !id.isNumber()
        || id.asNumber().intValue() != login.conversationId) {
      throw new CommandException(17, "ProtocolError", "No SASL session state found");
    }
    if (login.proven != null) {
      return succeed(command, login, login.proven, new byte[0]);
    }
    UserName user = conversation.user();
    // The proof is checked in any case, so that a throttled login takes as long as another one.
    Optional<byte[]> last = conversation.finish(payload(command.body()));
    boolean throttled = throttle.refuses(command.session().remoteIp(), user);
    if (last.isEmpty() || throttled || users.find(user).isEmpty()) {
      login.clear();
      throw failed(command, user);
    }
    if (login.skipEmptyExchange) {
      return succeed(command, login, user, last.get());
    }
    login.proven = user;
    return Reply.ok(reply(login, false, last.get()));
  }

  private BsonDocument succeed(CommandContext command, Login login, UserName user, byte[] last) {
    Session session = command.session();
    session.user(user);
    session.mechanism(ScramConversation.MECHANISM);
    try {
      command
          .audit()
          .append("authenticate", AuditMessages.authenticate(user, ScramConversation.MECHANISM), 0);
    } catch (SwornException e) {
      session.user(null); // nobody is let in unaudited
      throw e;
    } finally {
      login.clear();
    }
    sessionUsers.entered(user);
    throttle.succeeded(session.remoteIp(), user);
    return Reply.ok(reply(login, true, last));
  }

  private CommandException failed(CommandContext command, UserName user) {
    throttle.failed(command.session().remoteIp(), user);
    command
        .audit()
        .append(
            command.session().subject(),
            "authenticate",
            AuditMessages.authenticate(user, ScramConversation.MECHANISM),
            FAILED);
    return new CommandException(FAILED, "AuthenticationFailed", "Authentication failed.");
  }

  /** {@code authenticate} of MONGODB-X509 and older mechanisms. */
  private BsonDocument authenticate(CommandContext command) {
    abandon(command.session(), command.audit());
    String mechanism = Optional.ofNullable(command.text("mechanism")).orElse("");
    String user = Optional.ofNullable(command.text("user")).orElse("");
    command
        .audit()
        .append(
            "authenticate",
            AuditMessages.authenticate(
                new UserName(shortened(user), command.db()), shortened(mechanism)),
            MECHANISM_UNAVAILABLE);
    throw new CommandException(
        MECHANISM_UNAVAILABLE,
        "MechanismUnavailable",
        "only " + ScramConversation.MECHANISM + " is offered");
  }

  private BsonDocument logout(CommandContext command) {
    Session session = command.session();
    UserName user = session.user();
    if (user != null) {
      session.user(null);
      command
          .audit()
          .append("logout", AuditMessages.logout("Logging out on user request", List.of(user)), 0);
      sessionUsers.left(user);
    }
    return Reply.ok();
  }

  /** The connection has closed. */
  void disconnected(Session session, AuditTrail trail) {
    RequestAudit audit = new RequestAudit(trail, session);
    UserName user = session.user();
    session.user(null);
    try {
      abandon(session, audit);
      if (user != null) {
        audit.append("logout", AuditMessages.logout("Client has disconnected", List.of(user)), 0);
      }
      audit.settle();
    } catch (SwornException e) {
      LOG.error("a disconnection could not be audited: {}", e.getMessage());
    } finally {
      if (user != null) {
        sessionUsers.left(user);
      }
    }
  }

  /** A login that was begun and is not going on. */
  private void abandon(Session session, RequestAudit audit) {
    ScramConversation pending = session.login().conversation;
    session.login().clear();
    if (pending != null) {
      audit.append(
          "authenticate",
          AuditMessages.authenticate(pending.user(), ScramConversation.MECHANISM),
          AuditMessages.AUTHENTICATION_ABANDONED);
    }
  }

  private static BsonDocument reply(Login login, boolean done, byte[] payload) {
    return new BsonDocument("conversationId", new BsonInt32(login.conversationId))
        .append("done", BsonBoolean.valueOf(done))
        .append("payload", new BsonBinary(payload));
  }

  /** The payload: binary, or base64 text as old shells send it. */
  private static byte[] payload(BsonDocument body) {
    @Nullable BsonValue value = body.get("payload");
    if (value != null && value.isBinary()) {
      return value.asBinary().getData();
    }
    if (value instanceof BsonString text) {
      try {
        return java.util.Base64.getDecoder().decode(text.getValue());
      } catch (IllegalArgumentException e) {
        return new byte[0];
      }
    }
    return new byte[0];
  }

  private static String shortened(String name) {
    return name.length() <= NAME_LENGTH_MAX ? name : name.substring(0, NAME_LENGTH_MAX);
  }
}
