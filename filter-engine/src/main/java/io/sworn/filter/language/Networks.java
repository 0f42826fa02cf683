package io.sworn.filter.language;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Networks of addresses in the notation of RFC 4632 and RFC 4291, for instance {@code 10.0.0.0/8}
 * or {@code 2001:db8::/32}; an address alone is a network of one. IPv4 addresses and their form in
 * IPv6 ({@code ::ffff:10.0.0.1}) are the same. Immutable.
 */
public final class Networks {

  private static final int BITS = 128;
  private static final int BITS_BEFORE_IPV4 = 96;

  private final List<String> texts;
  private final long[] high;
  private final long[] low;
  private final int[] bits;

  private Networks(List<String> texts) {
    this.texts = List.copyOf(texts);
    high = new long[texts.size()];
    low = new long[texts.size()];
    bits = new int[texts.size()];
  }

  /**
   * Reads networks.
   *
   * @throws IllegalArgumentException with the first text that is none, and the reason
   */
  public static Networks of(List<String> texts) {
    Networks networks = new Networks(texts);
    Address address = new Address();
    for (int i = 0; i < texts.size(); i++) {
      networks.read(i, texts.get(i), address);
    }
    return networks;
  }

  private void read(int i, String text, Address address) {
    int slash = text.indexOf('/');
    String before = slash < 0 ? text : text.substring(0, slash);
    byte[] bytes = before.getBytes(StandardCharsets.UTF_8);
    if (before.indexOf('%') >= 0 || !address.read(bytes, 0, bytes.length)) {
      throw new IllegalArgumentException(Text.quoted(text) + " is no network such as 10.0.0.0/8");
    }
    boolean ipv4 = before.indexOf(':') < 0;
    int most = ipv4 ? BITS - BITS_BEFORE_IPV4 : BITS;
    int own = most;
    if (slash >= 0) {
      String after = text.substring(slash + 1);
      own = after.matches("\\d{1,3}") ? Integer.parseInt(after) : most + 1;
      if (own > most) {
        throw new IllegalArgumentException(
            Text.quoted(text) + ": 0 to " + most + " bits expected behind the slash");
      }
    }
    bits[i] = ipv4 ? own + BITS_BEFORE_IPV4 : own;
    high[i] = address.high();
    low[i] = address.low();
    if (hasHostBits(i)) {
      throw new IllegalArgumentException(
          Text.quoted(text) + ": bits are set behind the first " + own + "; clear them");
    }
  }

  private boolean hasHostBits(int i) {
    long hostHigh = bits[i] >= 64 ? 0 : bits[i] == 0 ? high[i] : high[i] << bits[i];
    long hostLow = bits[i] <= 64 ? low[i] : bits[i] == BITS ? 0 : low[i] << (bits[i] - 64);
    return hostHigh != 0 || hostLow != 0;
  }

  /** Whether UTF-8 text is an address in one of the networks; text that is none lies in no one. */
  public boolean contain(byte[] text, int start, int length, Address scratch) {
    if (!scratch.read(text, start, length)) {
      return false;
    }
    for (int i = 0; i < bits.length; i++) {
      if (same(i, scratch.high(), scratch.low())) {
        return true;
      }
    }
    return false;
  }

  /** Whether text is an address in one of the networks. */
  public boolean contain(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return contain(bytes, 0, bytes.length, new Address());
  }

  private boolean same(int i, long otherHigh, long otherLow) {
    int n = bits[i];
    if (n == 0) {
      return true;
    }
    if (n <= 64) {
      return (high[i] ^ otherHigh) >>> (64 - n) == 0;
    }
    return high[i] == otherHigh && (low[i] ^ otherLow) >>> (BITS - n) == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Networks that && texts.equals(that.texts);
  }

  @Override
  public int hashCode() {
    return texts.hashCode();
  }

  @Override
  public String toString() {
    return new ArrayList<>(texts).toString();
  }
}
