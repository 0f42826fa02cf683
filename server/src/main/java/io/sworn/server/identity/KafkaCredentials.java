package io.sworn.server.identity;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** One generated password per {@link KafkaRole}, kept in a file that only its owner can read. */
public final class KafkaCredentials {

  private static final int PASSWORD_BYTES = 24;

  private final Map<KafkaRole, String> passwords;

  private KafkaCredentials(Map<KafkaRole, String> passwords) {
    this.passwords = passwords;
  }

  /** Loads {@code file}, adding a password for each role that has none. */
  public static KafkaCredentials loadOrCreate(Path file) {
    Properties stored = new Properties();
    if (Files.exists(file)) {
      try (Reader in = Files.newBufferedReader(file)) {
        stored.load(in);
      } catch (IOException e) {
        throw new SwornException(
            ErrorCode.STORAGE, "cannot read " + file + ": " + LocalFiles.reason(e, file), e);
      }
    }
    Map<KafkaRole, String> passwords = new EnumMap<>(KafkaRole.class);
    StringBuilder text = new StringBuilder();
    for (KafkaRole role : KafkaRole.values()) {
      String password = stored.getProperty(role.user());
      passwords.put(role, password == null ? generate() : password);
      text.append(role.user()).append('=').append(passwords.get(role)).append('\n');
    }
    if (stored.size() != passwords.size()) {
      OwnerOnly.write(file, text.toString());
    }
    return new KafkaCredentials(passwords);
  }

  /** A random password in letters, digits, '-' and '_'. */
  public static String generate() {
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** Properties with which {@code role} connects to {@code bootstrap}. */
  public Map<String, Object> client(KafkaRole role, String bootstrap, Path authority) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("security.protocol", "SASL_SSL");
    properties.put("sasl.mechanism", "PLAIN");
    properties.put("sasl.jaas.config", login(role) + ";");
    properties.put("ssl.truststore.type", "PEM");
    properties.put("ssl.truststore.location", authority.toString());
    return properties;
  }

  /** The broker's own login and the list of all users, as its listeners take them. */
  public String brokerLogins() {
    StringBuilder text = new StringBuilder(login(KafkaRole.BROKER));
    passwords.forEach(
        (role, password) ->
            text.append(" user_").append(role.user()).append("=\"").append(password).append('"'));
    return text.append(';').toString();
  }

  private String login(KafkaRole role) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
        + role.user()
        + "\" password=\""
        + Objects.requireNonNull(passwords.get(role))
        + '"';
  }
}
