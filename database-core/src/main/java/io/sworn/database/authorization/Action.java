package io.sworn.database.authorization;

/** What a command does to a resource; MongoDB's privilege actions, as far as they occur here. */
public enum Action {
  /** Reads documents. */
  FIND,
  /** Adds documents. */
  INSERT,
  /** Changes documents. */
  UPDATE,
  /** Removes documents. */
  REMOVE,
  /** Creates a collection. */
  CREATE_COLLECTION,
  /** Drops a collection. */
  DROP_COLLECTION,
  /** Creates an index. */
  CREATE_INDEX,
  /** Drops an index. */
  DROP_INDEX,
  /** Drops a database. */
  DROP_DATABASE,
  /** Renames a collection within its database. */
  RENAME_COLLECTION_SAME_DB,
  /** Changes options of a collection. */
  COLL_MOD,
  /** Checks a collection. */
  VALIDATE,
  /** Size of a collection. */
  COLL_STATS,
  /** Size of a database. */
  DB_STATS,
  /** Use of indexes. */
  INDEX_STATS,
  /** Names of collections. */
  LIST_COLLECTIONS,
  /** Indexes of a collection. */
  LIST_INDEXES,
  /** Names of all databases. */
  LIST_DATABASES,
  /** Creates a user. */
  CREATE_USER,
  /** Drops a user. */
  DROP_USER,
  /** Changes somebody's password. */
  CHANGE_PASSWORD,
  /** Changes somebody's custom data. */
  CHANGE_CUSTOM_DATA,
  /** Grants a role of the database. */
  GRANT_ROLE,
  /** Takes a role of the database away. */
  REVOKE_ROLE,
  /** Sees users. */
  VIEW_USER,
  /** Sees roles. */
  VIEW_ROLE,
  /** Administers the server: state, parameters, log. */
  ADMINISTER_SERVER
}
