package io.sworn.database.command;

import io.sworn.database.authorization.CommandException;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One authorised command on its way.
 *
 * @param session the connection that sent it
 * @param name in MongoDB's own spelling
 * @param db addressed database
 * @param body as the client sent it
 * @param audit takes its audit messages
 */
record CommandContext(
    Session session, String name, String db, BsonDocument body, RequestAudit audit) {

  /** Answers a command, or throws {@link CommandException}. */
  @FunctionalInterface
  interface Handler {
    BsonDocument answer(CommandContext command);
  }

  /** Value of the first member, which carries the command's name. */
  BsonValue argument() {
    BsonValue value = body.get(body.getFirstKey());
    if (value == null) {
      throw new AssertionError("a body without its first member");
    }
    return value;
  }

  /** The first member as text. */
  String textArgument() {
    if (!argument().isString()) {
      throw CommandException.typeMismatch("'" + name + "' needs a string");
    }
    return argument().asString().getValue();
  }

  /** A string member, or null if there is none. */
  @Nullable String text(String member) {
    BsonValue value = body.get(member);
    if (value == null) {
      return null;
    }
    if (!value.isString()) {
      throw CommandException.typeMismatch("'" + member + "' must be a string");
    }
    return value.asString().getValue();
  }

  /** A document member, or null if there is none. */
  @Nullable BsonDocument document(String member) {
    BsonValue value = body.get(member);
    if (value == null) {
      return null;
    }
    if (!value.isDocument()) {
      throw CommandException.typeMismatch("'" + member + "' must be a document");
    }
    return value.asDocument();
  }
}
