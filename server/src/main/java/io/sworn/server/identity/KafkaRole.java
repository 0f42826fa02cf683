package io.sworn.server.identity;

import java.util.Locale;

/** Who connects to the embedded broker. Each has a credential of its own and its own rules. */
public enum KafkaRole {
  /** The broker itself, and whoever sets up topics and rules. */
  BROKER,
  /** Appends to the events. */
  DATABASE,
  /** Reads events and definitions; writes routes, accounts and dead letters. */
  FILTERS,
  /** Reads events; appends alerts to them and to a topic of their own. */
  ALERTS,
  /** Read routes; write dead letters and receipts. */
  EXPORTERS,
  /** Reads events; writes checkpoints and reads them back. */
  ARCHIVE,
  /** Reads every topic; writes definitions and acknowledgements: console and command line. */
  OPERATOR;

  /** User name at the broker. */
  public String user() {
    return "sworn-" + name().toLowerCase(Locale.ROOT);
  }
}
