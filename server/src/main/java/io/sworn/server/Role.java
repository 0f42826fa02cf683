package io.sworn.server;

/** A part of Sworn that can run alone. */
public enum Role {
  /** The embedded broker; not with an external Kafka. */
  BROKER,
  /** The database core. */
  DATABASE,
  /** The filter engine. */
  FILTERS,
  /** The Connect worker with one connector per destination. */
  EXPORTERS,
  /** The archive of every event. */
  ARCHIVE,
  /** The web page; signs in against the database, so it needs that role beside it. */
  CONSOLE
}
