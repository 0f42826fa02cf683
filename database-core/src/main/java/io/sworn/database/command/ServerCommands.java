package io.sworn.database.command;

import io.sworn.database.auditing.AuditMessages;
import io.sworn.database.auditing.AuditTrail;
import io.sworn.database.authorization.CommandException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** State and settings of the server, and what it refuses with a reason. */
final class ServerCommands {

  private static final String SUCCESS_PARAMETER = "auditAuthorizationSuccess";
  private static final int MESSAGE_LENGTH_MAX = 64 * 1024;

  private final AuditTrail trail;
  private final Supplier<BsonDocument> status;
  private final BsonDocument options;

  /**
   * Commands about the server.
   *
   * @param status members of {@code serverStatus} beyond what the process knows of itself
   * @param options the configuration without secrets
   */
  ServerCommands(AuditTrail trail, Supplier<BsonDocument> status, BsonDocument options) {
    this.trail = trail;
    this.status = status;
    this.options = options;
  }

  Map<String, CommandContext.Handler> handlers() {
    Map<String, CommandContext.Handler> handlers = new TreeMap<>();
    handlers.put("serverStatus", this::serverStatus);
    handlers.put("hostInfo", command -> hostInfo());
    handlers.put("getLog", ServerCommands::getLog);
    handlers.put("getCmdLineOpts", command -> commandLine());
    handlers.put("getParameter", this::getParameter);
    handlers.put("setParameter", this::setParameter);
    handlers.put("logApplicationMessage", ServerCommands::applicationMessage);
    for (String ending : List.of("commitTransaction", "abortTransaction")) {
      handlers.put(
          ending,
          command -> {
            throw refuseTransaction();
          });
    }
    handlers.put(
        "replSetGetStatus",
        command -> {
          throw new CommandException(
              76, "NoReplicationEnabled", "not running with --replSet: this server stands alone");
        });
    return handlers;
  }

  /** For whatever belongs to a transaction or a retryable write. */
  static CommandException refuseTransaction() {
    return new CommandException(
        20,
        "IllegalOperation",
        "Transaction numbers are only allowed on a replica set member or mongos: this server has"
            + " neither transactions nor retryable writes");
  }

  /** A section that the client sets to false is left out; sections that are not here are, too. */
  private BsonDocument serverStatus(CommandContext command) {
    long uptimeMillis = ManagementFactory.getRuntimeMXBean().getUptime();
    BsonDocument reply =
        new BsonDocument("version", new BsonString("7.0.0"))
            .append("process", new BsonString("sworn"))
            .append("pid", new BsonInt64(ProcessHandle.current().pid()))
            .append("uptime", new BsonDouble(uptimeMillis / 1000.0))
            .append("uptimeMillis", new BsonInt64(uptimeMillis))
            .append("localTime", new BsonDateTime(System.currentTimeMillis()));
    status
        .get()
        .forEach(
            (section, value) -> {
              if (wanted(command.body().get(section))) {
                reply.append(section, value);
              }
            });
    return Reply.ok(reply);
  }

  private static boolean wanted(@Nullable BsonValue section) {
    return section == null
        || !(section.equals(BsonBoolean.FALSE)
            || (section.isNumber() && section.asNumber().doubleValue() == 0));
  }

  private static BsonDocument hostInfo() {
    BsonDocument system =
        new BsonDocument("currentTime", new BsonDateTime(System.currentTimeMillis()))
            .append("cpuAddrSize", new BsonInt32(64))
            .append("numCores", new BsonInt32(Runtime.getRuntime().availableProcessors()))
            .append("cpuArch", new BsonString(System.getProperty("os.arch", "")));
    BsonDocument os =
        new BsonDocument("type", new BsonString(System.getProperty("os.name", "")))
            .append("version", new BsonString(System.getProperty("os.version", "")));
    return Reply.ok(
        new BsonDocument("system", system).append("os", os).append("extra", new BsonDocument()));
  }

  private static BsonDocument getLog(CommandContext command) {
    String log = command.textArgument();
    if (log.equals("*")) {
      return Reply.ok(
          new BsonDocument(
              "names",
              new BsonArray(List.of(new BsonString("global"), new BsonString("startupWarnings")))));
    }
    if (!log.equals("global") && !log.equals("startupWarnings")) {
      throw new CommandException(96, "OperationFailed", "no RamLog of that name");
    }
    return Reply.ok(
        new BsonDocument("totalLinesWritten", new BsonInt32(0)).append("log", new BsonArray()));
  }

  private BsonDocument commandLine() {
    return Reply.ok(
        new BsonDocument("argv", new BsonArray(List.of(new BsonString("sworn"))))
            .append("parsed", options.clone()));
  }

  private BsonDocument parameters() {
    return new BsonDocument(SUCCESS_PARAMETER, BsonBoolean.valueOf(trail.authorizationSuccess()))
        .append("authenticationMechanisms", new BsonArray(List.of(new BsonString("SCRAM-SHA-256"))))
        .append("featureCompatibilityVersion", new BsonDocument("version", new BsonString("7.0")));
  }

  private BsonDocument getParameter(CommandContext command) {
    BsonDocument known = parameters();
    BsonValue argument = command.argument();
    if (argument.isDocument()
        && !Set.of("allParameters").containsAll(argument.asDocument().keySet())) {
      throw CommandException.notSupported(
          "getParameter takes no other option here than allParameters");
    }
    boolean all =
        argument.equals(new BsonString("*"))
            || (argument.isDocument()
                && argument.asDocument().get("allParameters") instanceof BsonBoolean every
                && every.getValue());
    BsonDocument reply = new BsonDocument();
    known.forEach(
        (name, value) -> {
          if (all || command.body().containsKey(name)) {
            reply.append(name, value);
          }
        });
    if (reply.isEmpty()) {
      throw new CommandException(72, "InvalidOptions", "no option found to get");
    }
    return Reply.ok(reply);
  }

  private BsonDocument setParameter(CommandContext command) {
    BsonValue value = command.body().get(SUCCESS_PARAMETER);
    boolean alone =
        command.body().keySet().stream()
            .skip(1)
            .allMatch(key -> key.equals(SUCCESS_PARAMETER) || CommandFields.isGeneric(key));
    if (value == null || !alone) {
      throw new CommandException(
          72, "InvalidOptions", "only the parameter " + SUCCESS_PARAMETER + " can be set");
    }
    if (!value.isBoolean()) {
      throw CommandException.typeMismatch(SUCCESS_PARAMETER + " must be true or false");
    }
    boolean before = trail.authorizationSuccess();
    boolean after = value.asBoolean().getValue();
    command.audit().append("auditConfigure", AuditMessages.auditConfigure(after), 0);
    command.audit().settle(); // what is less audited from now on is known before it is
    trail.authorizationSuccess(after);
    return Reply.ok(new BsonDocument("was", BsonBoolean.valueOf(before)));
  }

  private static BsonDocument applicationMessage(CommandContext command) {
    String message = command.textArgument();
    if (message.length() > MESSAGE_LENGTH_MAX) {
      throw CommandException.badValue(
          "a message has at most " + MESSAGE_LENGTH_MAX + " characters");
    }
    command.audit().append("applicationMessage", AuditMessages.applicationMessage(message), 0);
    return Reply.ok();
  }
}
