package io.sworn.server.testing;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.sworn.database.InitialAdministrator;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.filter.alert.AlertRule;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.identity.KafkaRole;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A whole instance on free ports of loopback, with clients for it. */
public final class RunningSworn implements AutoCloseable {

  private final Sworn sworn;
  private final SSLContext tls;
  private final InitialAdministrator administrator;

  /** Starts it on a fresh data directory. */
  public RunningSworn(Path data, List<SwornConfig.Report> plans) throws Exception {
    this(data, plans, Optional.empty());
  }

  /** Starts it with alert rules, too. */
  public RunningSworn(Path data, List<SwornConfig.Report> plans, Optional<List<AlertRule>> alerts)
      throws Exception {
    SwornConfig base = SwornConfig.defaults(data);
    InetSocketAddress free = new InetSocketAddress("127.0.0.1", 0);
    sworn =
        Sworn.start(
            new SwornConfig(
                base.data(),
                base.kafka(),
                new SwornConfig.Database("db-1", free, base.database().access(), true),
                Optional.empty(),
                base.redactions(),
                alerts,
                base.exporters(),
                true,
                new SwornConfig.WebPage(true, free),
                plans));
    administrator = sworn.initialAdministrator().orElseThrow();
    tls = trust(sworn.authority());
  }

  /** The instance. */
  public Sworn sworn() {
    return sworn;
  }

  /** Trusts the instance's certificates, and no others. */
  public SSLContext tls() {
    return tls;
  }

  /** The generated administrator. */
  public InitialAdministrator administrator() {
    return administrator;
  }

  /** A client of the administrator. */
  public MongoClient client() {
    return client(administrator.user(), administrator.password());
  }

  /** A client with these credentials. */
  public MongoClient client(String user, String password) {
    return MongoClients.create(
        MongoClientSettings.builder()
            .applyConnectionString(
                new ConnectionString(
                    "mongodb://127.0.0.1:" + sworn.databaseAddress().getPort() + "/"))
            .credential(MongoCredential.createCredential(user, "admin", password.toCharArray()))
            .applyToSslSettings(ssl -> ssl.enabled(true).context(tls))
            .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(10, TimeUnit.SECONDS))
            .build());
  }

  /** What a topic of events holds now, in the order of each partition. */
  public List<AuditEvent> events(String topic) {
    Map<String, Object> properties = new HashMap<>(sworn.kafka(KafkaRole.OPERATOR));
    properties.put("isolation.level", "read_committed");
    List<AuditEvent> events = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> events.add(AuditEventCodec.decode(record.value())));
      }
    }
    return events;
  }

  private static SSLContext trust(Path authority) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(authority)) {
      store.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Override
  public void close() {
    sworn.close();
  }
}
