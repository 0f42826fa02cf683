package io.sworn.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/** A real broker in this JVM, on loopback, without TLS. */
public final class KafkaBroker implements AutoCloseable {

  private static final int ANSWER_SECONDS_MAX = 30;
  private static final int PARTITIONS_OF_INTERNAL_TOPICS = 2;
  private static final int MESSAGE_BYTES_MAX = 8 << 20;
  private static final String CONTROLLER = "CONTROLLER";

  private static @Nullable KafkaBroker shared;

  private final Properties settings;
  private final int port;
  private @Nullable KafkaRaftServer server;

  private KafkaBroker(Properties settings, int port) {
    this.settings = settings;
    this.port = port;
  }

  /** Starts one; the same directory keeps its data. */
  public static KafkaBroker start(Path directory) throws Exception {
    int port = FreePorts.next();
    int controller = FreePorts.next();
    format(directory);
    KafkaBroker broker = new KafkaBroker(settings(directory, port, controller), port);
    broker.startAgain();
    return broker;
  }

  /** Starts a closed one on the data and the port that it had. */
  public synchronized void startAgain() {
    KafkaRaftServer fresh = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
    fresh.startup();
    server = fresh;
  }

  /**
   * The one that all tests of this JVM may share, without data when it starts; it stops and leaves
   * nothing when the JVM ends.
   */
  public static synchronized KafkaBroker shared() throws Exception {
    if (shared == null) {
      Path directory = Files.createTempDirectory("sworn-broker");
      KafkaBroker started = start(directory);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    started.close();
                    delete(directory);
                  }));
      shared = started;
    }
    return shared;
  }

  /** Client properties; the caller may add its own. */
  public Map<String, Object> client() {
    return new HashMap<>(Map.of("bootstrap.servers", bootstrap()));
  }

  /** {@code host:port}. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** Creates a topic and waits until each partition has its leader. */
  public void createTopic(String name, int partitions) throws Exception {
    try (Admin admin = Admin.create(client())) {
      NewTopic topic = new NewTopic(name, partitions, (short) 1);
      admin.createTopics(List.of(topic)).all().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
      Map<TopicPartition, OffsetSpec> all =
          IntStream.range(0, partitions)
              .boxed()
              .collect(
                  Collectors.toMap(i -> new TopicPartition(name, i), i -> OffsetSpec.latest()));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS_MAX);
      while (!known(admin, all)) {
        if (System.nanoTime() > deadline) {
          throw new IOException("topic " + name + " has no leader");
        }
      }
    }
  }

  /** A broker may not have heard yet of a topic that the controller has just created. */
  private static boolean known(Admin admin, Map<TopicPartition, OffsetSpec> all) throws Exception {
    try {
      admin.listOffsets(all).all().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  /** Sets the longest batch that a topic takes. */
  public void limitBatches(String topic, int bytesMax) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    ConfigEntry limit = new ConfigEntry("max.message.bytes", Integer.toString(bytesMax));
    try (Admin admin = Admin.create(client())) {
      admin
          .incrementalAlterConfigs(
              Map.of(resource, List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET))))
          .all()
          .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }
  }

  /** Deletes a topic and all that is in it. */
  public void deleteTopic(String name) throws Exception {
    try (Admin admin = Admin.create(client())) {
      admin.deleteTopics(List.of(name)).all().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }
  }

  private static void format(Path directory) throws Exception {
    if (Files.exists(directory.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(directory);
    new Formatter()
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .addDirectory(directory.toString())
        .setMetadataLogDirectory(directory.toString())
        .setControllerListenerName(CONTROLLER)
        .setIgnoreFormatted(true)
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))
        .run();
  }

  private static Properties settings(Path directory, int port, int controller) {
    Properties p = new Properties();
    p.put("process.roles", "broker,controller");
    p.put("node.id", "1");
    p.put("log.dirs", directory.toString());
    p.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller);
    p.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "PLAINTEXT");
    p.put("controller.listener.names", CONTROLLER);
    p.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", PARTITIONS_OF_INTERNAL_TOPICS);
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("transaction.state.log.num.partitions", PARTITIONS_OF_INTERNAL_TOPICS);
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("auto.create.topics.enable", "false");
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "2");
    p.put("background.threads", "2");
    p.put("log.cleaner.dedupe.buffer.size", "8388608");
    p.put("log.segment.bytes", "67108864");
    p.put("message.max.bytes", MESSAGE_BYTES_MAX);
    return p;
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it, as for an upgrade. */
  @Override
  public synchronized void close() {
    KafkaRaftServer running = server;
    server = null;
    if (running != null) {
      running.shutdown();
      running.awaitShutdown();
    }
  }
}
