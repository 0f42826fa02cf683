package io.sworn.server.demo;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoCredential;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.bson.Document;

/** One user with the official driver over TLS and SCRAM-SHA-256, and the diary of what he does. */
final class DemoClient implements AutoCloseable {

  /** Where and how all clients of a demonstration connect, and their common ledger. */
  record Access(InetSocketAddress server, SSLContext tls, Ledger ledger) {

    /** A client that signs in with its first command. */
    DemoClient open(String user, String password) {
      return new DemoClient(this, user, password);
    }
  }

  private static final String APPLICATION = "sworn-demo";

  private final Diary diary;
  private final MongoClient client;
  private boolean closed;

  private DemoClient(Access access, String user, String password) {
    diary = new Diary(access.ledger(), APPLICATION, user);
    String address =
        access.server().getAddress().getHostAddress() + ":" + access.server().getPort();
    client =
        MongoClients.create(
            MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString("mongodb://" + address))
                .credential(
                    MongoCredential.createScramSha256Credential(
                        user, "admin", password.toCharArray()))
                .applyToSslSettings(ssl -> ssl.enabled(true).context(access.tls()))
                .applyToConnectionPoolSettings(
                    pool -> pool.maxSize(1).addConnectionPoolListener(diary))
                .applyToServerSettings(server -> server.addServerMonitorListener(diary))
                .applyToClusterSettings(
                    cluster -> cluster.serverSelectionTimeout(20, TimeUnit.SECONDS))
                .addCommandListener(diary)
                .retryWrites(false)
                .retryReads(false)
                .applicationName(APPLICATION)
                .build());
  }

  MongoDatabase database(String name) {
    return client.getDatabase(name);
  }

  MongoCollection<Document> collection(String database, String name) {
    return client.getDatabase(database).getCollection(name);
  }

  Document run(String database, Document command) {
    return client.getDatabase(database).runCommand(command);
  }

  /** Who acts, {@code user@database}. */
  String user() {
    return diary.user();
  }

  /**
   * Tries what must not be allowed.
   *
   * @param namespaces on which the refusal must be audited, if it is one of rights
   * @throws IllegalStateException if it was allowed
   */
  void refused(List<String> namespaces, Runnable attempt) {
    diary.expectDenial(namespaces);
    try {
      attempt.run();
    } catch (MongoSecurityException | MongoCommandException e) {
      return;
    } catch (MongoException e) {
      if (e.getCode() > 0) {
        return;
      }
      throw e;
    }
    throw new IllegalStateException("a hostile client was let in: " + user());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      client.close();
      diary.closed();
    }
  }
}
