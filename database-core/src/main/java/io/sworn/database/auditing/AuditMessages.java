package io.sworn.database.auditing;

import io.sworn.database.engine.DdlEffect;
import io.sworn.event.Endpoint;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/**
 * The {@code param} of every audit message that this server writes, member by member as MongoDB's
 * manual lists them (System Event Audit Messages, {@code mongo} schema).
 */
public final class AuditMessages {

  /** Result of an attempted login that was not finished. */
  public static final int AUTHENTICATION_ABANDONED = 337;

  /** Result of the last message of an index build that failed. */
  public static final int INDEX_BUILD_ABORTED = 276;

  private AuditMessages() {}

  /** {@code authenticate}. */
  public static BsonDocument authenticate(UserName user, String mechanism) {
    return name("user", user.user(), user.db()).append("mechanism", new BsonString(mechanism));
  }

  /** {@code authCheck}; {@code args} free of secrets. */
  public static BsonDocument authCheck(
      String command, @Nullable String namespace, BsonDocument args) {
    BsonDocument param = new BsonDocument("command", new BsonString(command));
    if (namespace != null) {
      param.append("ns", new BsonString(namespace));
    }
    return param.append("args", args);
  }

  /** {@code clientMetadata}. */
  public static BsonDocument clientMetadata(Endpoint local, BsonDocument metadata) {
    BsonDocument endpoint = new BsonDocument();
    String ip = local.ip();
    if (ip != null) {
      endpoint.append("ip", new BsonString(ip)).append("port", new BsonInt32(local.port()));
    }
    return new BsonDocument("localEndpoint", endpoint).append("clientMetadata", metadata);
  }

  /** {@code logout}. */
  public static BsonDocument logout(String reason, List<UserName> before) {
    return new BsonDocument("reason", new BsonString(reason))
        .append(
            "initialUsers",
            new BsonArray(before.stream().map(u -> name("user", u.user(), u.db())).toList()))
        .append("updatedUsers", new BsonArray());
  }

  /** {@code startup}. */
  public static BsonDocument startup(BsonDocument options) {
    return new BsonDocument("startupOptions", options)
        .append("initialClusterServerParameter", new BsonArray());
  }

  /** {@code applicationMessage}. */
  public static BsonDocument applicationMessage(String message) {
    return new BsonDocument("msg", new BsonString(message));
  }

  /** {@code auditConfigure}. */
  public static BsonDocument auditConfigure(boolean authorizationSuccess) {
    return new BsonDocument("auditAuthorizationSuccess", BsonBoolean.valueOf(authorizationSuccess));
  }

  /** {@code createUser}. */
  public static BsonDocument createUser(
      UserName user, @Nullable BsonDocument customData, List<RoleName> roles) {
    BsonDocument param = name("user", user.user(), user.db());
    if (customData != null) {
      param.append("customData", customData);
    }
    return param.append("roles", roles(roles));
  }

  /** {@code updateUser}; only what the command changes. */
  public static BsonDocument updateUser(
      UserName user,
      boolean passwordChanged,
      @Nullable BsonDocument customData,
      @Nullable List<RoleName> roles) {
    BsonDocument param =
        name("user", user.user(), user.db())
            .append("passwordChanged", BsonBoolean.valueOf(passwordChanged));
    if (customData != null) {
      param.append("customData", customData);
    }
    if (roles != null) {
      param.append("roles", roles(roles));
    }
    return param;
  }

  /** {@code dropUser}. */
  public static BsonDocument dropUser(UserName user) {
    return name("user", user.user(), user.db());
  }

  /** {@code dropAllUsersFromDatabase}. */
  public static BsonDocument dropAllUsers(String db) {
    return new BsonDocument("db", new BsonString(db));
  }

  /** {@code grantRolesToUser} and {@code revokeRolesFromUser}. */
  public static BsonDocument changeRoles(UserName user, List<RoleName> roles) {
    return name("user", user.user(), user.db()).append("roles", roles(roles));
  }

  /** A connection sent what is no message; not an action that MongoDB has. */
  public static BsonDocument protocolError(String reason) {
    return new BsonDocument("reason", new BsonString(reason));
  }

  /** {@code atype} of a change of the catalogue. */
  public static String type(DdlEffect effect) {
    String name = effect.getClass().getSimpleName();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  /** {@code param} of a change of the catalogue; of an index, the start of its build. */
  public static BsonDocument ddl(DdlEffect effect) {
    if (effect instanceof DdlEffect.CreateDatabase create) {
      return namespace(create.db());
    } else if (effect instanceof DdlEffect.CreateCollection create) {
      return namespace(create.namespace());
    } else if (effect instanceof DdlEffect.CreateIndex create) {
      return indexBuild(create, "IndexBuildStarted");
    } else if (effect instanceof DdlEffect.DropIndex drop) {
      return namespace(drop.namespace()).append("indexName", new BsonString(drop.name()));
    } else if (effect instanceof DdlEffect.DropCollection drop) {
      return namespace(drop.namespace());
    } else if (effect instanceof DdlEffect.DropDatabase drop) {
      return namespace(drop.db());
    } else if (effect instanceof DdlEffect.RenameCollection rename) {
      return new BsonDocument("old", new BsonString(rename.from()))
          .append("new", new BsonString(rename.to()));
    }
    throw new AssertionError("no message for " + effect);
  }

  /** {@code createIndex} in one of its states. */
  public static BsonDocument indexBuild(DdlEffect.CreateIndex create, String state) {
    return namespace(create.namespace())
        .append("indexName", new BsonString(create.name()))
        .append("indexSpec", create.spec())
        .append("indexBuildState", new BsonString(state));
  }

  /** A {@code param} that holds nothing but a namespace. */
  public static BsonDocument namespace(String ns) {
    return new BsonDocument("ns", new BsonString(ns));
  }

  private static BsonDocument name(String key, String name, String db) {
    return new BsonDocument(key, new BsonString(name)).append("db", new BsonString(db));
  }

  private static BsonArray roles(List<RoleName> roles) {
    return new BsonArray(roles.stream().map(r -> name("role", r.role(), r.db())).toList());
  }
}
