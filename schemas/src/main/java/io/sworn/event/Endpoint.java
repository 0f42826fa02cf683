package io.sworn.event;

import org.jspecify.annotations.Nullable;

/**
 * One end of a connection: an address and port, a Unix socket, or a system user. {@link #EMPTY}
 * stands for a message that says nothing about it.
 *
 * @param ip textual address, or a host name where the source wrote one
 * @param port -1 when unknown
 * @param unix path of the socket file
 * @param systemUser true for a job of the server itself
 */
public record Endpoint(@Nullable String ip, int port, @Nullable String unix, boolean systemUser) {

  /** An endpoint without any member ({@code {}} in the message). */
  public static final Endpoint EMPTY = new Endpoint(null, -1, null, false);

  /** A job of the server itself. */
  public static final Endpoint SYSTEM_USER = new Endpoint(null, -1, null, true);

  /** A TCP endpoint. */
  public static Endpoint tcp(String ip, int port) {
    return new Endpoint(ip, port, null, false);
  }

  /** A Unix domain socket. */
  public static Endpoint unixSocket(String path) {
    return new Endpoint(null, -1, path, false);
  }
}
