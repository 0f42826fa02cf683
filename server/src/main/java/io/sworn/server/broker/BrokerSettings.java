package io.sworn.server.broker;

import io.sworn.server.identity.Identity;
import io.sworn.server.identity.KafkaCredentials;
import io.sworn.server.identity.KafkaRole;
import java.nio.file.Path;
import java.util.Properties;

/** Properties of the embedded broker: one node, loopback, TLS, SASL, deny by default. */
final class BrokerSettings {

  static final String CONTROLLER = "CONTROLLER";
  private static final String CLIENTS = "CLIENTS";

  private BrokerSettings() {}

  static Properties of(
      Path data,
      String clusterId,
      int port,
      int controllerPort,
      Identity identity,
      KafkaCredentials credentials) {
    Properties p = new Properties();
    p.setProperty("sworn.cluster.id", clusterId);
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", "1");
    p.setProperty("log.dirs", data.toString());
    p.setProperty(
        "listeners",
        CLIENTS + "://127.0.0.1:" + port + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
    p.setProperty("advertised.listeners", CLIENTS + "://127.0.0.1:" + port);
    p.setProperty(
        "listener.security.protocol.map", CLIENTS + ":SASL_SSL," + CONTROLLER + ":SASL_SSL");
    p.setProperty("inter.broker.listener.name", CLIENTS);
    p.setProperty("controller.listener.names", CONTROLLER);
    p.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    security(p, identity, credentials);
    // One node: everything that Kafka would replicate three times has one copy.
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "4");
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "4");
    p.setProperty("share.coordinator.state.topic.replication.factor", "1");
    p.setProperty("share.coordinator.state.topic.min.isr", "1");
    p.setProperty("share.coordinator.state.topic.num.partitions", "1");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    // One node alone gains nothing from being fenced when it was slow to say that it lives - after
    // a pause of the machine, for instance -, and loses the transaction markers that are on their
    // way. The registration of a broker that was killed is taken back by Predecessor.
    p.setProperty("broker.session.timeout.ms", Integer.toString(Integer.MAX_VALUE));
    // Whoever reads only what is committed waits for what a killed engine had begun: its timeout
    // (10 s, Kafka Streams) and at most this.
    p.setProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    // How far a destination has come is not forgotten while it stays away: the most that Kafka
    // takes.
    p.setProperty("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("num.network.threads", "2");
    p.setProperty("num.io.threads", "2");
    p.setProperty("background.threads", "2");
    p.setProperty("log.cleaner.dedupe.buffer.size", "8388608");
    p.setProperty("log.segment.bytes", "268435456");
    p.setProperty("message.max.bytes", "25165824");
    p.setProperty("replica.fetch.max.bytes", "25165824");
    return p;
  }

  private static void security(Properties p, Identity identity, KafkaCredentials credentials) {
    p.setProperty("ssl.keystore.type", "PEM");
    p.setProperty("ssl.keystore.location", identity.keyAndChain().toString());
    p.setProperty("ssl.truststore.type", "PEM");
    p.setProperty("ssl.truststore.location", identity.authority().toString());
    p.setProperty("ssl.enabled.protocols", "TLSv1.3,TLSv1.2");
    p.setProperty("sasl.enabled.mechanisms", "PLAIN");
    p.setProperty("sasl.mechanism.inter.broker.protocol", "PLAIN");
    p.setProperty("sasl.mechanism.controller.protocol", "PLAIN");
    String logins = credentials.brokerLogins();
    p.setProperty("listener.name.clients.plain.sasl.jaas.config", logins);
    p.setProperty("listener.name.controller.plain.sasl.jaas.config", logins);
    p.setProperty(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    p.setProperty("super.users", "User:" + KafkaRole.BROKER.user());
    p.setProperty("allow.everyone.if.no.acl.found", "false");
  }
}
