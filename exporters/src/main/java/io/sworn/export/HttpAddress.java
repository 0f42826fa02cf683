package io.sworn.export;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;

/** Rules for the addresses of HTTP destinations. */
public final class HttpAddress {

  /** What is accepted, in words. */
  public static final String EXPECTED =
      "http(s)://host:port, without a path and without credentials";

  private static final Pattern URL = Pattern.compile("https?://[A-Za-z0-9._\\[\\]:-]+/?");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\]");

  private HttpAddress() {}

  /**
   * Checks one address. The message does not repeat it: people write passwords into addresses.
   *
   * @throws ConfigException if it is none
   */
  public static void check(String key, Object value) {
    String text = value.toString();
    if (!URL.matcher(text).matches()) {
      throw new ConfigException(key + ": " + EXPECTED + " expected");
    }
    try {
      if (new URI(text).getHost() != null) {
        return;
      }
    } catch (URISyntaxException e) {
      throw new ConfigException(key, value, "no address: " + e.getReason());
    }
    // A client would refuse it with each request: names with '_', half an IP address.
    throw new ConfigException(key, value, "its host is neither a host name nor an IP address");
  }

  /** Whether what is sent to {@code host} stays on this machine. Asks no name server. */
  public static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host).matches();
  }
}
