package io.sworn.console;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the console listens, who it says it is, and how long a visitor stays signed in.
 *
 * @param listen address and port; port 0 takes a free one
 * @param certificateChain PEM file, the server's certificate first
 * @param privateKey PEM file, PKCS #8, not encrypted (RSA, EC or Ed25519)
 * @param sessionIdleMax a session without a page view ends after this time; the refresh of the live
 *     numbers does not count as a view
 * @param sessionAgeMax a session ends after this time whatever happens
 */
public record ConsoleConfig(
    InetSocketAddress listen,
    Path certificateChain,
    Path privateKey,
    Duration sessionIdleMax,
    Duration sessionAgeMax) {

  /** Fifteen minutes: PCI DSS 4.0.1, requirement 8.2.8. */
  public static final Duration SESSION_IDLE_MAX = Duration.ofMinutes(15);

  /** One working day. */
  public static final Duration SESSION_AGE_MAX = Duration.ofHours(8);

  /** A console with the standard session times. */
  public ConsoleConfig(InetSocketAddress listen, Path certificateChain, Path privateKey) {
    this(listen, certificateChain, privateKey, SESSION_IDLE_MAX, SESSION_AGE_MAX);
  }
}
