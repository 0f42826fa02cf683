package io.sworn.database;

import io.sworn.database.network.AccessList;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Settings of a database server.
 *
 * @param name first part of the trail of its audit events: letters, digits, '.', '_' and '-'
 * @param directory of data and journal; created with owner-only permissions
 * @param listen address and port; port 0 takes a free one
 * @param certificateChain PEM
 * @param privateKey PEM, PKCS #8
 * @param accessList CIDR blocks from which connections are taken
 * @param auditAuthorizationSuccess whether {@code authCheck} is also written for what was allowed
 * @param masterKey file with 32 random bytes in hexadecimal, owner-only; created if missing
 * @param limits bounds
 */
public record DatabaseConfig(
    String name,
    Path directory,
    InetSocketAddress listen,
    Path certificateChain,
    Path privateKey,
    List<String> accessList,
    boolean auditAuthorizationSuccess,
    Path masterKey,
    DatabaseLimits limits) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** Checks name and access list. */
  public DatabaseConfig {
    if (!NAME.matcher(name).matches()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "database name '" + name + "': 1 to 64 letters, digits, '.', '_' and '-'");
    }
    accessList = List.copyOf(accessList);
    AccessList.of(accessList);
  }

  /**
   * Secure defaults: loopback only, master key beside the data, every authorization audited, {@link
   * DatabaseLimits#DEFAULT}.
   */
  public static DatabaseConfig of(
      String name,
      Path directory,
      InetSocketAddress listen,
      Path certificateChain,
      Path privateKey) {
    return new DatabaseConfig(
        name,
        directory,
        listen,
        certificateChain,
        privateKey,
        AccessList.LOOPBACK,
        true,
        directory.resolve("master.key"),
        DatabaseLimits.DEFAULT);
  }

  /** The same settings with other bounds. */
  public DatabaseConfig withLimits(DatabaseLimits other) {
    return new DatabaseConfig(
        name,
        directory,
        listen,
        certificateChain,
        privateKey,
        accessList,
        auditAuthorizationSuccess,
        masterKey,
        other);
  }

  /** The same settings with another {@code auditAuthorizationSuccess}. */
  public DatabaseConfig withAuditAuthorizationSuccess(boolean other) {
    return new DatabaseConfig(
        name,
        directory,
        listen,
        certificateChain,
        privateKey,
        accessList,
        other,
        masterKey,
        limits);
  }

  /** The same settings with another access list. */
  public DatabaseConfig withAccessList(List<String> other) {
    return new DatabaseConfig(
        name,
        directory,
        listen,
        certificateChain,
        privateKey,
        other,
        auditAuthorizationSuccess,
        masterKey,
        limits);
  }
}
