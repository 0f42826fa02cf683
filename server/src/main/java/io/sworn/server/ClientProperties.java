package io.sworn.server;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** A file of Kafka client properties, as every Kafka tool takes it. */
public final class ClientProperties {

  private ClientProperties() {}

  /**
   * Reads the file.
   *
   * @throws SwornException if it names no broker
   */
  public static Map<String, Object> read(Path file) {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          file + " is no readable properties file: " + LocalFiles.reason(e, file),
          e);
    }
    Map<String, Object> client = new LinkedHashMap<>();
    properties.stringPropertyNames().forEach(key -> client.put(key, properties.getProperty(key)));
    if (!client.containsKey("bootstrap.servers")) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, file + ": bootstrap.servers is missing, host:port expected");
    }
    return client;
  }
}
