package io.sworn.export.format;

import io.sworn.event.AuditEvent;
import io.sworn.event.Endpoint;
import io.sworn.event.EventKind;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.export.RoutedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The line that Guardium's MongoDB input reads: an RFC 3164 header, {@code mongod: } without a
 * process id, and the audit message in MongoDB's classic schema, Extended JSON version 1.
 *
 * <p>The input's parsers fail on members that MongoDB may leave out, so those are filled in: an
 * endpoint without an address becomes {@code (NONE)} and port 0, an {@code authCheck} always has
 * {@code command} and {@code args}, a {@code logout} always {@code initialUsers}. Types that the
 * input skips without a word can be shown as {@code applicationMessage}. The member {@code swornId}
 * is ours; the input ignores it and keeps it in the full text.
 *
 * <p>Syslog cannot split a message, and a receiver cuts what is too long for it in the middle of
 * the JSON. So a longer line is cut here, its longest values first, stays one whole document, and
 * says in {@code swornCut} how many bytes it had. A time that the form cannot express becomes the
 * nearest one that it can, and {@code swornTime} has the true one.
 *
 * @param priority number in the header, 0 to 191
 * @param hostname of the database; empty = taken from the event
 * @param zone of the header's time, which names none itself
 * @param showSkipped whether skipped types are shown as {@code applicationMessage}
 * @param bytesMax longest line, its header included, at least {@value #BYTES_MIN}
 */
public record GuardiumLine(
    int priority, String hostname, ZoneId zone, boolean showSkipped, int bytesMax) {

  /** Every event can be told in so many bytes. */
  public static final int BYTES_MIN = Shortened.BYTES_MIN;

  /** A line that cannot be cut to the limit: it would leave the receiver torn. */
  public static final class TooLongException extends Exception {
    private static final long serialVersionUID = 1;

    TooLongException(int bytes, int bytesMax) {
      super(
          "the line of " + bytes + " bytes cannot be cut to " + bytesMax + " and stay whole JSON");
    }
  }

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'+00:00'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");
  private static final int HOST_CHARS_MAX = 255;
  private static final String NOT_AVAILABLE = "N.A.";
  private static final Set<String> READ_WITHOUT_PARAMETERS =
      Set.of("authCheck", "authenticate", "logout", "shutdown");

  /**
   * UTF-8 bytes, without a line feed anywhere.
   *
   * @param whenCut called if the line had to be cut
   * @throws TooLongException if it cannot be cut to {@link #bytesMax}; no event is known for which
   *     {@value #BYTES_MIN} would not do
   */
  public byte[] write(RoutedEvent routed, Runnable whenCut) throws TooLongException {
    AuditEvent event = routed.event();
    String host = hostname.isEmpty() ? EventFacts.host(event) : hostname;
    byte[] head =
        ("<"
                + priority
                + ">"
                + TIME.format(ZonedDateTime.ofInstant(event.time(), zone))
                + " "
                + host.substring(0, Math.min(host.length(), HOST_CHARS_MAX))
                + " mongod: ")
            .getBytes(StandardCharsets.UTF_8);
    BsonDocument message = message(event);
    byte[] json = FiniteNumbers.json(message).getBytes(StandardCharsets.UTF_8);
    int whole = head.length + json.length;
    if (whole > bytesMax) {
      message.put("swornCut", new BsonInt32(whole));
      json =
          Shortened.json(message, bytesMax - head.length)
              .orElseThrow(() -> new TooLongException(whole, bytesMax));
      whenCut.run();
    }
    byte[] line = Arrays.copyOf(head, head.length + json.length);
    System.arraycopy(json, 0, line, head.length, json.length);
    return line;
  }

  private BsonDocument message(AuditEvent event) {
    boolean skipped = showSkipped && (!EventClass.of(event).shownByGuardium() || bare(event));
    BsonDocument message = new BsonDocument();
    message.put("atype", new BsonString(skipped ? "applicationMessage" : event.type()));
    Instant time = event.time();
    Instant told = time.isBefore(FIRST) ? FIRST : time.isAfter(LAST) ? LAST : time;
    // Always a text: the input's parsers fail on the number that MongoDB writes before 1970.
    message.put("ts", new BsonDocument("$date", new BsonString(STAMP.format(told))));
    if (event.session() != null) {
      message.put("uuid", new BsonBinary(event.session()));
    }
    message.put("local", endpoint(event.local()));
    message.put("remote", endpoint(event.remote()));
    BsonArray users = users(event);
    message.put("users", users);
    BsonArray roles = new BsonArray();
    event
        .roles()
        .forEach(
            role ->
                roles.add(
                    new BsonDocument("role", new BsonString(role.role()))
                        .append("db", new BsonString(role.db()))));
    message.put("roles", roles);
    message.put("param", skipped ? described(event) : param(event, users));
    message.put("result", new BsonInt32(event.result()));
    message.put("swornId", new BsonString(event.id().toString()));
    if (!told.equals(time)) {
      message.put("swornTime", new BsonString(time.toString()));
    }
    return message;
  }

  /**
   * An OCSF message has no parameters in MongoDB's form, and only few types can be read without.
   */
  private static boolean bare(AuditEvent event) {
    return event.kind() == EventKind.MONGODB_OCSF
        && !READ_WITHOUT_PARAMETERS.contains(event.type());
  }

  private static BsonDocument described(AuditEvent event) {
    return new BsonDocument(
        "msg",
        new BsonString(
            "Sworn: "
                + event.type()
                + (event.kind() == EventKind.MONGODB_OCSF
                    ? " (an OCSF message, which Guardium cannot read, shown as a message) "
                    : " (a type that Guardium skips, shown as a message) ")
                + FiniteNumbers.json(
                    event.kind() == EventKind.MONGODB_OCSF
                        ? MongoAuditMessage.toMessage(event)
                        : event.param().toDocument())));
  }

  private static BsonDocument param(AuditEvent event, BsonArray users) {
    BsonDocument param = event.param().toDocument();
    switch (event.type()) {
      case "authCheck" -> {
        fill(param, "command", event.command());
        if (event.kind() == EventKind.MONGODB_OCSF && event.namespace() != null) {
          fill(param, "ns", event.namespace());
        }
        BsonValue args = param.get("args");
        if (args == null || !args.isDocument()) {
          param.put("args", new BsonDocument());
        }
      }
      case "authenticate" -> {
        String user = event.users().isEmpty() ? null : event.users().get(0).user();
        String db = event.users().isEmpty() ? null : event.users().get(0).db();
        fill(param, "user", user);
        fill(param, "db", db);
      }
      case "logout" -> {
        BsonValue initial = param.get("initialUsers");
        if (initial == null || !initial.isArray() || initial.asArray().isEmpty()) {
          param.put(
              "initialUsers",
              users.isEmpty()
                  ? new BsonArray(
                      java.util.List.of(
                          new BsonDocument("user", new BsonString(NOT_AVAILABLE))
                              .append("db", new BsonString(NOT_AVAILABLE))))
                  : users);
        }
      }
      default -> {
        // The other parsers read members that MongoDB always writes for their type.
      }
    }
    return param;
  }

  private static void fill(BsonDocument param, String key, @Nullable String value) {
    BsonValue present = param.get(key);
    if (present == null || !present.isString()) {
      param.put(key, new BsonString(value == null ? NOT_AVAILABLE : value));
    }
  }

  private static BsonArray users(AuditEvent event) {
    BsonArray users = new BsonArray();
    event
        .users()
        .forEach(
            user ->
                users.add(
                    new BsonDocument("user", new BsonString(user.user()))
                        .append("db", new BsonString(user.db()))));
    return users;
  }

  private static BsonDocument endpoint(@Nullable Endpoint endpoint) {
    String ip = endpoint == null ? null : endpoint.ip();
    int port = endpoint == null ? -1 : endpoint.port();
    return new BsonDocument("ip", new BsonString(ip == null ? "(NONE)" : ip))
        .append("port", new BsonInt32(Math.max(port, 0)));
  }
}
