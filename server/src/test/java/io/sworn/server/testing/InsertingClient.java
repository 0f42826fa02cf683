package io.sworn.server.testing;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bson.Document;

/**
 * A client with the official driver that inserts one document after the other, each with a name of
 * its own, and remembers which were acknowledged. What fails is never tried again under the same
 * name, so each name stands for one action.
 */
public final class InsertingClient implements AutoCloseable {

  private final MongoClient client;
  private final List<String> acknowledged = new CopyOnWriteArrayList<>();
  private final AtomicInteger attempts = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "client");
  private volatile boolean stopping;

  /** Connects to loopback, trusting {@code authority}. */
  public InsertingClient(int port, Path authority, String password) throws Exception {
    client =
        MongoClients.create(
            MongoClientSettings.builder()
                .applyConnectionString(
                    new ConnectionString(
                        "mongodb://127.0.0.1:" + port + "/?retryWrites=false&retryReads=false"))
                .credential(
                    MongoCredential.createScramSha256Credential(
                        "admin", "admin", password.toCharArray()))
                .applyToSslSettings(ssl -> ssl.enabled(true).context(trusting(authority)))
                .applyToClusterSettings(
                    cluster -> cluster.serverSelectionTimeout(1, TimeUnit.SECONDS))
                .applyToServerSettings(
                    server ->
                        server
                            .heartbeatFrequency(200, TimeUnit.MILLISECONDS)
                            .minHeartbeatFrequency(50, TimeUnit.MILLISECONDS))
                .applyToSocketSettings(
                    socket ->
                        socket
                            .connectTimeout(2, TimeUnit.SECONDS)
                            .readTimeout(10, TimeUnit.SECONDS))
                .build());
    thread.start();
  }

  private void run() {
    MongoCollection<Document> patients = client.getDatabase("mydb").getCollection("patients");
    while (!stopping) {
      String name = String.format("action-%06d", attempts.incrementAndGet());
      try {
        patients.insertOne(new Document("_id", name));
        acknowledged.add(name);
      } catch (MongoException e) {
        // Not acknowledged: it may be in the trail or not, and nobody promised anything.
        continue;
      }
    }
  }

  /** Names of the actions that the database has acknowledged. */
  public List<String> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /** Waits for so many more acknowledged actions. */
  public void awaitMore(int actions) throws InterruptedException {
    int wanted = acknowledged.size() + actions;
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (acknowledged.size() < wanted) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "only " + acknowledged.size() + " of " + wanted + " actions were acknowledged");
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Documents that are there now. */
  public long stored() {
    return client.getDatabase("mydb").getCollection("patients").countDocuments();
  }

  /** Works no more. */
  public void stop() throws InterruptedException {
    stopping = true;
    thread.join();
  }

  private static SSLContext trusting(Path authority) {
    try (InputStream in = Files.newInputStream(authority)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, trust.getTrustManagers(), null);
      return tls;
    } catch (java.io.IOException | java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop();
    client.close();
  }
}
