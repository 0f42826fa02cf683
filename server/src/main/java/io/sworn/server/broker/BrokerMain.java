package io.sworn.server.broker;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * Main class of the broker's own process. Argument: a properties file. Formats the log directory if
 * it is new, prints {@code READY} and serves until its standard input ends: so it stops cleanly
 * even when its parent is killed. When that happens before it serves, it ends at once.
 *
 * <p>{@link KafkaRaftServer} and {@link Formatter} are not public API of Kafka; nothing else in
 * Sworn touches them.
 */
public final class BrokerMain {

  private static final String CLUSTER_ID = "sworn.cluster.id";
  private static final Duration SIGNAL_LIMIT = Duration.ofSeconds(100);

  /** Of {@code KafkaBroker.shutdown}. */
  private static final Duration LETTING_GO_MAX = Duration.ofMinutes(5);

  private BrokerMain() {}

  /** See the class. */
  public static void main(String[] args) {
    try {
      run(args);
    } catch (Throwable t) {
      // Threads of a broker that was half started would keep the process, and its parent waiting.
      t.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    // Non-daemon threads of libraries must not keep a stopped broker alive.
    Runtime.getRuntime().halt(0);
  }

  private static void run(String[] args) throws Exception {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(args[0]))) {
      properties.load(in);
    }
    String clusterId =
        Objects.requireNonNull(properties.getProperty(CLUSTER_ID), CLUSTER_ID + " is missing");
    properties.remove(CLUSTER_ID);
    Path log = Path.of(properties.getProperty("log.dirs"));
    Predecessor predecessor =
        new Predecessor(Path.of(args[0]).resolveSibling("stopped-cleanly"), log);
    boolean formatted = format(log, clusterId);
    ParentWatch parent = ParentWatch.start(System.in);
    if (!formatted && predecessor.wasKilled()) {
      Predecessor.unregister(properties);
    }
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
    server.startup();
    predecessor.serves();
    parent.serves();
    Runtime.getRuntime().addShutdownHook(new Thread(BrokerMain::outliveSignal, "outlive-signal"));
    System.out.println("READY");
    System.out.flush();
    parent.awaitGone();
    long asked = System.nanoTime();
    server.shutdown();
    server.awaitShutdown();
    // Kafka stops all the same when its controller has not let the broker go for so long.
    if (System.nanoTime() - asked < LETTING_GO_MAX.toNanos()) {
      predecessor.stoppedCleanly();
    }
  }

  /**
   * Ctrl-C reaches parent and child alike; the parent still needs the broker to hand on what it
   * holds. So a signal's exit waits for the end of the input, after which main halts - within a
   * bound, so that a signal to this process alone ends it too.
   */
  private static void outliveSignal() {
    try {
      Thread.sleep(SIGNAL_LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** True if the directory was new. */
  private static boolean format(Path directory, String clusterId) throws Exception {
    if (Files.exists(directory.resolve("meta.properties"))) {
      return false;
    }
    Files.createDirectories(directory);
    new Formatter()
        .setNodeId(1)
        .setClusterId(clusterId)
        .addDirectory(directory.toString())
        .setMetadataLogDirectory(directory.toString())
        .setControllerListenerName(BrokerSettings.CONTROLLER)
        .setIgnoreFormatted(true)
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
        .run();
    return true;
  }
}
