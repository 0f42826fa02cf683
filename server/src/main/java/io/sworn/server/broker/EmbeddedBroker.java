package io.sworn.server.broker;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.server.identity.Identity;
import io.sworn.server.identity.KafkaCredentials;
import io.sworn.server.identity.OwnerOnly;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker as a child process on the data in {@code directory}. It outlives nobody: when this
 * process ends, however it ends, the broker stops cleanly. When the broker dies it is started again
 * on the same data and the same ports, at most {@value #RESTARTS_MAX} times in ten minutes; clients
 * reconnect by themselves.
 */
public final class EmbeddedBroker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
  private static final int RESTARTS_MAX = 10;
  private static final Duration RESTART_WINDOW = Duration.ofMinutes(10);
  private static final Duration START_LIMIT = Duration.ofSeconds(120);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final int PORT_TRIES_MAX = 5;

  private final Path directory;
  private final Identity identity;
  private final KafkaCredentials credentials;
  private final Deque<Instant> restarts = new ArrayDeque<>();
  private volatile boolean closing;
  private volatile boolean failed;
  private volatile Process process;
  private volatile int port;

  private EmbeddedBroker(Path directory, Identity identity, KafkaCredentials credentials) {
    this.directory = OwnerOnly.directory(directory);
    this.identity = identity;
    this.credentials = credentials;
    this.process = launchOnFreePorts();
    supervise();
  }

  /**
   * Starts the broker and returns when it serves.
   *
   * @throws SwornException if it does not within two minutes, with the end of its log
   */
  public static EmbeddedBroker start(
      Path directory, Identity identity, KafkaCredentials credentials) {
    return new EmbeddedBroker(directory, identity, credentials);
  }

  /** Where clients connect, {@code host:port}. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** Process id of the broker that runs now. */
  public long pid() {
    return process.pid();
  }

  /** False once the broker has died too often to be started again. */
  public boolean healthy() {
    return !failed;
  }

  private Process launchOnFreePorts() {
    SwornException last = null;
    for (int i = 0; i < PORT_TRIES_MAX; i++) {
      Properties settings = settings(i > 0);
      try {
        return launch(settings);
      } catch (SwornException e) {
        last = e;
        if (!String.valueOf(e.getMessage()).contains("Address already in use")) {
          throw e;
        }
        LOG.warn("A port of the broker is taken, others are tried");
      }
    }
    throw last == null ? new IllegalStateException() : last;
  }

  /** The same ports and cluster as last time, unless new ports are wanted. */
  private Properties settings(boolean newPorts) {
    Path kept = directory.resolve("broker.properties");
    Properties old = new Properties();
    if (Files.exists(kept)) {
      try (Reader in = Files.newBufferedReader(kept)) {
        old.load(in);
      } catch (IOException e) {
        throw new SwornException(ErrorCode.STORAGE, "cannot read " + kept + ": " + e, e);
      }
    }
    String cluster = old.getProperty("sworn.cluster.id", Uuid.randomUuid().toString());
    int clients = Integer.parseInt(old.getProperty("sworn.port", "0"));
    int controller = Integer.parseInt(old.getProperty("sworn.controller.port", "0"));
    if (clients == 0 || newPorts) {
      clients = freePort();
      controller = freePort();
    }
    Properties properties =
        BrokerSettings.of(
            directory.resolve("log"), cluster, clients, controller, identity, credentials);
    properties.setProperty("sworn.port", Integer.toString(clients));
    properties.setProperty("sworn.controller.port", Integer.toString(controller));
    StringWriter text = new StringWriter();
    try {
      properties.store(text, null);
    } catch (IOException e) {
      throw new IllegalStateException("a string took no text", e);
    }
    OwnerOnly.write(kept, text.toString());
    port = clients;
    return properties;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new SwornException(ErrorCode.STORAGE, "no free port on loopback: " + e, e);
    }
  }

  private Process launch(Properties settings) {
    Path log = directory.resolve("broker.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx192m",
            "-Xms64m",
            "-Xss512k",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.awt.headless=true",
            "-Dlogback.configurationFile=logback-broker.xml",
            "-cp",
            System.getProperty("java.class.path"),
            BrokerMain.class.getName(),
            directory.resolve("broker.properties").toString()));
    try {
      Process child =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      awaitReady(child, log, settings.getProperty("sworn.port"));
      return child;
    } catch (IOException e) {
      throw new SwornException(ErrorCode.STORAGE, "cannot start the broker: " + e, e);
    }
  }

  private static void awaitReady(Process child, Path log, String port) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    Thread watchdog =
        new Thread(
            () -> {
              try {
                if (!child.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                  child.destroyForcibly();
                }
              } catch (InterruptedException e) {
                // Ready in time: the watch is over.
                Thread.currentThread().interrupt();
              }
            },
            "broker-start-watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals("READY")) {
        watchdog.interrupt();
        return;
      }
    }
    watchdog.interrupt();
    throw new SwornException(
        ErrorCode.STORAGE,
        "the broker on port " + port + " did not start; see " + log + ": " + tail(log));
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }

  private void supervise() {
    Thread thread = new Thread(this::restartWhileNeeded, "broker-supervisor");
    thread.setDaemon(true);
    thread.start();
  }

  private void restartWhileNeeded() {
    while (!closing) {
      try {
        int code = process.waitFor();
        if (closing) {
          return;
        }
        LOG.warn("The broker ended with code {}; it is started again", code);
        if (!mayRestart()) {
          failed = true;
          LOG.error("The broker died {} times in {}: given up", RESTARTS_MAX, RESTART_WINDOW);
          return;
        }
        Process next = launch(settings(false));
        process = next;
        if (closing) {
          next.getOutputStream().close();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | SwornException e) {
        LOG.error("The broker could not be started again", e);
      }
    }
  }

  private boolean mayRestart() {
    Instant now = Instant.now();
    restarts.removeIf(t -> t.isBefore(now.minus(RESTART_WINDOW)));
    restarts.addLast(now);
    return restarts.size() <= RESTARTS_MAX;
  }

  /** Stops the broker cleanly, or by force after {@code 30 s}. */
  @Override
  public void close() {
    closing = true;
    Process child = process;
    try {
      child.getOutputStream().close();
      if (!child.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("The broker did not stop within {}: killed", STOP_LIMIT);
        child.destroyForcibly().waitFor();
      }
    } catch (IOException e) {
      LOG.debug("The broker was gone already", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      child.destroyForcibly();
    }
  }
}
