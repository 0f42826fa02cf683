package io.sworn.database.command;

import io.sworn.database.auditing.AuditMessages;
import io.sworn.database.authorization.Action;
import io.sworn.database.authorization.BuiltInRoles;
import io.sworn.database.authorization.Need;
import io.sworn.database.authorization.Resource;
import io.sworn.database.engine.DdlEffect;
import io.sworn.database.engine.Engine;
import io.sworn.database.engine.EngineCommand;
import io.sworn.event.SwornException;
import io.sworn.event.UserName;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonNumber;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Commands that the engine executes, and the audit messages of what they change. */
final class DataCommands {

  private static final int NAMESPACE_NOT_FOUND = 26;

  private final Engine engine;

  DataCommands(Engine engine) {
    this.engine = engine;
  }

  /** Runs one command of an authenticated user. */
  BsonDocument answer(CommandContext command, UserName user) {
    Effects effects = new Effects(command);
    BsonDocument reply =
        engine.run(
            new EngineCommand(command.db(), command.name(), canonical(command), user),
            effects::append);
    effects.finish(reply);
    return command.name().equals("listDatabases") ? visible(command, reply) : reply;
  }

  /** The body with the command's own spelling as its first member. */
  private static BsonDocument canonical(CommandContext command) {
    String spelled = command.body().getFirstKey();
    if (spelled.equals(command.name())) {
      return command.body();
    }
    BsonDocument body = new BsonDocument();
    command
        .body()
        .forEach((key, value) -> body.append(key.equals(spelled) ? command.name() : key, value));
    return body;
  }

  /** Whoever may not list all databases sees those in which he may see collections. */
  private static BsonDocument visible(CommandContext command, BsonDocument reply) {
    Need all = new Need(Action.LIST_DATABASES, Resource.SERVER);
    if (!reply.isArray("databases") || BuiltInRoles.grant(command.session().roles(), all)) {
      return reply;
    }
    BsonArray databases = new BsonArray();
    double size = 0;
    for (BsonValue database : reply.getArray("databases")) {
      String name = database.asDocument().getString("name").getValue();
      Need need = new Need(Action.LIST_COLLECTIONS, Resource.database(name));
      if (BuiltInRoles.grant(command.session().roles(), need)) {
        databases.add(database);
        size +=
            database.asDocument().get("sizeOnDisk") instanceof BsonNumber bytes
                ? bytes.doubleValue()
                : 0;
      }
    }
    BsonDocument visible = reply.clone();
    visible.put("databases", databases);
    if (visible.containsKey("totalSize")) {
      visible.put("totalSize", new BsonInt64((long) size));
    }
    return visible;
  }

  /** The messages of one command's changes of the catalogue. */
  private static final class Effects {
    private final CommandContext command;
    private final List<DdlEffect.CreateIndex> builds = new ArrayList<>();
    private boolean dropped;
    private @Nullable SwornException refused;

    Effects(CommandContext command) {
      this.command = command;
    }

    /** Called by the engine before it commits. */
    void append(List<DdlEffect> effects) {
      try {
        for (DdlEffect effect : effects) {
          command.audit().append(AuditMessages.type(effect), AuditMessages.ddl(effect), 0);
          if (effect instanceof DdlEffect.CreateIndex build) {
            builds.add(build);
          }
          dropped |= effect instanceof DdlEffect.DropCollection;
        }
      } catch (SwornException e) {
        refused = e;
        throw e;
      }
    }

    /** Called when the engine has answered. */
    void finish(BsonDocument reply) {
      if (refused != null) {
        throw refused;
      }
      boolean ok = reply.get("ok") instanceof BsonNumber number && number.doubleValue() == 1;
      for (DdlEffect.CreateIndex build : builds) {
        command
            .audit()
            .append(
                "createIndex",
                AuditMessages.indexBuild(build, ok ? "IndexBuildSucceeded" : "IndexBuildAborted"),
                ok ? 0 : AuditMessages.INDEX_BUILD_ABORTED);
      }
      if (command.name().equals("drop") && !dropped) {
        command
            .audit()
            .append(
                "dropCollection",
                AuditMessages.namespace(command.db() + "." + command.textArgument()),
                NAMESPACE_NOT_FOUND);
      }
    }
  }
}
