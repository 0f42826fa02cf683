package io.sworn.server.demo;

import com.mongodb.MongoCommandException;
import com.mongodb.event.CommandFailedEvent;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import com.mongodb.event.CommandSucceededEvent;
import com.mongodb.event.ConnectionCreatedEvent;
import com.mongodb.event.ConnectionPoolListener;
import com.mongodb.event.ConnectionReadyEvent;
import com.mongodb.event.ServerHeartbeatFailedEvent;
import com.mongodb.event.ServerHeartbeatStartedEvent;
import com.mongodb.event.ServerHeartbeatSucceededEvent;
import com.mongodb.event.ServerMonitorListener;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * Keeps the ledger of one driver client: every connection that it opens and every command that it
 * sends, with the answer that it got. What the server must have audited follows from the rules that
 * {@code docs/database-core.md} states.
 */
final class Diary implements CommandListener, ConnectionPoolListener, ServerMonitorListener {

  /**
   * Anybody may run these without a login, so nothing is decided and nothing audited. The last two
   * are shown without their content by the driver, so whoever sends them writes the ledger.
   */
  private static final Set<String> SILENT =
      Set.of(
          "hello",
          "isMaster",
          "ismaster",
          "ping",
          "buildInfo",
          "saslStart",
          "saslContinue",
          "authenticate",
          "createUser",
          "updateUser");

  private static final Set<String> WITHOUT_NAMESPACE =
      Set.of("endSessions", "killCursors", "listDatabases");
  private static final Set<String> ON_DATABASE =
      Set.of("listCollections", "dropDatabase", "dropUser");
  private static final int DENIED = 13;
  private static final int UNKNOWN_COMMAND = 59;
  private static final int LOGIN_FAILED = 18;

  private final Ledger ledger;
  private final String application;
  private final String user;
  private final Map<Integer, List<String>> open = new HashMap<>();
  private final Set<Long> probing = new HashSet<>();
  private final Set<Long> probed = new HashSet<>();
  private List<String> deniedOn = List.of();
  private long created;
  private long ready;
  private long commands;

  Diary(Ledger ledger, String application, String user) {
    this.ledger = ledger;
    this.application = application;
    this.user = user + "@admin";
  }

  /** Who acts. */
  String user() {
    return user;
  }

  /** The namespaces on which the next refusal must be audited. */
  synchronized void expectDenial(List<String> namespaces) {
    deniedOn = List.copyOf(namespaces);
  }

  /** Commands sent so far. */
  synchronized long commands() {
    return commands;
  }

  @Override
  public synchronized void commandStarted(CommandStartedEvent event) {
    if (!SILENT.contains(event.getCommandName())) {
      commands++;
      open.put(
          event.getRequestId(),
          namespaces(event.getCommandName(), event.getDatabaseName(), event.getCommand()));
    }
  }

  @Override
  public synchronized void commandSucceeded(CommandSucceededEvent event) {
    List<String> namespaces = open.remove(event.getRequestId());
    if (namespaces != null) {
      namespaces.forEach(on -> ledger.due(Caused.check(event.getCommandName(), user, on, 0)));
    }
  }

  @Override
  public synchronized void commandFailed(CommandFailedEvent event) {
    List<String> namespaces = open.remove(event.getRequestId());
    if (namespaces == null) {
      return;
    }
    String command = event.getCommandName();
    if (!(event.getThrowable() instanceof MongoCommandException refusal)) {
      namespaces.forEach(on -> ledger.possible(Caused.check(command, user, on, 0)));
    } else if (refusal.getErrorCode() == DENIED) {
      deniedOn.forEach(on -> ledger.due(Caused.check(command, user, on, DENIED)));
    } else if (refusal.getErrorCode() == UNKNOWN_COMMAND) {
      ledger.due(Caused.check(command, user, "", UNKNOWN_COMMAND));
    } else {
      namespaces.forEach(on -> ledger.due(Caused.check(command, user, on, 0)));
    }
  }

  @Override
  public synchronized void connectionCreated(ConnectionCreatedEvent event) {
    created++;
  }

  @Override
  public synchronized void connectionReady(ConnectionReadyEvent event) {
    ready++;
    ledger.due(Caused.introduction(application));
    ledger.due(Caused.login(user, 0));
    ledger.due(Caused.logout(user));
  }

  @Override
  public synchronized void serverHearbeatStarted(ServerHeartbeatStartedEvent event) {
    probing.add(event.getConnectionId().getLocalValue());
  }

  @Override
  public synchronized void serverHeartbeatSucceeded(ServerHeartbeatSucceededEvent event) {
    probed.add(event.getConnectionId().getLocalValue());
  }

  @Override
  public synchronized void serverHeartbeatFailed(ServerHeartbeatFailedEvent event) {
    probing.add(event.getConnectionId().getLocalValue());
  }

  /** Called when the client is closed: connections that never got ready were failed logins. */
  synchronized void closed() {
    for (long i = ready; i < created; i++) {
      ledger.due(Caused.introduction(application));
      ledger.due(Caused.login(user, LOGIN_FAILED));
    }
    // A server is only selected when a monitor has been answered; its first answer is not told.
    int sure = Math.max(probed.size(), created > 0 ? 1 : 0);
    for (int i = 0; i < Math.max(sure, probing.size()); i++) {
      if (i < sure) {
        ledger.due(Caused.introduction(application));
      } else {
        ledger.possible(Caused.introduction(application));
      }
    }
  }

  /** The namespaces that an allowed command touches, each of which is audited once. */
  private static List<String> namespaces(String command, String db, BsonDocument body) {
    if (WITHOUT_NAMESPACE.contains(command)) {
      return List.of("");
    }
    if (ON_DATABASE.contains(command)) {
      return List.of(db);
    }
    return switch (command) {
      case "getMore" -> List.of(db + "." + body.getString("collection").getValue());
      case "renameCollection" ->
          List.of(body.getString(command).getValue(), body.getString("to").getValue());
      default -> {
        BsonValue target = body.get(command);
        yield List.of(
            target != null && target.isString() ? db + "." + target.asString().getValue() : db);
      }
    };
  }
}
