package io.sworn.console;

import io.javalin.http.Context;
import java.net.InetSocketAddress;

/**
 * The two ends of the connection, as the socket has them; headers that claim others are ignored.
 */
final class Peers {

  private Peers() {}

  static InetSocketAddress remote(Context ctx) {
    return new InetSocketAddress(ctx.req().getRemoteAddr(), ctx.req().getRemotePort());
  }

  static InetSocketAddress local(Context ctx) {
    return new InetSocketAddress(ctx.req().getLocalAddr(), ctx.req().getLocalPort());
  }
}
