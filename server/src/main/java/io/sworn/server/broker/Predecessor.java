package io.sworn.server.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.raft.FileQuorumStateStore;
import org.jspecify.annotations.Nullable;

/**
 * The broker that ran before on the same data. If it was killed, the metadata still call it the
 * leader of every partition. A broker that starts on such metadata takes up what the transaction
 * coordinator had begun, loses the leadership a few seconds later when it registers anew, and Kafka
 * 4.3.1 then drops the transaction markers that it could not yet send ("these partitions are likely
 * deleted already and hence can be skipped", {@code TransactionMarkerChannelManager}): the
 * transaction is called complete, its records stay open for ever, and whoever reads only what is
 * committed stands still. So the registration of a broker that was killed is taken back before the
 * next one starts, by a controller that runs alone for that moment. It also spares the seconds for
 * which the controller would wait for the dead broker's session.
 *
 * <p>A broker that stopped cleanly says so in a file, with the epoch in which it led the metadata.
 * Each controller that starts on the data leads in a later epoch, and has that on disk before it
 * changes anything. So what the file says holds only for the metadata as that broker left them,
 * whoever writes or forgets it in whatever order: one that is left over is not believed.
 */
final class Predecessor {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Path mark;
  private final FileQuorumStateStore metadata;
  private @Nullable String epoch;

  /**
   * @param mark the file in which a broker says that it stopped cleanly
   * @param log the log directory of the broker
   */
  Predecessor(Path mark, Path log) {
    this.mark = mark;
    this.metadata =
        new FileQuorumStateStore(
            log.resolve(Topic.CLUSTER_METADATA_TOPIC_PARTITION.toString())
                .resolve(FileQuorumStateStore.DEFAULT_FILE_NAME)
                .toFile());
  }

  /**
   * True if the broker that ran last was killed, or did not say that it was not. To be asked before
   * one starts.
   */
  boolean wasKilled() throws IOException {
    byte[] led = ledNow().getBytes(StandardCharsets.UTF_8);
    // Bytes, not text: what a power cut left of it may be none.
    return !Files.exists(mark) || !Arrays.equals(Files.readAllBytes(mark), led);
  }

  /** To be called when the broker of this process serves. */
  void serves() {
    epoch = ledNow();
  }

  /**
   * To be called when everything is on disk and the broker that {@link #serves()} has given up its
   * registration.
   */
  void stoppedCleanly() throws IOException {
    // Neither forced nor atomic: if a power cut takes some of it away, the next broker does once
    // more what harms nobody.
    Files.writeString(mark, Objects.requireNonNull(epoch, "it did not serve"));
  }

  private String ledNow() {
    return "epoch "
        + metadata.readElectionState().map(state -> Integer.toString(state.epoch())).orElse("none")
        + "\n";
  }

  /**
   * Takes back the registration of the broker, and with it its leadership.
   *
   * @param broker the settings with which the broker will run
   * @throws IOException if the controller does not do it within half a minute
   */
  static void unregister(Properties broker) throws IOException, InterruptedException {
    Properties alone = new Properties();
    alone.putAll(broker);
    alone.setProperty("process.roles", "controller");
    alone.remove("advertised.listeners");
    alone.remove("inter.broker.listener.name");
    String name = BrokerSettings.CONTROLLER + "://";
    String listener =
        Arrays.stream(broker.getProperty("listeners").split(","))
            .filter(each -> each.startsWith(name))
            .findFirst()
            .orElseThrow();
    alone.setProperty("listeners", listener);
    KafkaRaftServer controller = new KafkaRaftServer(new KafkaConfig(alone, false), Time.SYSTEM);
    controller.startup();
    try (Admin admin = Admin.create(client(broker, listener.substring(name.length())))) {
      int node = Integer.parseInt(broker.getProperty("node.id"));
      admin.unregisterBroker(node).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof BrokerIdNotRegisteredException)) {
        throw new IOException("the controller refused: " + e.getCause(), e);
      }
    } catch (TimeoutException e) {
      throw new IOException("the controller did not answer within " + LIMIT, e);
    } finally {
      controller.shutdown();
      controller.awaitShutdown();
    }
  }

  private static Map<String, Object> client(Properties broker, String address) {
    Map<String, Object> client = new HashMap<>();
    client.put(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, address);
    client.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_SSL");
    client.put(SaslConfigs.SASL_MECHANISM, "PLAIN");
    client.put(
        SaslConfigs.SASL_JAAS_CONFIG,
        broker.getProperty("listener.name.controller.plain.sasl.jaas.config"));
    for (String key :
        new String[] {
          SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG,
          SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG,
          SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG
        }) {
      client.put(key, broker.getProperty(key));
    }
    client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    return client;
  }
}
