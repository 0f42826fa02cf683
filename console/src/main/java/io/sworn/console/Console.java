package io.sworn.console;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.time.Clock;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A running console: HTTPS only, everything behind a sign-in. */
public final class Console implements AutoCloseable {

  /** Largest request body: the sign-in form is the biggest one there is. */
  static final long REQUEST_BYTES_MAX = 16 * 1024;

  private static final int THREADS_MAX = 16;
  private static final int THREADS_MIN = 2;
  private static final int CONNECTION_IDLE_MS_MAX = 30_000;
  private static final int REQUEST_HEADER_BYTES_MAX = 8 * 1024;

  private final Javalin javalin;
  private final InetSocketAddress address;

  private Console(Javalin javalin, InetSocketAddress address) {
    this.javalin = javalin;
    this.address = address;
  }

  /**
   * Starts to listen.
   *
   * @throws SwornException with {@link ErrorCode#CONFIGURATION} if certificate or key cannot be
   *     used or the address is taken
   */
  public static Console start(ConsoleConfig config, ConsoleData data) {
    return start(config, data, Clock.systemUTC());
  }

  /** As above, with a clock that a test moves. */
  static Console start(ConsoleConfig config, ConsoleData data, Clock clock) {
    char[] storePassword = Secrets.fresh().toCharArray();
    KeyStore identity =
        PemIdentity.load(config.certificateChain(), config.privateKey(), storePassword);
    Sessions sessions = new Sessions(config.sessionIdleMax(), config.sessionAgeMax(), clock);
    Routes routes = new Routes(data, sessions, new SignInGuard(clock), clock);
    Javalin javalin =
        Javalin.create(
            javalinConfig -> {
              javalinConfig.startup.showJavalinBanner = false;
              javalinConfig.startup.startupWatcherEnabled = false;
              javalinConfig.http.maxRequestSize = REQUEST_BYTES_MAX;
              // Compressed pages that hold both a secret and a visitor's words can leak the secret.
              javalinConfig.http.compressionStrategy = CompressionStrategy.NONE;
              QueuedThreadPool threads = new QueuedThreadPool(THREADS_MAX, THREADS_MIN);
              threads.setName("console");
              threads.setDaemon(true);
              javalinConfig.jetty.threadPool = threads;
              javalinConfig.jetty.addConnector(
                  (server, http) -> connector(server, http, config, identity, storePassword));
              routes.register(javalinConfig.routes);
            });
    try {
      javalin.start();
    } catch (RuntimeException e) {
      javalin.stop();
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "console cannot listen on " + config.listen() + ": take a free address and port",
          e);
    }
    return new Console(
        javalin, new InetSocketAddress(config.listen().getAddress(), javalin.port()));
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** Stops listening; everybody is signed out. */
  @Override
  public void close() {
    javalin.stop();
  }

  private static ServerConnector connector(
      Server server,
      HttpConfiguration http,
      ConsoleConfig config,
      KeyStore identity,
      char[] storePassword) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(REQUEST_HEADER_BYTES_MAX);
    // Not checked against the name in the certificate: behind a port forward it may be any name,
    // and a foreign page cannot use the cookie anyway (SameSite=Strict).
    SecureRequestCustomizer secure = new SecureRequestCustomizer();
    secure.setSniHostCheck(false);
    http.addCustomizer(secure);
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStore(identity);
    tls.setKeyStorePassword(new String(storePassword));
    tls.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    ServerConnector connector =
        new ServerConnector(
            server,
            1,
            1,
            new SslConnectionFactory(tls, HttpVersion.HTTP_1_1.asString()),
            new HttpConnectionFactory(http));
    connector.setHost(config.listen().getAddress().getHostAddress());
    connector.setPort(config.listen().getPort());
    connector.setIdleTimeout(CONNECTION_IDLE_MS_MAX);
    return connector;
  }
}
