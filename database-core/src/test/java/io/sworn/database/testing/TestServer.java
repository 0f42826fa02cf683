package io.sworn.database.testing;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.sworn.database.DatabaseConfig;
import io.sworn.database.DatabaseServer;
import io.sworn.event.Topics;
import io.sworn.testing.KafkaBroker;
import io.sworn.testing.TestCertificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.bson.Document;

/** A real server with its own topic on the shared broker, and drivers that talk to it. */
public final class TestServer implements AutoCloseable {

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path directory;
  private final TestCertificates certificate;
  private final Topics topics = new Topics("db" + COUNT.incrementAndGet() + ".");
  private final UnaryOperator<DatabaseConfig> settings;
  private final List<MongoClient> clients = new ArrayList<>();
  private final Map<String, Object> kafka;
  private final String password;
  private DatabaseServer server;

  /** Starts with default settings. */
  public TestServer(Path directory) throws Exception {
    this(directory, config -> config);
  }

  /** Starts with other settings. */
  public TestServer(Path directory, UnaryOperator<DatabaseConfig> settings) throws Exception {
    this.directory = directory;
    this.settings = settings;
    certificate = TestCertificates.create(Files.createDirectories(directory.resolve("tls")));
    KafkaBroker.shared().createTopic(topics.events(), 1);
    kafka = KafkaBroker.shared().client();
    server = start();
    password = server.initialAdministrator().orElseThrow().password();
  }

  private DatabaseServer start() {
    return DatabaseServer.start(config(), kafka, topics);
  }

  /** The settings with which it starts. */
  public DatabaseConfig config() {
    return settings.apply(
        DatabaseConfig.of(
            "db-1",
            directory.resolve("data"),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            certificate.serverCertificate(),
            certificate.serverKey()));
  }

  /** Stops and starts again on the same directory. */
  public void restart() {
    closeClients();
    server.close();
    server = start();
  }

  /** The server itself. */
  public DatabaseServer server() {
    return server;
  }

  /** Its certificate. */
  public TestCertificates certificate() {
    return certificate;
  }

  /** Where its data lies. */
  public Path data() {
    return directory.resolve("data");
  }

  /** Password of {@code admin}. */
  public String password() {
    return password;
  }

  /** Port on loopback. */
  public int port() {
    return server.address().getPort();
  }

  /** All events of this server so far. */
  public Events events() {
    return new Events(kafka, topics.events());
  }

  /** Notes from now on when events arrive. */
  public Arrivals arrivals() throws InterruptedException {
    return new Arrivals(kafka, topics.events());
  }

  /** A client of the administrator. */
  public MongoClient admin() throws Exception {
    return client("admin", "admin", password);
  }

  /** Creates a user of a database with roles of the form {@code role} or {@code role@db}. */
  public void createUser(String db, String user, String pwd, String... roles) throws Exception {
    List<Object> granted = new ArrayList<>();
    for (String role : roles) {
      int at = role.indexOf('@');
      granted.add(
          at < 0
              ? role
              : new Document(Map.of("role", role.substring(0, at), "db", role.substring(at + 1))));
    }
    admin()
        .getDatabase(db)
        .runCommand(new Document("createUser", user).append("pwd", pwd).append("roles", granted));
  }

  /** A client of a user. */
  public MongoClient client(String db, String user, String pwd) throws Exception {
    return client(db, user, pwd, "");
  }

  /** A client of a user with options of the connection string. */
  public MongoClient client(String db, String user, String pwd, String options) throws Exception {
    return client(MongoCredential.createCredential(user, db, pwd.toCharArray()), options);
  }

  /** A client with any credential, or none. */
  public MongoClient client(MongoCredential credential, String options) throws Exception {
    MongoClient client = connect(port(), certificate, credential, options);
    clients.add(client);
    return client;
  }

  /** A client of a server on loopback. */
  public static MongoClient connect(
      int port, TestCertificates certificate, String db, String user, String pwd) throws Exception {
    return connect(
        port, certificate, MongoCredential.createCredential(user, db, pwd.toCharArray()), "");
  }

  private static MongoClient connect(
      int port, TestCertificates certificate, MongoCredential credential, String options)
      throws Exception {
    SSLContext tls = certificate.trusting();
    MongoClientSettings.Builder builder =
        MongoClientSettings.builder()
            .applyConnectionString(
                new ConnectionString(
                    "mongodb://127.0.0.1:" + port + "/?appName=test-app" + options))
            .applyToSslSettings(ssl -> ssl.enabled(true).context(tls))
            .applyToClusterSettings(
                cluster -> cluster.serverSelectionTimeout(10, TimeUnit.SECONDS));
    if (credential != null) {
      builder.credential(credential);
    }
    return MongoClients.create(builder.build());
  }

  /** The events of any server on the shared broker. */
  public static Events events(Topics topics) throws Exception {
    return new Events(KafkaBroker.shared().client(), topics.events());
  }

  /** Closes all clients. */
  public void closeClients() {
    clients.forEach(MongoClient::close);
    clients.clear();
  }

  @Override
  public void close() {
    closeClients();
    server.close();
  }
}
