package io.sworn.database.authorization;

import org.jspecify.annotations.Nullable;

/**
 * What an action is done to.
 *
 * @param db null for the server as a whole
 * @param collection null for the database as a whole
 */
public record Resource(@Nullable String db, @Nullable String collection) {

  /** The server as a whole. */
  public static final Resource SERVER = new Resource(null, null);

  /** A database as a whole. */
  public static Resource database(String db) {
    return new Resource(db, null);
  }

  /**
   * A collection.
   *
   * @throws CommandException if the name cannot be one
   */
  public static Resource collection(String db, String collection) {
    if (collection.isEmpty()
        || collection.startsWith(".")
        || collection.indexOf('\0') >= 0
        || collection.indexOf('$') >= 0) {
      throw new CommandException(73, "InvalidNamespace", "Invalid collection name");
    }
    return new Resource(db, collection);
  }

  /** {@code db}, {@code db.collection}, or null for the server. */
  public @Nullable String namespace() {
    return collection == null ? db : db + "." + collection;
  }

  /** What no role opens: collections of the server's own, and the database {@code local}. */
  boolean isProtected() {
    return "local".equals(db) || (collection != null && collection.startsWith("system."));
  }
}
