package io.sworn.database.authorization;

import io.sworn.event.UserName;
import java.util.List;
import org.bson.BsonDocument;

/**
 * One command of the table.
 *
 * @param name MongoDB's own spelling
 * @param access who may run it
 * @param needs rights that it needs beyond {@code access}
 * @param supported false for a command that mongod has and that is refused here with a reason
 */
public record CommandRule(String name, Access access, Needs needs, boolean supported) {

  /** Who may run a command at all. */
  public enum Access {
    /** Also somebody who has not authenticated. */
    ANYONE,
    /** Everybody who has authenticated, if the needs are met. */
    AUTHENTICATED
  }

  /** Derives the rights from the arguments. */
  @FunctionalInterface
  public interface Needs {
    /**
     * The rights that a command needs, the main namespace first; empty if being authenticated is
     * enough.
     *
     * @throws CommandException if the arguments do not say what is touched
     */
    List<Need> of(String db, BsonDocument body, UserName self);
  }
}
