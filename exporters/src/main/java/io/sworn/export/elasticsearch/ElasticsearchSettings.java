package io.sworn.export.elasticsearch;

import io.sworn.export.HttpAddress;
import io.sworn.export.TlsSettings;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where and how to store.
 *
 * @param urls nodes of one cluster
 * @param user empty = no basic authentication
 * @param password its password; a secret
 * @param apiKey base64 of {@code id:key}; empty = none; a secret
 * @param dataStream {@code logs-<dataset>-<namespace>}
 * @param retention how long the data stream keeps events, such as {@code 365d}
 * @param manageTemplate whether we put the index template
 * @param bulkBytes longest request body
 * @param timeout longest wait for an answer
 * @param tls trust and client certificate
 */
record ElasticsearchSettings(
    List<URI> urls,
    String user,
    String password,
    String apiKey,
    String dataStream,
    String retention,
    boolean manageTemplate,
    int bulkBytes,
    Duration timeout,
    TlsSettings tls) {

  static final String PREFIX = "elasticsearch.";
  static final String URLS = PREFIX + "urls";
  static final String USER = PREFIX + "user";
  static final String PASSWORD = PREFIX + "password";
  static final String API_KEY = PREFIX + "api.key";
  static final String DATA_STREAM = PREFIX + "data.stream";
  static final String RETENTION = PREFIX + "retention";
  static final String MANAGE_TEMPLATE = PREFIX + "manage.template";
  static final String BULK_BYTES = PREFIX + "bulk.bytes.max";
  static final String TIMEOUT = PREFIX + "timeout.ms";

  /** Characters that Elasticsearch forbids in names are left out, as is '-' within a part. */
  private static final Pattern NAME =
      Pattern.compile("logs-([a-z0-9_.]{1,100})-([a-z0-9_.]{1,100})");

  static ConfigDef definition() {
    ConfigDef definition =
        new ConfigDef()
            .define(
                URLS,
                Type.LIST,
                ConfigDef.NO_DEFAULT_VALUE,
                ConfigDef.LambdaValidator.with(
                    ElasticsearchSettings::checkUrls,
                    () -> HttpAddress.EXPECTED + ", comma-separated"),
                Importance.HIGH,
                "Nodes of one cluster, such as https://es-1:9200.")
            .define(USER, Type.STRING, "", Importance.MEDIUM, "User for basic authentication.")
            .define(PASSWORD, Type.PASSWORD, "", Importance.MEDIUM, "Password of the user.")
            .define(
                API_KEY,
                Type.PASSWORD,
                "",
                Importance.MEDIUM,
                "API key as base64 of id:key, instead of user and password. It needs auto_configure"
                    + " and create_doc on the data stream, and manage_index_templates unless"
                    + " elasticsearch.manage.template is false.")
            .define(
                DATA_STREAM,
                Type.STRING,
                "logs-mongodb.audit-default",
                matches(NAME, "logs-<dataset>-<namespace>, lower case, no '-' within a part"),
                Importance.HIGH,
                "Data stream to store in.")
            .define(
                RETENTION,
                Type.STRING,
                "365d",
                matches(Pattern.compile("[1-9][0-9]{0,8}[dhms]"), "a number and d, h, m or s"),
                Importance.MEDIUM,
                "How long the data stream keeps events (data stream lifecycle).")
            .define(
                MANAGE_TEMPLATE,
                Type.BOOLEAN,
                true,
                Importance.LOW,
                "Whether the index template is put at start, and again when the cluster was away or has no"
                    + " such data stream. If false, somebody else must have put it.")
            .define(
                BULK_BYTES,
                Type.INT,
                8 * 1024 * 1024,
                Range.between(1024, 90 * 1024 * 1024),
                Importance.LOW,
                "Longest bulk request in bytes; the server's own limit is 100 MB by default.")
            .define(
                TIMEOUT,
                Type.INT,
                60_000,
                Range.between(100, 600_000),
                Importance.LOW,
                "Longest wait for an answer in milliseconds.");
    return TlsSettings.define(definition, PREFIX);
  }

  static ElasticsearchSettings from(Map<String, String> settings) {
    AbstractConfig config = new AbstractConfig(definition(), settings, false);
    return new ElasticsearchSettings(
        config.getList(URLS).stream().map(URI::create).toList(),
        config.getString(USER),
        config.getPassword(PASSWORD).value(),
        config.getPassword(API_KEY).value(),
        config.getString(DATA_STREAM),
        config.getString(RETENTION),
        config.getBoolean(MANAGE_TEMPLATE),
        config.getInt(BULK_BYTES),
        Duration.ofMillis(config.getInt(TIMEOUT)),
        TlsSettings.from(config, PREFIX));
  }

  Map<String, String> problems() {
    Map<String, String> problems = new LinkedHashMap<>();
    if (!apiKey.isEmpty() && !user.isEmpty()) {
      problems.put(API_KEY, "give either an API key or a user, not both");
    }
    if (user.isEmpty() != password.isEmpty()) {
      problems.put(PASSWORD, "user and password belong together");
    }
    boolean secret = !apiKey.isEmpty() || !password.isEmpty();
    for (URI url : urls) {
      if (secret && url.getScheme().equals("http") && !HttpAddress.isLoopback(url.getHost())) {
        problems.put(URLS, "credentials would travel in clear text to " + url + ": use https");
      }
    }
    problems.putAll(tls.problems());
    return problems;
  }

  String dataset() {
    return part(1);
  }

  String namespace() {
    return part(2);
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "ElasticsearchSettings[" + urls + " " + dataStream + "]";
  }

  private String part(int group) {
    Matcher name = NAME.matcher(dataStream);
    if (!name.matches()) {
      throw new IllegalStateException("not validated: " + dataStream);
    }
    return name.group(group);
  }

  private static void checkUrls(String key, Object value) {
    if (!(value instanceof List<?> urls)) {
      return;
    }
    if (urls.isEmpty()) {
      throw new ConfigException(key, value, "at least one URL, such as https://es-1:9200");
    }
    for (Object url : urls) {
      HttpAddress.check(key, url);
    }
  }

  private static ConfigDef.Validator matches(Pattern pattern, String expected) {
    return ConfigDef.LambdaValidator.with(
        (key, value) -> {
          if (value != null && !pattern.matcher(value.toString()).matches()) {
            throw new ConfigException(key, value, expected + " expected");
          }
        },
        () -> expected);
  }
}
