package io.sworn.filter.sigma;

import io.sworn.filter.alert.InvalidRuleException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A network of IPv4 addresses as a pattern over their text. */
final class Networks {

  private static final Pattern CIDR =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");
  private static final String OCTET = "[0-9]{1,3}";

  private Networks() {}

  static String pattern(String cidr, String place) {
    Matcher matcher = CIDR.matcher(cidr);
    if (!matcher.matches()) {
      throw new InvalidRuleException(
          place,
          "'"
              + cidr
              + "': an IPv4 network such as 10.0.0.0/8 expected; the text of an IPv6 address has no"
              + " one form that a filter could compare");
    }
    int bits = Integer.parseInt(matcher.group(5));
    StringBuilder pattern = new StringBuilder("^");
    for (int i = 0; i < 4; i++) {
      int octet = Integer.parseInt(matcher.group(i + 1));
      if (octet > 255 || bits > 32) {
        throw new InvalidRuleException(place, "'" + cidr + "': no IPv4 network");
      }
      int own = Math.max(0, Math.min(8, bits - 8 * i));
      pattern.append(i == 0 ? "" : "\\.").append(octet(octet, own));
    }
    return pattern.append('$').toString();
  }

  private static String octet(int octet, int bits) {
    if (bits == 0) {
      return OCTET;
    }
    int size = 1 << (8 - bits);
    int first = octet / size * size;
    StringBuilder values = new StringBuilder();
    for (int value = first; value < first + size; value++) {
      values.append(value == first ? "" : "|").append(value);
    }
    return size == 1 ? values.toString() : "(" + values + ")";
  }
}
