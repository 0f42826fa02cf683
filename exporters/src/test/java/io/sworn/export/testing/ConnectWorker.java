package io.sworn.export.testing;

import java.io.FileReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy;
import org.apache.kafka.connect.runtime.Worker;
import org.apache.kafka.connect.runtime.isolation.Plugins;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneHerder;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/** A Kafka Connect worker without a REST listener, in a process of its own, with one connector. */
public final class ConnectWorker implements AutoCloseable {

  private final Process process;
  private final Path log;

  private ConnectWorker(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts a worker with a connector; returns when the connector was accepted. */
  public static ConnectWorker start(Path directory, String bootstrap, Map<String, String> connector)
      throws Exception {
    Files.createDirectories(directory);
    Path file = directory.resolve("connector.properties");
    Properties properties = new Properties();
    properties.putAll(connector);
    try (var out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
    Path log = directory.resolve("worker.log");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ConnectWorker.class.getName(),
                    bootstrap,
                    file.toString(),
                    directory.resolve("ready").toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    ConnectWorker worker = new ConnectWorker(process, log);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (!Files.exists(directory.resolve("ready"))) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("the worker did not start:\n" + worker.log());
      }
      Thread.sleep(50);
    }
    Files.delete(directory.resolve("ready"));
    return worker;
  }

  /** The child's side. */
  public static void main(String[] args) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("bootstrap.servers", args[0]);
    settings.put("key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    settings.put("plugin.discovery", "service_load");
    settings.put("offset.storage.file.filename", args[2] + ".offsets");
    settings.put("offset.flush.interval.ms", "1000");
    Plugins plugins = new Plugins(settings);
    StandaloneConfig config = new StandaloneConfig(settings);
    AllConnectorClientConfigOverridePolicy policy = new AllConnectorClientConfigOverridePolicy();
    policy.configure(Map.of());
    MemoryOffsetBackingStore offsets =
        new MemoryOffsetBackingStore() {
          @Override
          public java.util.Set<Map<String, Object>> connectorPartitions(String name) {
            return java.util.Set.of();
          }
        };
    offsets.configure(config);
    Worker worker = new Worker("worker", Time.SYSTEM, plugins, config, offsets, policy);
    StandaloneHerder herder = new StandaloneHerder(worker, "cluster", policy);
    herder.start();
    Properties connector = new Properties();
    try (Reader in = new FileReader(args[1], StandardCharsets.UTF_8)) {
      connector.load(in);
    }
    Map<String, String> given = new HashMap<>();
    connector.stringPropertyNames().forEach(key -> given.put(key, connector.getProperty(key)));
    CompletableFuture<Void> accepted = new CompletableFuture<>();
    herder.putConnectorConfig(
        given.get("name"),
        given,
        false,
        (error, created) -> {
          if (error != null) {
            accepted.completeExceptionally(error);
          } else {
            accepted.complete(null);
          }
        });
    accepted.get(60, TimeUnit.SECONDS);
    Files.writeString(Path.of(args[2]), "ready");
    while (System.in.read() >= 0) {
      // The parent ends the stream when it wants us to stop, or when it dies.
    }
    herder.stop();
    System.exit(0);
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** What it said. */
  public String log() throws java.io.IOException {
    return Files.readString(log);
  }

  @Override
  public void close() throws Exception {
    process.getOutputStream().close();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
