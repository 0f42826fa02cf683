package io.sworn.database.network;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The networks from which connections are taken; everybody else is hung up on before TLS. */
public final class AccessList {

  /** Loopback only. */
  public static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1/128");

  /** Literal addresses only: a host name would be looked up and could change its meaning. */
  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private record Network(byte[] address, int bits) {
    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit += 8) {
        int mask = bits - bit >= 8 ? 0xFF : 0xFF << (8 - (bits - bit)) & 0xFF;
        if ((address[bit / 8] & mask) != (other[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private final List<Network> networks;

  private AccessList(List<Network> networks) {
    this.networks = networks;
  }

  /**
   * Parses CIDR blocks; an address without a length stands for itself.
   *
   * @throws SwornException naming the first entry that is not one
   */
  public static AccessList of(List<String> cidrs) {
    List<Network> networks = new ArrayList<>();
    for (String cidr : cidrs) {
      networks.add(parse(cidr.trim()));
    }
    return new AccessList(List.copyOf(networks));
  }

  /** Whether a peer at {@code address} may connect. */
  public boolean allows(InetAddress address) {
    byte[] bytes = address.getAddress();
    return networks.stream().anyMatch(network -> network.contains(bytes));
  }

  private static Network parse(String cidr) {
    int slash = cidr.indexOf('/');
    String literal = slash < 0 ? cidr : cidr.substring(0, slash);
    try {
      if (LITERAL.matcher(literal).matches()) {
        byte[] address = InetAddress.getByName(literal).getAddress();
        int bits = slash < 0 ? address.length * 8 : Integer.parseInt(cidr.substring(slash + 1));
        if (bits >= 0 && bits <= address.length * 8) {
          return new Network(address, bits);
        }
      }
    } catch (UnknownHostException | NumberFormatException e) {
      throw new SwornException(ErrorCode.CONFIGURATION, complaint(cidr), e);
    }
    throw new SwornException(ErrorCode.CONFIGURATION, complaint(cidr));
  }

  private static String complaint(String cidr) {
    return "access list: '" + cidr + "' is no CIDR block such as 10.1.0.0/16 or fd00::/8";
  }
}
