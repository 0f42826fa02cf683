package io.sworn.database.command;

import io.sworn.database.auditing.AuditMessages;
import io.sworn.database.authentication.User;
import io.sworn.database.authentication.UserStore;
import io.sworn.database.authorization.BuiltInRoles;
import io.sworn.database.authorization.CommandException;
import io.sworn.database.authorization.UserCommandNeeds;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Administration of users. Each change is audited first; the store puts the message on disk before
 * the change. Changes exclude each other.
 */
final class UserCommands {

  private static final int NAME_LENGTH_MAX = 128;
  private static final int PASSWORD_LENGTH_MAX = 1024;

  private final UserStore users;

  UserCommands(UserStore users) {
    this.users = users;
  }

  Map<String, CommandContext.Handler> handlers() {
    Map<String, CommandContext.Handler> handlers = new TreeMap<>();
    handlers.put("createUser", exclusive(this::createUser));
    handlers.put("updateUser", exclusive(this::updateUser));
    handlers.put("dropUser", exclusive(this::dropUser));
    handlers.put("dropAllUsersFromDatabase", exclusive(this::dropAllUsers));
    handlers.put("grantRolesToUser", exclusive(command -> changeRoles(command, true)));
    handlers.put("revokeRolesFromUser", exclusive(command -> changeRoles(command, false)));
    handlers.put("usersInfo", this::usersInfo);
    handlers.put("rolesInfo", UserCommands::rolesInfo);
    return handlers;
  }

  private CommandContext.Handler exclusive(CommandContext.Handler handler) {
    return command -> {
      synchronized (users) {
        return handler.answer(command);
      }
    };
  }

  private BsonDocument createUser(CommandContext command) {
    UserName name = userName(command);
    refuseMechanisms(command);
    refuseDigests(command);
    List<RoleName> roles = existing(command);
    BsonDocument customData = command.document("customData");
    if (name.user().isEmpty() || name.user().length() > NAME_LENGTH_MAX) {
      throw CommandException.badValue("a user name has 1 to " + NAME_LENGTH_MAX + " characters");
    }
    if (name.db().equals("$external") || name.db().equals("local")) {
      throw CommandException.badValue("users cannot be kept in database " + name.db());
    }
    if (users.find(name).isPresent()) {
      throw new CommandException(
          51003, "Location51003", "User \"" + name.user() + "@" + name.db() + "\" already exists");
    }
    char[] password = password(command);
    if (password == null) {
      throw CommandException.badValue("'pwd' is required");
    }
    User user = prepared(() -> User.create(name, password, roles, customData));
    command.audit().append("createUser", AuditMessages.createUser(name, customData, roles), 0);
    users.put(user);
    return Reply.ok();
  }

  private BsonDocument updateUser(CommandContext command) {
    User user = existingUser(command);
    refuseMechanisms(command);
    refuseDigests(command);
    char[] password = password(command);
    BsonDocument customData = command.document("customData");
    List<RoleName> roles = command.body().containsKey("roles") ? existing(command) : null;
    if (password == null && customData == null && roles == null) {
      throw CommandException.badValue("Must specify at least one field to update in updateUser");
    }
    User changed = password == null ? user : prepared(() -> user.withPassword(password));
    changed = customData == null ? changed : changed.withCustomData(customData);
    changed = roles == null ? changed : changed.withRoles(roles);
    command
        .audit()
        .append(
            "updateUser",
            AuditMessages.updateUser(user.name(), password != null, customData, roles),
            0);
    users.put(changed);
    return Reply.ok();
  }

  private BsonDocument dropUser(CommandContext command) {
    User user = existingUser(command);
    command.audit().append("dropUser", AuditMessages.dropUser(user.name()), 0);
    users.remove(user.name());
    return Reply.ok();
  }

  private BsonDocument dropAllUsers(CommandContext command) {
    List<User> gone =
        users.all().stream().filter(user -> user.name().db().equals(command.db())).toList();
    command.audit().append("dropAllUsersFromDatabase", AuditMessages.dropAllUsers(command.db()), 0);
    users.removeAll(gone.stream().map(User::name).toList());
    return Reply.ok(new BsonDocument("n", new BsonInt32(gone.size())));
  }

  private BsonDocument changeRoles(CommandContext command, boolean grant) {
    User user = existingUser(command);
    List<RoleName> named = existing(command);
    List<RoleName> roles = new ArrayList<>(user.roles());
    if (grant) {
      named.stream().filter(role -> !roles.contains(role)).forEach(roles::add);
    } else {
      roles.removeAll(named);
    }
    command.audit().append(command.name(), AuditMessages.changeRoles(user.name(), named), 0);
    users.put(user.withRoles(roles));
    return Reply.ok();
  }

  private BsonDocument usersInfo(CommandContext command) {
    BsonValue asked = command.argument();
    boolean customData =
        !command.body().getOrDefault("showCustomData", BsonBoolean.TRUE).equals(BsonBoolean.FALSE);
    List<UserName> named = UserCommandNeeds.namedUsers(command.db(), asked);
    BsonArray found = new BsonArray();
    users.all().stream()
        .filter(
            user ->
                UserCommandNeeds.forAllDatabases(asked)
                    || (named.isEmpty()
                        ? user.name().db().equals(command.db())
                        : named.contains(user.name())))
        .forEach(user -> found.add(shown(user, customData)));
    return Reply.ok(new BsonDocument("users", found));
  }

  private static BsonDocument shown(User user, boolean customData) {
    BsonDocument document =
        new BsonDocument("_id", new BsonString(user.id()))
            .append("userId", new BsonBinary(user.userId()))
            .append("user", new BsonString(user.name().user()))
            .append("db", new BsonString(user.name().db()));
    if (customData && user.customData() != null) {
      document.append("customData", user.customData());
    }
    return document
        .append("roles", User.rolesDocument(user.roles()))
        .append("mechanisms", new BsonArray(List.of(new BsonString("SCRAM-SHA-256"))));
  }

  private static BsonDocument rolesInfo(CommandContext command) {
    BsonValue asked = command.argument();
    boolean all = asked.isNumber();
    List<RoleName> named =
        all
            ? List.of()
            : UserCommandNeeds.roles(
                command.db(), asked.isArray() ? asked : new BsonArray(List.of(asked)));
    boolean showBuiltIn =
        command.body().getOrDefault("showBuiltinRoles", BsonBoolean.FALSE).equals(BsonBoolean.TRUE);
    List<RoleName> roles =
        all
            ? (showBuiltIn ? BuiltInRoles.of(command.db()) : List.of())
            : named.stream().filter(BuiltInRoles::exists).toList();
    BsonArray shown = new BsonArray();
    for (RoleName role : roles) {
      shown.add(
          new BsonDocument("_id", new BsonString(role.db() + "." + role.role()))
              .append("role", new BsonString(role.role()))
              .append("db", new BsonString(role.db()))
              .append("roles", new BsonArray())
              .append("inheritedRoles", new BsonArray())
              .append("isBuiltin", BsonBoolean.TRUE));
    }
    return Reply.ok(new BsonDocument("roles", shown));
  }

  private static UserName userName(CommandContext command) {
    return new UserName(command.textArgument(), command.db());
  }

  private User existingUser(CommandContext command) {
    UserName name = userName(command);
    return users
        .find(name)
        .orElseThrow(
            () ->
                new CommandException(
                    11,
                    "UserNotFound",
                    "Could not find user \"" + name.user() + "\" for db \"" + name.db() + "\""));
  }

  private static List<RoleName> existing(CommandContext command) {
    List<RoleName> roles = UserCommandNeeds.roles(command.db(), command.body().get("roles"));
    for (RoleName role : roles) {
      if (!BuiltInRoles.exists(role)) {
        throw new CommandException(
            31, "RoleNotFound", "Could not find role: " + role.role() + "@" + role.db());
      }
    }
    return roles;
  }

  private static char @Nullable [] password(CommandContext command) {
    String password = command.text("pwd");
    if (password == null) {
      return null;
    }
    if (password.isEmpty() || password.length() > PASSWORD_LENGTH_MAX) {
      throw CommandException.badValue("a password has 1 to " + PASSWORD_LENGTH_MAX + " characters");
    }
    return password.toCharArray();
  }

  /** SASLprep refuses some characters; the message of its exception could hold the password. */
  private static User prepared(java.util.function.Supplier<User> derive) {
    try {
      return derive.get();
    } catch (IllegalArgumentException e) {
      throw CommandException.badValue("the password holds characters that SASLprep prohibits");
    }
  }

  private static void refuseMechanisms(CommandContext command) {
    BsonValue mechanisms = command.body().get("mechanisms");
    if (mechanisms != null
        && !mechanisms.equals(new BsonArray(List.of(new BsonString("SCRAM-SHA-256"))))) {
      throw CommandException.badValue("only mechanism SCRAM-SHA-256 is offered");
    }
  }

  /** SCRAM-SHA-256 is derived from the password itself, so the server must get it undigested. */
  private static void refuseDigests(CommandContext command) {
    if (!command.body().getOrDefault("digestPassword", BsonBoolean.TRUE).equals(BsonBoolean.TRUE)) {
      throw CommandException.badValue("SCRAM-SHA-256 needs digestPassword: true");
    }
    String digestor = command.text("passwordDigestor");
    if (digestor != null && !digestor.equals("server")) {
      throw CommandException.badValue("SCRAM-SHA-256 needs passwordDigestor: \"server\"");
    }
  }
}
