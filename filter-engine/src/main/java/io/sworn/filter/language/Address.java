package io.sworn.filter.language;

/**
 * One IP address read from text, as 128 bits; IPv4 as IPv6 has it ({@code ::ffff:0:0/96}). Reused
 * for one text after the other, so that reading makes no object. Not thread-safe.
 */
public final class Address {

  private static final int GROUPS = 8;
  private static final long IPV4_IN_IPV6 = 0xFFFF_0000_0000L;

  private final int[] groups = new int[GROUPS];
  private long high;
  private long low;
  private long ipv4;

  /** The first 64 bits. */
  public long high() {
    return high;
  }

  /** The last 64 bits. */
  public long low() {
    return low;
  }

  /** Reads an address; false if the text is none. A zone behind {@code %} is left out. */
  public boolean read(byte[] text, int start, int length) {
    int end = start;
    boolean colon = false;
    while (end < start + length && text[end] != '%') {
      colon |= text[end] == ':';
      end++;
    }
    if (colon) {
      return ipv6(text, start, end);
    }
    if (!ipv4(text, start, end)) {
      return false;
    }
    high = 0;
    low = IPV4_IN_IPV6 | ipv4;
    return true;
  }

  private boolean ipv4(byte[] text, int start, int end) {
    long value = 0;
    int at = start;
    for (int part = 0; part < 4; part++) {
      int number = 0;
      int digits = 0;
      for (; at < end && text[at] >= '0' && text[at] <= '9' && digits < 4; at++, digits++) {
        number = 10 * number + text[at] - '0';
      }
      if (digits == 0 || digits > 3 || number > 255) {
        return false;
      }
      value = value << 8 | number;
      if (part < 3 && (at >= end || text[at++] != '.')) {
        return false;
      }
    }
    ipv4 = value;
    return at == end;
  }

  /** Groups of hexadecimal digits; {@code ::} once for those that are 0; the last two as IPv4. */
  private boolean ipv6(byte[] text, int start, int end) {
    int count = 0;
    int gap = -1;
    int at = start;
    if (end - start >= 2 && text[start] == ':' && text[start + 1] == ':') {
      gap = 0;
      at += 2;
    }
    while (at < end) {
      int next = at;
      boolean dotted = false;
      while (next < end && text[next] != ':') {
        dotted |= text[next++] == '.';
      }
      if (count > (dotted ? GROUPS - 2 : GROUPS - 1)) {
        return false;
      }
      if (dotted) {
        if (next != end || !ipv4(text, at, end)) {
          return false;
        }
        groups[count++] = (int) (ipv4 >>> 16);
        groups[count++] = (int) (ipv4 & 0xFFFF);
        at = end;
        break;
      }
      int group = hexadecimal(text, at, next);
      if (group < 0) {
        return false;
      }
      groups[count++] = group;
      at = next;
      if (at < end) { // a colon, and something must follow it
        at++;
        if (at < end && text[at] == ':') {
          if (gap >= 0) {
            return false;
          }
          gap = count;
          at++;
        } else if (at == end) {
          return false;
        }
      }
    }
    return gap < 0
        ? count == GROUPS && combine(count, count)
        : count < GROUPS && combine(gap, count);
  }

  private static int hexadecimal(byte[] text, int start, int end) {
    int value = end > start && end - start <= 4 ? 0 : -1;
    for (int i = start; i < end && value >= 0; i++) {
      int digit = Character.digit(text[i], 16);
      value = digit < 0 ? -1 : value << 4 | digit;
    }
    return value;
  }

  /** The groups before the gap, zeros, and the groups behind it. */
  private boolean combine(int gap, int count) {
    high = 0;
    low = 0;
    for (int i = 0; i < count; i++) {
      int place = i < gap ? i : GROUPS - count + i;
      long bits = (long) groups[i] << 16 * (3 - place % 4);
      if (place < 4) {
        high |= bits;
      } else {
        low |= bits;
      }
    }
    return true;
  }
}
