package io.sworn.database.wire;

import org.bson.BsonDocument;

/**
 * One command as it came over the wire.
 *
 * @param id request id, repeated in the reply
 * @param db addressed database
 * @param body the command, document sequences merged in; never empty
 * @param kind how it came, and so how it is answered
 */
public record Request(int id, String db, BsonDocument body, Kind kind) {

  /** How a command came. */
  public enum Kind {
    /** OP_MSG: answered in OP_MSG. */
    MESSAGE,
    /** OP_MSG inside OP_COMPRESSED: answered in the same way. */
    COMPRESSED,
    /** OP_MSG with moreToCome ({@code w: 0}): executed, never answered. */
    UNANSWERED,
    /** OP_QUERY, only for {@code hello} and {@code isMaster}: answered in OP_REPLY. */
    LEGACY_HELLO
  }

  /** Name of the command as the client spelled it. */
  public String command() {
    return body.getFirstKey();
  }
}
