package io.sworn.database.command;

import io.sworn.database.auditing.AuditMessages;
import io.sworn.database.authentication.ScramConversation;
import io.sworn.database.authentication.User;
import io.sworn.database.authorization.CommandException;
import io.sworn.database.authorization.CommandRule;
import io.sworn.database.authorization.CommandTable;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** What a client asks before and beside its work: who are you, who am I, are you there. */
final class HandshakeCommands {

  /** Wire version of MongoDB 7.0. */
  private static final int WIRE_VERSION = 21;

  private static final String VERSION = "7.0.0";
  private static final int METADATA_BYTES_MAX = 512;
  private static final int SESSION_MINUTES = 30;

  private final LoginCommands logins;

  HandshakeCommands(LoginCommands logins) {
    this.logins = logins;
  }

  Map<String, CommandContext.Handler> handlers() {
    Map<String, CommandContext.Handler> handlers = new TreeMap<>();
    handlers.put("hello", this::hello);
    handlers.put("isMaster", this::hello);
    handlers.put("ping", command -> Reply.ok());
    handlers.put("buildInfo", command -> buildInfo());
    handlers.put("whatsmyuri", HandshakeCommands::whatsMyUri);
    handlers.put("connectionStatus", HandshakeCommands::connectionStatus);
    handlers.put("listCommands", command -> listCommands());
    handlers.put("startSession", command -> startSession());
    // Sessions hold nothing here but their name, so there is nothing to keep alive or to end.
    handlers.put("refreshSessions", command -> Reply.ok());
    handlers.put("endSessions", command -> Reply.ok());
    return handlers;
  }

  /**
   * No {@code setName}: a standalone server, so drivers neither retry writes nor open transactions.
   * No {@code topologyVersion}: drivers poll instead of waiting for streamed replies.
   */
  private BsonDocument hello(CommandContext command) {
    introduce(command);
    boolean modern = command.name().equals("hello");
    BsonDocument reply = new BsonDocument("helloOk", BsonBoolean.TRUE);
    reply
        .append(modern ? "isWritablePrimary" : "ismaster", BsonBoolean.TRUE)
        .append("maxBsonObjectSize", new BsonInt32(16 * 1024 * 1024))
        .append("maxMessageSizeBytes", new BsonInt32(48_000_000))
        .append("maxWriteBatchSize", new BsonInt32(100_000))
        .append("localTime", new BsonDateTime(System.currentTimeMillis()))
        .append("logicalSessionTimeoutMinutes", new BsonInt32(SESSION_MINUTES))
        .append("connectionId", new BsonInt32((int) command.session().number()))
        .append("minWireVersion", new BsonInt32(0))
        .append("maxWireVersion", new BsonInt32(WIRE_VERSION))
        .append("readOnly", BsonBoolean.FALSE);
    if (command.body().isArray("compression")
        && command.body().getArray("compression").contains(new BsonString("zlib"))) {
      reply.append("compression", new BsonArray(java.util.List.of(new BsonString("zlib"))));
    }
    if (command.body().isString("saslSupportedMechs")) {
      // The same answer for every name: it does not tell who exists.
      reply.append(
          "saslSupportedMechs",
          new BsonArray(java.util.List.of(new BsonString(ScramConversation.MECHANISM))));
    }
    if (command.body().isDocument("speculativeAuthenticate")) {
      logins
          .speculative(command, command.body().getDocument("speculativeAuthenticate"))
          .ifPresent(first -> reply.append("speculativeAuthenticate", first));
    }
    return Reply.ok(reply);
  }

  private static void introduce(CommandContext command) {
    BsonDocument metadata = command.document("client");
    if (metadata == null || command.session().introduced()) {
      return;
    }
    if (io.sworn.event.BsonBytes.of(metadata).size() > METADATA_BYTES_MAX) {
      throw new CommandException(
          186,
          "ClientMetadataDocumentTooLarge",
          "The client metadata document must be at most " + METADATA_BYTES_MAX + " bytes");
    }
    command.session().introduce(metadata);
    command
        .audit()
        .append(
            "clientMetadata", AuditMessages.clientMetadata(command.session().local(), metadata), 0);
  }

  private static BsonDocument buildInfo() {
    BsonArray numbers = new BsonArray();
    for (String part : (VERSION + ".0").split("\\.", -1)) {
      numbers.add(new BsonInt32(Integer.parseInt(part)));
    }
    return Reply.ok(
        new BsonDocument("version", new BsonString(VERSION))
            .append("gitVersion", new BsonString("sworn"))
            .append("modules", new BsonArray(java.util.List.of(new BsonString("sworn"))))
            .append("versionArray", numbers)
            .append("bits", new BsonInt32(64))
            .append("debug", BsonBoolean.FALSE)
            .append("maxBsonObjectSize", new BsonInt32(16 * 1024 * 1024))
            .append("storageEngines", new BsonArray(java.util.List.of(new BsonString("sworn")))));
  }

  private static BsonDocument whatsMyUri(CommandContext command) {
    return Reply.ok(
        new BsonDocument(
            "you",
            new BsonString(
                command.session().remoteIp() + ":" + command.session().remote().port())));
  }

  private static BsonDocument connectionStatus(CommandContext command) {
    BsonArray users = new BsonArray();
    command
        .session()
        .users()
        .forEach(
            u ->
                users.add(
                    new BsonDocument("user", new BsonString(u.user()))
                        .append("db", new BsonString(u.db()))));
    BsonDocument info =
        new BsonDocument("authenticatedUsers", users)
            .append("authenticatedUserRoles", User.rolesDocument(command.session().roles()));
    BsonValue privileges = command.body().get("showPrivileges");
    if (privileges != null && privileges.isBoolean() && privileges.asBoolean().getValue()) {
      info.append("authenticatedUserPrivileges", new BsonArray());
    }
    return Reply.ok(new BsonDocument("authInfo", info));
  }

  private static BsonDocument listCommands() {
    BsonDocument commands = new BsonDocument();
    new TreeMap<>(CommandTable.all())
        .forEach(
            (spelling, rule) -> {
              if (spelling.equals(rule.name())) {
                commands.append(
                    spelling,
                    new BsonDocument("help", new BsonString(""))
                        .append(
                            "requiresAuth",
                            BsonBoolean.valueOf(rule.access() != CommandRule.Access.ANYONE))
                        .append("secondaryOk", BsonBoolean.FALSE)
                        .append("adminOnly", BsonBoolean.FALSE));
              }
            });
    return Reply.ok(new BsonDocument("commands", commands));
  }

  private static BsonDocument startSession() {
    UUID id = UUID.randomUUID();
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    return Reply.ok(
        new BsonDocument(
                "id",
                new BsonDocument(
                    "id", new BsonBinary(org.bson.BsonBinarySubType.UUID_STANDARD, bytes)))
            .append("timeoutMinutes", new BsonInt64(SESSION_MINUTES)));
  }
}
