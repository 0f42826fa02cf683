package io.sworn.database.engine;

import org.bson.BsonDocument;

/**
 * One change of the catalogue that a command makes, also those that nobody asked for by name (an
 * insert into a collection that does not exist yet). Namespaces are {@code database.collection}.
 */
public sealed interface DdlEffect {

  /** A database comes into being with its first collection. */
  record CreateDatabase(String db) implements DdlEffect {}

  /**
   * A collection comes into being.
   *
   * @param options as given to {@code create}, empty for an implicit creation
   */
  record CreateCollection(String namespace, BsonDocument options) implements DdlEffect {}

  /**
   * An index comes into being.
   *
   * @param name of the index
   * @param spec as {@code listIndexes} shows it
   */
  record CreateIndex(String namespace, String name, BsonDocument spec) implements DdlEffect {}

  /** An index goes. */
  record DropIndex(String namespace, String name) implements DdlEffect {}

  /** A collection goes, with its indexes. */
  record DropCollection(String namespace) implements DdlEffect {}

  /** A database goes; preceded by one {@link DropCollection} for each of its collections. */
  record DropDatabase(String db) implements DdlEffect {}

  /** A collection gets another name, maybe in another database. */
  record RenameCollection(String from, String to) implements DdlEffect {}
}
