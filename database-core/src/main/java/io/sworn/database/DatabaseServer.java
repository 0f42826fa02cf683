package io.sworn.database;

import io.sworn.database.auditing.AuditJournal;
import io.sworn.database.auditing.AuditMessages;
import io.sworn.database.auditing.AuditShipper;
import io.sworn.database.auditing.AuditSubject;
import io.sworn.database.auditing.AuditTrail;
import io.sworn.database.authentication.FirstPassword;
import io.sworn.database.authentication.LoginThrottle;
import io.sworn.database.authentication.ScramConversation;
import io.sworn.database.authentication.User;
import io.sworn.database.authentication.UserStore;
import io.sworn.database.authorization.BuiltInRoles;
import io.sworn.database.command.CommandDispatcher;
import io.sworn.database.engine.Engine;
import io.sworn.database.network.AccessList;
import io.sworn.database.network.Listener;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.event.UserName;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running database server. Whatever it answered is durable, and was audited durably before.
 *
 * <p>Secure by default: TLS and authentication cannot be switched off, connections are taken from
 * loopback unless the access list says otherwise, data and journal are encrypted.
 */
public final class DatabaseServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DatabaseServer.class);
  private static final UserName ADMINISTRATOR = new UserName("admin", BuiltInRoles.ADMIN);
  private static final int AUTHENTICATION_FAILED = 18;

  private final DatabaseConfig config;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AuditSubject system = AuditSubject.system(UUID.randomUUID());
  private final AuditJournal journal;
  private final AuditTrail trail;
  private final AuditShipper shipper;
  private final UserStore users;
  private final LoginThrottle throttle;
  private final Listener listener;
  private final @Nullable InitialAdministrator initialAdministrator;
  private boolean closed;

  private DatabaseServer(DatabaseConfig config, Map<String, Object> kafka, Topics topics) {
    this.config = config;
    DatabaseLimits limits = config.limits();
    try {
      MasterKey key =
          MasterKey.loadOrCreate(config.masterKey(), config.directory().resolve("store"));
      Engine engine = opened(Engine.open(config.directory().resolve("store"), key.derive("store")));
      journal =
          opened(
              AuditJournal.open(
                  config.directory().resolve("journal"),
                  config.name(),
                  key.derive("journal"),
                  limits.journalBytesMax(),
                  engine.heldRecords()));
      engine.commitWith(journal);
      trail = new AuditTrail(journal, limits.journalBytesMax(), config.auditAuthorizationSuccess());
      shipper = opened(AuditShipper.start(journal, kafka, topics.events()));
      users = new UserStore(engine.systemStore());
      throttle = new LoginThrottle(limits.loginFailuresMax(), limits.loginFailuresWindow());
      CommandDispatcher dispatcher =
          new CommandDispatcher(
              engine,
              trail,
              users,
              throttle,
              this::status,
              options(),
              limits.auditArgumentBytesMax());
      trail.sync(trail.append(system, "startup", AuditMessages.startup(options()), 0));
      listener = opened(listen(dispatcher));
      // Last, so that a start that fails does not leave an administrator whom nobody knows.
      initialAdministrator = users.isEmpty() ? createAdministrator() : null;
    } catch (RuntimeException | Error e) {
      closeOpened();
      throw e;
    }
    LOG.info("database {} listens on {}", config.name(), listener.address());
  }

  /**
   * Opens data and journal, starts shipping the journal, and listens.
   *
   * @param kafka client properties for the shipper; the broker may be down, events wait on disk
   * @param topics the topic {@code events} takes the audit events
   * @throws SwornException naming what in the configuration or on disk prevents it
   */
  public static DatabaseServer start(
      DatabaseConfig config, Map<String, Object> kafka, Topics topics) {
    return new DatabaseServer(config, kafka, topics);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** The first user, only on the start that created it. */
  public Optional<InitialAdministrator> initialAdministrator() {
    return Optional.ofNullable(initialAdministrator);
  }

  /**
   * Takes back the user of {@link #initialAdministrator()}, if there is one: for a start that fails
   * elsewhere before anybody was told the password. The next start makes another.
   */
  public void withdrawInitialAdministrator() {
    if (initialAdministrator != null) {
      trail.append(system, "dropUser", AuditMessages.dropUser(ADMINISTRATOR), 0);
      users.remove(ADMINISTRATOR);
    }
  }

  /** Where the audit journal stands. */
  public JournalStatus journal() {
    return new JournalStatus(
        journal.trail(), journal.lastSequence(), journal.shippedSequence(), journal.bytes());
  }

  /**
   * Whether that is the password of a user on {@code admin} with role {@code root}. Leaves an
   * {@code authenticate} message either way, on disk when this returns.
   */
  public boolean verifyAdministrator(String user, char[] password) {
    UserName name = new UserName(user, BuiltInRoles.ADMIN);
    boolean matches = users.matches(name, password);
    boolean root =
        users.find(name).map(found -> found.roles().contains(BuiltInRoles.ROOT)).orElse(false);
    boolean verified = matches && root && !throttle.refuses("console", name);
    if (verified) {
      throttle.succeeded("console", name);
    } else {
      throttle.failed("console", name);
    }
    AuditSubject subject =
        new AuditSubject(
            UUID.randomUUID(),
            system.local(),
            system.remote(),
            verified ? List.of(name) : List.of(),
            verified ? List.of(BuiltInRoles.ROOT) : List.of(),
            null);
    trail.sync(
        trail.append(
            subject,
            "authenticate",
            AuditMessages.authenticate(name, ScramConversation.MECHANISM),
            verified ? 0 : AUTHENTICATION_FAILED));
    return verified;
  }

  /**
   * Hangs up on all clients, writes the {@code shutdown} message, waits a bounded time until Kafka
   * has every event, and closes everything. What Kafka has not taken is sent after the next start.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    listener.close(); // each connection leaves its logout message before the shutdown
    try {
      trail.sync(trail.append(system, "shutdown", new BsonDocument(), 0));
    } catch (SwornException e) {
      LOG.error("the shutdown could not be audited: {}", e.getMessage());
    }
    if (!shipper.drain(config.limits().drainMax())) {
      LOG.warn(
          "{} audit events wait on disk for Kafka; they are sent after the next start",
          journal.lastSequence() - journal.shippedSequence());
    }
    closeOpened();
  }

  private InitialAdministrator createAdministrator() {
    String password = FirstPassword.generate();
    User user =
        User.create(ADMINISTRATOR, password.toCharArray(), List.of(BuiltInRoles.ROOT), null);
    trail.append(
        system,
        "createUser",
        AuditMessages.createUser(ADMINISTRATOR, null, List.of(BuiltInRoles.ROOT)),
        0);
    users.put(user);
    return new InitialAdministrator(ADMINISTRATOR.user(), password);
  }

  private Listener listen(CommandDispatcher dispatcher) {
    DatabaseLimits limits = config.limits();
    return Listener.open(
        new Listener.Settings(
            config.listen(),
            config.certificateChain(),
            config.privateKey(),
            AccessList.of(config.accessList()),
            limits.connectionsMax(),
            limits.workers(),
            limits.strangerIdleMax()),
        dispatcher::connected);
  }

  /** The configuration in the shape of mongod's, without anything secret. */
  private BsonDocument options() {
    BsonDocument net =
        new BsonDocument("bindIp", new BsonString(config.listen().getHostString()))
            .append("port", new BsonInt32(config.listen().getPort()))
            .append("tls", new BsonDocument("mode", new BsonString("requireTLS")));
    return new BsonDocument("net", net)
        .append(
            "security",
            new BsonDocument("authorization", new BsonString("enabled"))
                .append("enableEncryption", BsonBoolean.TRUE))
        .append(
            "setParameter",
            new BsonDocument(
                "auditAuthorizationSuccess",
                BsonBoolean.valueOf(config.auditAuthorizationSuccess())));
  }

  private BsonDocument status() {
    JournalStatus status = journal();
    return new BsonDocument("host", new BsonString(config.name()))
        .append(
            "audit",
            new BsonDocument("trail", new BsonString(status.trail()))
                .append("lastSequence", new BsonInt64(status.lastSequence()))
                .append("shippedSequence", new BsonInt64(status.shippedSequence()))
                .append("journalBytes", new BsonInt64(status.bytes())));
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  /** In the reverse order of opening; one part that fails does not keep the others open. */
  private void closeOpened() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.error("{} could not be closed", part.getClass().getSimpleName(), e);
      }
    }
  }
}
