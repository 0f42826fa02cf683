package io.sworn.server.connect;

import io.sworn.event.ErrorCode;
import io.sworn.event.LostRange;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.export.connect.ExporterSinkTask;
import io.sworn.export.connect.HostSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy;
import org.apache.kafka.connect.runtime.Herder;
import org.apache.kafka.connect.runtime.RestartRequest;
import org.apache.kafka.connect.runtime.Worker;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.runtime.isolation.Plugins;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorInfo;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorStateInfo;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneHerder;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka Connect worker in this process, without a REST listener. Runs one sink connector per
 * destination; what fails is started again, with a delay that doubles up to {@link #DELAY_MAX}.
 * Progress lies in Kafka's consumer groups {@code connect-<destination>}, nothing is kept here.
 */
public final class ConnectWorker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectWorker.class);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration DELAY_MIN = Duration.ofSeconds(1);

  /** Longest delay between two starts of a failed connector. */
  static final Duration DELAY_MAX = Duration.ofMinutes(1);

  /** Longest wait for batches in progress when the worker stops. */
  private static final Duration FINISH_MAX = Duration.ofSeconds(10);

  /** A destination that is busy for a moment is no trouble. */
  private static final Duration WAITING_AFTER = Duration.ofSeconds(5);

  private static final String RUNNING = "RUNNING";

  private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

  /** How a failed connector is tried again. */
  private record Retry(int attempt, Instant at) {}

  /** Sinks keep their progress in consumer groups; only sources would need a store. */
  private static final class NoSourceOffsets extends MemoryOffsetBackingStore {
    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
      return Set.of();
    }
  }

  private final StandaloneHerder herder;
  private final Map<String, Object> kafka;
  private final Topics topics;
  private final Positions positions;
  private final Map<String, ExporterSpec> exporters = new HashMap<>();
  private final String name = "sworn-" + UUID.randomUUID();
  private final Map<String, Retry> retries = new HashMap<>();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "connect-watch");
            thread.setDaemon(true);
            return thread;
          });
  private boolean closed;

  private ConnectWorker(Map<String, Object> kafka, Topics topics, Consumer<LostRange> told) {
    this.kafka = kafka;
    positions = new Positions(kafka, topics, told);
    this.topics = topics;
    Map<String, String> settings = workerSettings(kafka);
    Plugins plugins = new Plugins(settings);
    Thread.currentThread().setContextClassLoader(plugins.delegatingLoader());
    WorkerConfig config = new StandaloneConfig(settings);
    AllConnectorClientConfigOverridePolicy policy = new AllConnectorClientConfigOverridePolicy();
    Worker worker =
        new Worker("sworn", Time.SYSTEM, plugins, config, new NoSourceOffsets(), policy);
    herder = new StandaloneHerder(worker, "sworn", policy);
  }

  /**
   * Starts the worker and one connector per destination.
   *
   * @param told hears of records that were deleted before their destination had them; that is on
   *     record in the topic of deliveries, too
   * @throws SwornException naming each destination whose settings cannot be used, with the reasons;
   *     nothing runs then
   */
  public static ConnectWorker start(
      Map<String, Object> kafka,
      Topics topics,
      List<ExporterSpec> exporters,
      Consumer<LostRange> told) {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    ConnectWorker worker;
    try {
      worker = new ConnectWorker(kafka, topics, told);
      worker.herder.start();
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
    StringBuilder problems = new StringBuilder();
    for (ExporterSpec exporter : exporters) {
      try {
        worker.put(exporter);
      } catch (SwornException e) {
        problems.append('\n').append(e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      worker.close();
      throw new SwornException(
          ErrorCode.CONFIGURATION, "destinations cannot be started:" + problems);
    }
    worker.watch.scheduleWithFixedDelay(worker::restartFailed, 1, 1, TimeUnit.SECONDS);
    return worker;
  }

  private void put(ExporterSpec exporter) {
    positions.settle(exporter);
    exporters.put(exporter.name(), exporter);
    CompletableFuture<Herder.Created<ConnectorInfo>> done = new CompletableFuture<>();
    herder.putConnectorConfig(
        exporter.name(),
        connectorSettings(exporter),
        true,
        (error, created) -> {
          if (error == null) {
            done.complete(created);
          } else {
            done.completeExceptionally(error);
          }
        });
    try {
      done.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new SwornException(
          ErrorCode.CONFIGURATION, exporter.name() + ": " + withoutEndpoint(cause), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.INTERNAL, "interrupted while connectors start", e);
    }
  }

  /** Connect ends its list of problems with an endpoint that is never opened here. */
  private static String withoutEndpoint(Throwable cause) {
    return String.valueOf(cause.getMessage())
        .lines()
        .filter(line -> !line.contains("endpoint `"))
        .collect(Collectors.joining("\n"));
  }

  private static Map<String, String> workerSettings(Map<String, Object> kafka) {
    Map<String, String> settings = new HashMap<>();
    kafka.forEach(
        (key, value) -> {
          settings.put(key, value.toString());
          settings.put("consumer." + key, value.toString());
          settings.put("producer." + key, value.toString());
          settings.put("admin." + key, value.toString());
        });
    settings.put("key.converter", BYTES);
    settings.put("value.converter", BYTES);
    settings.put("offset.storage.file.filename", "unused");
    settings.put("offset.flush.interval.ms", "1000");
    // A scan of the whole class path takes seconds; connectors are named by class.
    settings.put("plugin.discovery", "service_load");
    return settings;
  }

  private Map<String, String> connectorSettings(ExporterSpec exporter) {
    Map<String, String> settings = new HashMap<>(exporter.settings());
    settings.put("name", exporter.name());
    settings.put("connector.class", exporter.connector());
    settings.put("tasks.max", "1");
    settings.put("topics", topics.route(exporter.route()));
    settings.put("destination", exporter.name());
    settings.put("topic.prefix", topics.prefix());
    settings.put(HostSettings.WORKER, name);
    settings.put("key.converter", BYTES);
    settings.put("value.converter", BYTES);
    settings.put("header.converter", BYTES);
    settings.put("consumer.override.isolation.level", "read_committed");
    settings.put("consumer.override.auto.offset.reset", "none");
    // The place of a killed worker is free after this; 45 s, the default, is long for an outage.
    settings.put("consumer.override.session.timeout.ms", "10000");
    settings.put("consumer.override.heartbeat.interval.ms", "2000");
    settings.put("consumer.override.max.partition.fetch.bytes", "4194304");
    settings.put("consumer.override.fetch.max.bytes", "8388608");
    kafka.forEach((key, value) -> settings.put("kafka." + key, value.toString()));
    return settings;
  }

  /**
   * State of each destination's connector: {@code RUNNING}, {@code WAITING: reason} if it has taken
   * nothing for a while although events wait, or {@code FAILED: reason}.
   */
  public SortedMap<String, String> states() {
    Map<String, String> waiting = ExporterSinkTask.waiting(name, WAITING_AFTER);
    SortedMap<String, String> states = new TreeMap<>();
    for (String connector : herder.connectors()) {
      String state = state(herder.connectorStatus(connector));
      String reason = waiting.get(connector);
      states.put(connector, state.equals(RUNNING) && reason != null ? "WAITING: " + reason : state);
    }
    return states;
  }

  private static String state(ConnectorStateInfo info) {
    if ("FAILED".equals(info.connector().state())) {
      return "FAILED: " + message(info.connector().trace());
    }
    for (ConnectorStateInfo.TaskState task : info.tasks()) {
      if ("FAILED".equals(task.state())) {
        return "FAILED: " + message(task.trace());
      }
    }
    return info.connector().state();
  }

  /** The message of a stack trace, in one line and without the class of the error. */
  private static String message(@Nullable String trace) {
    return trace == null
        ? ""
        : trace
            .lines()
            .takeWhile(line -> !line.startsWith("\tat "))
            .collect(Collectors.joining(" "))
            .replaceFirst("^[a-z][\\w.]*\\.[A-Z]\\w*: ", "");
  }

  private void restartFailed() {
    try {
      Instant now = Instant.now();
      states()
          .forEach(
              (name, state) -> {
                if (!state.startsWith("FAILED")) {
                  return;
                }
                Retry last = retries.getOrDefault(name, new Retry(0, Instant.EPOCH));
                if (now.isBefore(last.at())) {
                  return;
                }
                long delay =
                    Math.min(
                        DELAY_MAX.toMillis(), DELAY_MIN.toMillis() << Math.min(last.attempt(), 20));
                retries.put(name, new Retry(last.attempt() + 1, now.plusMillis(delay)));
                LOG.warn("{} is started again: {}", name, state);
                positions.settle(Objects.requireNonNull(exporters.get(name)));
                herder.restartConnectorAndTasks(
                    new RestartRequest(name, true, true),
                    (error, info) -> {
                      if (error != null) {
                        LOG.error("{} could not be started again", name, error);
                      }
                    });
              });
    } catch (RuntimeException e) {
      LOG.error("The connectors could not be watched; next try in a second", e);
    }
  }

  /**
   * Lets batches in progress come to their end, then stops the connectors: what a destination has
   * confirmed is committed with its receipt, the rest is delivered after the next start.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    watch.shutdownNow();
    try {
      if (!ExporterSinkTask.finish(name, FINISH_MAX)) {
        LOG.warn("A destination did not answer before the stop; its last batch is sent again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    herder.stop();
  }
}
