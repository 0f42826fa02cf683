package io.sworn.export.format;

import io.sworn.event.AuditEvent;
import io.sworn.event.Endpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Facts of an event that several formats ask for. */
final class EventFacts {

  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
  private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern NOT_IN_A_HOST_NAME = Pattern.compile("[^A-Za-z0-9._:-]");

  private EventFacts() {}

  /** {@code text} if it is an IP address; never asks a name server. */
  static @Nullable String ip(@Nullable String text) {
    if (text == null) {
      return null;
    }
    if (IPV4.matcher(text).matches()) {
      return text;
    }
    if (!IPV6_CHARACTERS.matcher(text).matches()) {
      return null;
    }
    try {
      // With a colon inside, the JDK takes it as a literal or refuses it.
      InetAddress.getByName(text);
      return text;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  static @Nullable String ip(@Nullable Endpoint endpoint) {
    return endpoint == null ? null : ip(endpoint.ip());
  }

  /** Address, socket path or host name, as the source wrote it. */
  static @Nullable String address(@Nullable Endpoint endpoint) {
    if (endpoint == null) {
      return null;
    }
    return endpoint.ip() != null ? endpoint.ip() : endpoint.unix();
  }

  /**
   * Host of the database: its address, unless that only says "this machine"; then the name of the
   * trail, which is the server's name.
   */
  static String host(AuditEvent event) {
    Endpoint local = event.local();
    String ip = local == null ? null : local.ip();
    if (ip != null
        && !ip.startsWith("127.")
        && !ip.equals("::1")
        && !ip.startsWith("0.0.0.0")
        && !ip.startsWith("(")) {
      return NOT_IN_A_HOST_NAME.matcher(ip).replaceAll("-");
    }
    String trail = event.trail();
    int slash = trail.indexOf('/');
    String name = slash > 0 ? trail.substring(0, slash) : trail;
    return name.isEmpty() ? "unknown" : NOT_IN_A_HOST_NAME.matcher(name).replaceAll("-");
  }

  static String outcome(AuditEvent event) {
    return event.result() == 0 ? "success" : "failure";
  }

  /** Name of the authenticated user, else the one that was tried. */
  static @Nullable String user(AuditEvent event, BsonDocument param) {
    return event.users().isEmpty() ? string(param, "user") : event.users().get(0).user();
  }

  static @Nullable String userDb(AuditEvent event, BsonDocument param) {
    return event.users().isEmpty() ? string(param, "db") : event.users().get(0).db();
  }

  static @Nullable String database(AuditEvent event, BsonDocument param) {
    String ns = event.namespace();
    if (ns != null) {
      int dot = ns.indexOf('.');
      return dot < 0 ? ns : ns.substring(0, dot);
    }
    return string(param, "db");
  }

  static @Nullable String collection(AuditEvent event) {
    String ns = event.namespace();
    int dot = ns == null ? -1 : ns.indexOf('.');
    return ns == null || dot < 0 || dot == ns.length() - 1 ? null : ns.substring(dot + 1);
  }

  static @Nullable String string(BsonDocument document, String key) {
    BsonValue value = document.get(key);
    return value != null && value.isString() ? value.asString().getValue() : null;
  }
}
