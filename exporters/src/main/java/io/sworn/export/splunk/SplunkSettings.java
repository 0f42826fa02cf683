package io.sworn.export.splunk;

import io.sworn.export.HttpAddress;
import io.sworn.export.TlsSettings;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/**
 * Where and how to send.
 *
 * @param url of the collector, without a path
 * @param token its token; a secret
 * @param index empty = the token's own
 * @param source name of this pipeline
 * @param sourcetype as in the user's props
 * @param acknowledgement whether to wait for the indexer
 * @param acknowledgementPoll pause between two questions
 * @param acknowledgementTimeout how long until events are sent again
 * @param batchesInFlight batches under way at a time
 * @param requestBytes longest request body, before compression
 * @param gzip whether bodies are compressed
 * @param timeout longest wait for an answer
 * @param tls trust and client certificate
 */
record SplunkSettings(
    URI url,
    String token,
    String index,
    String source,
    String sourcetype,
    boolean acknowledgement,
    Duration acknowledgementPoll,
    Duration acknowledgementTimeout,
    int batchesInFlight,
    int requestBytes,
    boolean gzip,
    Duration timeout,
    TlsSettings tls) {

  static final String PREFIX = "splunk.";
  static final String URL = PREFIX + "url";
  static final String TOKEN = PREFIX + "token";
  static final String INDEX = PREFIX + "index";
  static final String SOURCE = PREFIX + "source";
  static final String SOURCETYPE = PREFIX + "sourcetype";
  static final String ACK = PREFIX + "ack";
  static final String ACK_POLL = PREFIX + "ack.poll.ms";
  static final String ACK_TIMEOUT = PREFIX + "ack.timeout.ms";
  static final String IN_FLIGHT = PREFIX + "batches.in.flight.max";
  static final String REQUEST_BYTES = PREFIX + "request.bytes.max";
  static final String GZIP = PREFIX + "gzip";
  static final String TIMEOUT = PREFIX + "timeout.ms";

  static ConfigDef definition() {
    ConfigDef definition =
        new ConfigDef()
            .define(
                URL,
                Type.STRING,
                ConfigDef.NO_DEFAULT_VALUE,
                ConfigDef.LambdaValidator.with(
                    (key, value) -> {
                      if (value != null) {
                        HttpAddress.check(key, value);
                      }
                    },
                    () -> HttpAddress.EXPECTED),
                Importance.HIGH,
                "HTTP Event Collector, such as https://splunk:8088.")
            .define(
                TOKEN,
                Type.PASSWORD,
                ConfigDef.NO_DEFAULT_VALUE,
                ConfigDef.LambdaValidator.with(
                    (key, value) -> {
                      if (value instanceof Password token && token.value().isBlank()) {
                        throw new ConfigException(key + ": the collector's token expected");
                      }
                    },
                    () -> "the collector's token"),
                Importance.HIGH,
                "Token of the collector.")
            .define(
                INDEX,
                Type.STRING,
                "",
                Importance.MEDIUM,
                "Index to store in; it must exist, since Splunk answers 200 for one that does not."
                    + " Empty: the token's own.")
            .define(SOURCE, Type.STRING, "sworn", Importance.LOW, "Source of the events.")
            .define(
                SOURCETYPE,
                Type.STRING,
                "mongodb:audit",
                Importance.LOW,
                "Sourcetype of the events; give it KV_MODE = json and TRUNCATE = 0.")
            .define(
                ACK,
                Type.BOOLEAN,
                true,
                Importance.HIGH,
                "Whether to wait for indexer acknowledgement; the token must have it enabled. False:"
                    + " delivered means received in memory, and a crash of Splunk can lose events.")
            .define(
                ACK_POLL,
                Type.LONG,
                2_000L,
                Range.between(10L, 60_000L),
                Importance.LOW,
                "Milliseconds between two questions for acknowledgements.")
            .define(
                ACK_TIMEOUT,
                Type.LONG,
                300_000L,
                Range.between(100L, 3_600_000L),
                Importance.LOW,
                "Milliseconds without acknowledgement after which events are sent again. Below"
                    + " 300000 a slow indexer makes duplicates.")
            .define(
                IN_FLIGHT,
                Type.INT,
                8,
                Range.between(1, 32),
                Importance.MEDIUM,
                "Batches under way at a time: while one waits for its acknowledgement, others are"
                    + " sent. Each has a channel of its own.")
            .define(
                REQUEST_BYTES,
                Type.INT,
                1024 * 1024,
                Range.between(1024, 2 * 1024 * 1024),
                Importance.LOW,
                "Longest request body in bytes, before compression.")
            .define(GZIP, Type.BOOLEAN, false, Importance.LOW, "Whether bodies are compressed.")
            .define(
                TIMEOUT,
                Type.INT,
                30_000,
                Range.between(100, 600_000),
                Importance.LOW,
                "Longest wait for an answer in milliseconds.");
    return TlsSettings.define(definition, PREFIX);
  }

  static SplunkSettings from(Map<String, String> settings) {
    AbstractConfig config = new AbstractConfig(definition(), settings, false);
    String url = config.getString(URL);
    return new SplunkSettings(
        URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url),
        config.getPassword(TOKEN).value(),
        config.getString(INDEX),
        config.getString(SOURCE),
        config.getString(SOURCETYPE),
        config.getBoolean(ACK),
        Duration.ofMillis(config.getLong(ACK_POLL)),
        Duration.ofMillis(config.getLong(ACK_TIMEOUT)),
        config.getInt(IN_FLIGHT),
        config.getInt(REQUEST_BYTES),
        config.getBoolean(GZIP),
        Duration.ofMillis(config.getInt(TIMEOUT)),
        TlsSettings.from(config, PREFIX));
  }

  Map<String, String> problems() {
    Map<String, String> problems = new LinkedHashMap<>();
    if (url.getScheme().equals("http") && !HttpAddress.isLoopback(url.getHost())) {
      problems.put(URL, "the token would travel in clear text to " + url + ": use https");
    }
    problems.putAll(tls.problems());
    return problems;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "SplunkSettings[" + url + "]";
  }
}
