package io.sworn.console;

import io.javalin.http.Context;

/** Headers that keep a browser from doing more with an answer than showing it. */
final class SecurityHeaders {

  private static final String PAGE =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  /**
   * For a report: its own style and pictures, nothing else; no script, no form, no link out of its
   * frame, and an origin of its own.
   */
  private static final String REPORT =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:;"
          + " form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox";

  private static final String ONE_YEAR = "max-age=31536000";

  private SecurityHeaders() {}

  static void page(Context ctx) {
    ctx.header("Content-Security-Policy", PAGE);
    ctx.header("X-Frame-Options", "DENY");
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("Referrer-Policy", "no-referrer");
    ctx.header("Cross-Origin-Opener-Policy", "same-origin");
    ctx.header("Cross-Origin-Resource-Policy", "same-origin");
    ctx.header("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    ctx.header("Cache-Control", "no-store");
    // A browser remembers the name for all ports: for "localhost" that would lock the visitor out
    // of every other development server on the machine.
    String host = ctx.host();
    if (host != null && !host.equals("localhost") && !host.startsWith("localhost:")) {
      ctx.header("Strict-Transport-Security", ONE_YEAR);
    }
  }

  static void report(Context ctx) {
    ctx.header("Content-Security-Policy", REPORT);
    ctx.header("X-Frame-Options", "SAMEORIGIN");
  }
}
