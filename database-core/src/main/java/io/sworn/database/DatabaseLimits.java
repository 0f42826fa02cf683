package io.sworn.database;

import java.time.Duration;

/**
 * Bounds of a database server.
 *
 * @param connectionsMax open connections
 * @param workers threads that execute commands
 * @param strangerIdleMax a connection that is not authenticated is closed after so long without a
 *     message; drivers watch a server over such connections with a message every ten seconds
 * @param loginFailuresMax failed logins of a user from an address within {@code
 *     loginFailuresWindow}, after which further ones fail whatever the password
 * @param loginFailuresWindow see {@code loginFailuresMax}
 * @param journalBytesMax audit events that wait for Kafka on disk; beyond it commands are refused
 * @param auditArgumentBytesMax how much of a command's arguments an audit event holds
 * @param drainMax how long {@link DatabaseServer#close} waits for Kafka
 */
public record DatabaseLimits(
    int connectionsMax,
    int workers,
    Duration strangerIdleMax,
    int loginFailuresMax,
    Duration loginFailuresWindow,
    long journalBytesMax,
    int auditArgumentBytesMax,
    Duration drainMax) {

  /** What holds unless configured otherwise. */
  public static final DatabaseLimits DEFAULT =
      new DatabaseLimits(
          500,
          16,
          Duration.ofSeconds(90),
          10,
          Duration.ofMinutes(1),
          1L << 30,
          256 * 1024,
          Duration.ofSeconds(20));
}
