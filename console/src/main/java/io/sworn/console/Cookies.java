package io.sworn.console;

import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/**
 * The two cookies. {@code __Host-} makes a browser insist on Secure, on this host alone and on the
 * whole path (RFC 6265bis, section 4.1.3.2).
 */
enum Cookies {
  /** The visit of a signed-in user. */
  SESSION("__Host-sworn-session"),
  /** Ties the sign-in form to the browser it was sent to. */
  FORM("__Host-sworn-form");

  private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Strict";

  private final String cookie;

  Cookies(String cookie) {
    this.cookie = cookie;
  }

  @Nullable String of(Context ctx) {
    return ctx.cookie(cookie);
  }

  /** Until the browser closes, at the latest. */
  void set(Context ctx, String value) {
    ctx.res().addHeader("Set-Cookie", cookie + "=" + value + ATTRIBUTES);
  }

  void remove(Context ctx) {
    ctx.res().addHeader("Set-Cookie", cookie + "=; Max-Age=0" + ATTRIBUTES);
  }
}
