package io.sworn.database.command;

import io.sworn.database.authorization.CommandException;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonString;

/** Shapes of reply documents. */
final class Reply {

  private Reply() {}

  /** Success without anything to tell. */
  static BsonDocument ok() {
    return ok(new BsonDocument());
  }

  /** Success. */
  static BsonDocument ok(BsonDocument document) {
    return document.append("ok", new BsonDouble(1));
  }

  /** Failure. */
  static BsonDocument error(CommandException e) {
    return error(e.code(), e.codeName(), String.valueOf(e.getMessage()));
  }

  /** Failure. */
  static BsonDocument error(int code, String codeName, String message) {
    return new BsonDocument("ok", new BsonDouble(0))
        .append("errmsg", new BsonString(message))
        .append("code", new BsonInt32(code))
        .append("codeName", new BsonString(codeName));
  }
}
