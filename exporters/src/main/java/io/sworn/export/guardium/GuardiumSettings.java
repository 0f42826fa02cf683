package io.sworn.export.guardium;

import io.sworn.export.TlsSettings;
import io.sworn.export.format.GuardiumLine;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where and how to send.
 *
 * @param host of the collector
 * @param port of its connector for MongoDB
 * @param encrypted whether the connection is TLS
 * @param octetCounting RFC 6587 octet counting instead of a line feed behind each message
 * @param priority number in the header
 * @param hostname of the database; empty = taken from each event
 * @param zone of the header's time
 * @param showSkipped whether types that Guardium skips are sent as {@code applicationMessage}
 * @param messageBytes longest line, header included
 * @param confirm how long the connection must stay open behind a batch
 * @param resendEvents events that are sent again when a connection was lost
 * @param eventsPerSecond highest rate
 * @param timeout longest wait for connecting and for writing a batch
 * @param tls trust and client certificate
 */
record GuardiumSettings(
    String host,
    int port,
    boolean encrypted,
    boolean octetCounting,
    int priority,
    String hostname,
    ZoneId zone,
    boolean showSkipped,
    int messageBytes,
    Duration confirm,
    int resendEvents,
    int eventsPerSecond,
    Duration timeout,
    TlsSettings tls) {

  static final String PREFIX = "guardium.";
  static final String HOST = PREFIX + "host";
  static final String PORT = PREFIX + "port";
  static final String ENCRYPTED = PREFIX + "tls";
  static final String FRAMING = PREFIX + "framing";
  static final String PRIORITY = PREFIX + "priority";
  static final String HOSTNAME = PREFIX + "hostname";
  static final String ZONE = PREFIX + "zone";
  static final String SHOW_SKIPPED = PREFIX + "show.skipped";
  static final String MESSAGE_BYTES = PREFIX + "message.bytes.max";
  static final String CONFIRM = PREFIX + "confirm.ms";
  static final String RESEND = PREFIX + "resend.events";
  static final String RATE = PREFIX + "events.per.second.max";
  static final String TIMEOUT = PREFIX + "timeout.ms";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:-]{1,255}");

  static ConfigDef definition() {
    ConfigDef definition =
        new ConfigDef()
            .define(
                HOST,
                Type.STRING,
                ConfigDef.NO_DEFAULT_VALUE,
                name(false),
                Importance.HIGH,
                "Host of the Guardium collector.")
            .define(
                PORT,
                Type.INT,
                ConfigDef.NO_DEFAULT_VALUE,
                Range.between(1, 65_535),
                Importance.HIGH,
                "Port of the connector: 5000 for the default MongoDB one, else your own.")
            .define(
                ENCRYPTED,
                Type.BOOLEAN,
                true,
                Importance.HIGH,
                "Whether the connection is TLS. False sends audit events in clear text.")
            .define(
                FRAMING,
                Type.STRING,
                "lf",
                ValidString.in("lf", "octet"),
                Importance.MEDIUM,
                "lf: a line feed behind each message, as Guardium's input expects; octet: octet"
                    + " counting (RFC 6587), as RFC 5425 asks of TLS receivers.")
            .define(
                PRIORITY,
                Type.INT,
                14,
                Range.between(0, 191),
                Importance.LOW,
                "Priority in the header: facility times 8 plus severity.")
            .define(
                HOSTNAME,
                Type.STRING,
                "",
                name(true),
                Importance.MEDIUM,
                "Host name of the database in the header, which Guardium shows as server host name."
                    + " Empty: taken from each event.")
            .define(
                ZONE,
                Type.STRING,
                "UTC",
                ConfigDef.LambdaValidator.with(
                    (key, value) -> {
                      try {
                        ZoneId.of(String.valueOf(value));
                      } catch (DateTimeException e) {
                        throw new ConfigException(key, value, "a time zone such as UTC");
                      }
                    },
                    () -> "a time zone such as UTC"),
                Importance.LOW,
                "Time zone of the header's time, which does not name one.")
            .define(
                SHOW_SKIPPED,
                Type.BOOLEAN,
                true,
                Importance.MEDIUM,
                "Whether types that Guardium's input skips without a word, such as auditConfigure,"
                    + " are sent as applicationMessage.")
            .define(
                MESSAGE_BYTES,
                Type.INT,
                64 * 1024,
                Range.between(GuardiumLine.BYTES_MIN, 64 * 1024 * 1024),
                Importance.MEDIUM,
                "Longest line in bytes, its header included. Of a longer event the longest values"
                    + " are cut and marked. No more than the receiver takes: it would cut in the"
                    + " middle of the JSON.")
            .define(
                CONFIRM,
                Type.LONG,
                200L,
                Range.between(0L, 60_000L),
                Importance.LOW,
                "Milliseconds for which the connection must stay open behind the handshake and"
                    + " behind each batch before the batch counts as delivered.")
            .define(
                RESEND,
                Type.INT,
                1_000,
                Range.between(0, 100_000),
                Importance.LOW,
                "Newest events that are sent again after a lost connection, because the network may"
                    + " have swallowed them, and no fewer than the last batch; 0: none. They may"
                    + " arrive twice.")
            .define(
                RATE,
                Type.INT,
                5_000,
                Range.between(1, 1_000_000),
                Importance.MEDIUM,
                "Events per second at most; IBM plans a collector for 5000.")
            .define(
                TIMEOUT,
                Type.INT,
                30_000,
                Range.between(100, 600_000),
                Importance.LOW,
                "Longest wait in milliseconds for connecting, and for writing a batch.");
    return TlsSettings.define(definition, PREFIX);
  }

  static GuardiumSettings from(Map<String, String> settings) {
    AbstractConfig config = new AbstractConfig(definition(), settings, false);
    return new GuardiumSettings(
        config.getString(HOST),
        config.getInt(PORT),
        config.getBoolean(ENCRYPTED),
        config.getString(FRAMING).equals("octet"),
        config.getInt(PRIORITY),
        config.getString(HOSTNAME),
        ZoneId.of(config.getString(ZONE)),
        config.getBoolean(SHOW_SKIPPED),
        config.getInt(MESSAGE_BYTES),
        Duration.ofMillis(config.getLong(CONFIRM)),
        config.getInt(RESEND),
        config.getInt(RATE),
        Duration.ofMillis(config.getInt(TIMEOUT)),
        TlsSettings.from(config, PREFIX));
  }

  Map<String, String> problems() {
    Map<String, String> problems = new LinkedHashMap<>(tls.problems());
    if (!encrypted && (tls.ca() != null || tls.certificate() != null)) {
      problems.put(ENCRYPTED, "certificates are given, but TLS is switched off");
    }
    return problems;
  }

  private static ConfigDef.Validator name(boolean emptyAllowed) {
    String expected = "a host name or address";
    return ConfigDef.LambdaValidator.with(
        (key, value) -> {
          boolean empty = value == null || value.toString().isEmpty();
          if (empty ? !emptyAllowed && value != null : !NAME.matcher(value.toString()).matches()) {
            throw new ConfigException(key, value, expected);
          }
        },
        () -> expected);
  }
}
