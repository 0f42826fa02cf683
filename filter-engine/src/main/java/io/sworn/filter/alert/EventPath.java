package io.sworn.filter.alert;

import io.sworn.event.Sha256;
import io.sworn.filter.language.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Where a value of an audit message stands, for grouping and comparing. Arrays are walked through,
 * so a path can have several values. {@code $database} and {@code $collection} are the two parts of
 * {@code param.ns}; {@code $user} is who is signed in, or before that who tries to.
 *
 * @param path dotted
 * @param ipv4 leading bits of an IPv4 address that count, 32 = all
 * @param ipv6 leading bits of an IPv6 address that count, 128 = all
 */
public record EventPath(String path, int ipv4, int ipv6) {

  private static final Set<String> VIRTUAL = Set.of("$database", "$collection", "$user");
  private static final Pattern TEXT = Pattern.compile("[^.$\\s][^.\\s]*(\\.[^.\\s]+)*");
  private static final int VALUE_CHARS_MAX = 256;
  private static final int VALUES_MAX = 64;

  /** A path whose values count whole. */
  public static EventPath of(String path) {
    return new EventPath(path, 32, 128);
  }

  /** Whether {@code text} can be a path. */
  static boolean isPath(String text) {
    return VIRTUAL.contains(text) || (text.length() <= 256 && TEXT.matcher(text).matches());
  }

  /** The paths of the message that the values can come from; never empty. */
  List<String> sources() {
    return switch (path) {
      case "$user" -> List.of("users.user", "param.user");
      case "$database", "$collection" -> List.of("param.ns");
      default -> List.of(path);
    };
  }

  /** All values, sorted, without repetition; at most {@value #VALUES_MAX}. */
  List<String> values(BsonDocument message) {
    if (path.equals("$user")) {
      List<String> users = EventPath.of("users.user").values(message);
      return users.isEmpty() ? EventPath.of("param.user").values(message) : users;
    }
    if (path.startsWith("$")) {
      BsonValue param = message.get("param");
      BsonValue ns = param != null && param.isDocument() ? param.asDocument().get("ns") : null;
      if (ns == null || !ns.isString()) {
        return List.of();
      }
      String text = ns.asString().getValue();
      int dot = text.indexOf('.');
      if (path.equals("$database")) {
        return List.of(shortened(dot < 0 ? text : text.substring(0, dot)));
      }
      return dot < 0 ? List.of() : List.of(shortened(text.substring(dot + 1)));
    }
    TreeSet<String> found = new TreeSet<>();
    collect(message, path.split("\\."), 0, found);
    return new ArrayList<>(found);
  }

  /** The values as one, separated by commas; null if there is none. */
  @Nullable String value(BsonDocument message) {
    List<String> values = values(message);
    return values.isEmpty() ? null : shortened(String.join(",", values));
  }

  private void collect(BsonValue value, String[] names, int at, Collection<String> found) {
    if (found.size() >= VALUES_MAX) {
      return;
    }
    if (value.isArray()) {
      for (BsonValue item : value.asArray()) {
        if (!item.isArray()) {
          collect(item, names, at, found);
        }
      }
    } else if (at == names.length) {
      String text = text(value);
      if (text != null) {
        found.add(network(shortened(text)));
      }
    } else if (value.isDocument()) {
      BsonValue next = value.asDocument().get(names[at]);
      if (next != null) {
        collect(next, names, at + 1, found);
      }
    }
  }

  private static @Nullable String text(BsonValue value) {
    return switch (value.getBsonType()) {
      case STRING -> value.asString().getValue();
      case INT32 -> Integer.toString(value.asInt32().getValue());
      case INT64 -> Long.toString(value.asInt64().getValue());
      case DOUBLE -> {
        double number = value.asDouble().getValue();
        // An audit file in JSON does not tell an integral double from an int.
        yield number == Math.rint(number) && Math.abs(number) < 1e15
            ? Long.toString((long) number)
            : Double.toString(number);
      }
      case BOOLEAN -> Boolean.toString(value.asBoolean().getValue());
      case DATE_TIME -> java.time.Instant.ofEpochMilli(value.asDateTime().getValue()).toString();
      case OBJECT_ID -> value.asObjectId().getValue().toHexString();
      case BINARY -> HexFormat.of().formatHex(value.asBinary().getData());
      case DECIMAL128 -> value.asDecimal128().getValue().toString();
      case DOCUMENT -> value.asDocument().toJson();
      default -> null;
    };
  }

  /** A long value keeps its beginning and gets a hash, so that different ones stay different. */
  private static String shortened(String text) {
    if (text.length() <= VALUE_CHARS_MAX) {
      return text;
    }
    return text.substring(0, 200) + "#" + Sha256.hex(text).substring(0, 32);
  }

  private String network(String text) {
    if (ipv4 == 32 && ipv6 == 128) {
      return text;
    }
    Address address = new Address();
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (!address.read(utf8, 0, utf8.length)) {
      return text;
    }
    boolean four = address.high() == 0 && address.low() >>> 32 == 0xFFFF;
    ByteBuffer bytes = ByteBuffer.allocate(16);
    int bits = four ? ipv4 : ipv6;
    int kept = four ? 96 + ipv4 : ipv6;
    bytes.putLong(address.high() & mask(Math.min(kept, 64)));
    bytes.putLong(address.low() & mask(kept - 64));
    try {
      return InetAddress.getByAddress(bytes.array()).getHostAddress() + "/" + bits;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.capacity() + " bytes", e);
    }
  }

  /** The first {@code bits} of 64. */
  private static long mask(int bits) {
    return bits <= 0 ? 0 : -1L << (64 - bits);
  }

  @Override
  public String toString() {
    return path;
  }
}
