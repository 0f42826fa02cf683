package io.sworn.console;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something a visitor of the console did or was refused.
 *
 * @param kind what
 * @param at when
 * @param user who; for a refused sign-in the name that was claimed, cut to 128 characters
 * @param session the visit; not the secret in the cookie, and no way leads from one to the other
 * @param remote the visitor's end of the connection; for an expired session, where it began
 * @param local the console's end of the connection
 * @param report which report, only for {@link Kind#REPORT_VIEWED} and {@link Kind#BUNDLE_TAKEN}
 */
public record ConsoleAction(
    Kind kind,
    Instant at,
    String user,
    UUID session,
    InetSocketAddress remote,
    InetSocketAddress local,
    @Nullable String report) {

  /** What a visitor can do. */
  public enum Kind {
    /** Right name and password. */
    SIGNED_IN,
    /** Wrong name or password. */
    SIGN_IN_REFUSED,
    /** Refused unseen: too many wrong passwords before. */
    SIGN_IN_THROTTLED,
    /** Left by the button. */
    SIGNED_OUT,
    /** Left idle for too long, or signed in for too long. */
    SESSION_EXPIRED,
    /** Opened a report. */
    REPORT_VIEWED,
    /** Took a report's evidence along. */
    BUNDLE_TAKEN
  }
}
