package io.sworn.server.broker;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.server.identity.Identity;
import io.sworn.server.identity.KafkaCredentials;
import io.sworn.server.identity.OwnerOnly;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker as a child process on the data in {@code directory}. It outlives nobody: when this
 * process ends, however it ends, the broker stops cleanly. When the broker dies it is started again
 * on the same data and the same ports, and clients reconnect by themselves; a broker that dies more
 * than ten times in ten minutes stays down, see {@link #failure()}.
 */
public final class EmbeddedBroker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

  /** System property: restarts within ten minutes, for a supervisor that wants to know sooner. */
  static final String RESTARTS_MAX = "sworn.broker.restarts.max";

  private static final Duration RESTART_WINDOW = Duration.ofMinutes(10);
  private static final Duration START_LIMIT = Duration.ofSeconds(120);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final int PORT_TRIES_MAX = 5;

  private final Path directory;
  private final Identity identity;
  private final KafkaCredentials credentials;
  private final RestartBudget budget =
      new RestartBudget(Integer.getInteger(RESTARTS_MAX, 10), RESTART_WINDOW);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread supervisor = new Thread(this::restartWhileNeeded, "broker-supervisor");
  private volatile @Nullable String failure;
  private volatile Process process;
  private volatile int port;

  private EmbeddedBroker(Path directory, Identity identity, KafkaCredentials credentials) {
    this.directory = OwnerOnly.directory(directory);
    this.identity = identity;
    this.credentials = credentials;
    awaitReleased(directory.resolve("log").resolve(".lock"));
    this.process = launchOnFreePorts();
    supervisor.setDaemon(true);
    supervisor.start();
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
    return failure == null;
  }

  /** Why there is no broker and will be none; empty as long as it runs or is started again. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * A broker whose parent was killed needs a moment to stop, and holds its data until then. Two on
   * the same data would be refused by Kafka with words that help nobody.
   */
  private static void awaitReleased(Path lock) {
    Instant deadline = Instant.now().plus(STOP_LIMIT);
    while (Files.exists(lock)) {
      try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
          FileLock taken = channel.tryLock()) {
        if (taken != null) {
          return;
        }
        if (Instant.now().isAfter(deadline)) {
          throw new SwornException(
              ErrorCode.STORAGE,
              "a broker of an earlier start still runs on "
                  + lock.getParent()
                  + ": end that process, then start again");
        }
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (IOException e) {
        throw new SwornException(
            ErrorCode.STORAGE, lock + " cannot be locked: " + LocalFiles.reason(e, lock), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SwornException(ErrorCode.INTERNAL, "interrupted while a broker stops", e);
      }
    }
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
        throw new SwornException(
            ErrorCode.STORAGE, "cannot read " + kept + ": " + LocalFiles.reason(e, kept), e);
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
      throw new SwornException(
          ErrorCode.STORAGE, "no free port on loopback: " + LocalFiles.reason(e), e);
    }
  }

  private Process launch(Properties settings) {
    Path log = directory.resolve("broker.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // How eagerly code is compiled is chosen once, for this process.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-XX:Tier"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx192m",
            "-Xms64m",
            "-Xss512k",
            "-XX:+UseSerialGC",
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
      throw new SwornException(
          ErrorCode.STORAGE, "cannot start the broker: " + LocalFiles.reason(e), e);
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

  private void restartWhileNeeded() {
    try {
      while (true) {
        int code = process.waitFor();
        if (isClosing()) {
          return;
        }
        Optional<Duration> delay = budget.next(Instant.now());
        if (delay.isEmpty()) {
          giveUp(code);
          return;
        }
        LOG.warn("The broker ended with code {}; it is started again after {}", code, delay.get());
        if (closing.await(delay.get().toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        restart();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void restart() {
    try {
      Process next = launch(settings(false));
      process = next;
      if (isClosing()) {
        next.getOutputStream().close();
      }
    } catch (IOException | SwornException e) {
      LOG.error("The broker could not be started again", e);
    }
  }

  private void giveUp(int code) {
    String reason =
        "the broker died more than "
            + budget
            + ", the last time with code "
            + code
            + "; see "
            + directory.resolve("broker.log");
    LOG.error("Given up: {}", reason);
    failure = reason;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Stops the broker cleanly, or by force after {@code 30 s}. */
  @Override
  public void close() {
    closing.countDown();
    Process child = process;
    try {
      child.getOutputStream().close();
      if (!child.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("The broker did not stop within {}: killed", STOP_LIMIT);
        child.destroyForcibly().waitFor();
      }
      supervisor.join(STOP_LIMIT.toMillis());
    } catch (IOException e) {
      LOG.debug("The broker was gone already", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      child.destroyForcibly();
    }
  }
}
