package io.sworn.server;

import io.sworn.console.Console;
import io.sworn.console.ConsoleConfig;
import io.sworn.database.DatabaseConfig;
import io.sworn.database.DatabaseServer;
import io.sworn.database.InitialAdministrator;
import io.sworn.event.ErrorCode;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.Archive;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterStore;
import io.sworn.filter.alert.AlertDefinition;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.stream.AlertEngine;
import io.sworn.filter.stream.FilterEngine;
import io.sworn.report.Period;
import io.sworn.report.ReportResult;
import io.sworn.server.alerts.LatestAlerts;
import io.sworn.server.broker.EmbeddedBroker;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.connect.ConnectWorker;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.filters.InitialFilters;
import io.sworn.server.flow.Backlog;
import io.sworn.server.flow.FlowMeter;
import io.sworn.server.identity.Identity;
import io.sworn.server.identity.KafkaCredentials;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.identity.OwnerOnly;
import io.sworn.server.reports.Reports;
import io.sworn.server.topics.AccessRules;
import io.sworn.server.topics.TopicAdmin;
import io.sworn.server.topics.TrimPlan;
import io.sworn.server.topics.Trimmer;
import io.sworn.server.trail.Actor;
import io.sworn.server.trail.SwornTrail;
import io.sworn.server.trail.TrailEntry;
import io.sworn.server.trail.TrailShipper;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything in one go: the broker as a child process, all else in this one. Started in the order
 * in which an event travels, stopped in the same order, so that each part can hand on what it
 * holds.
 */
public final class Sworn implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Sworn.class);

  /** For what is on its way when the instance stops. */
  private static final Duration HAND_ON_MAX = Duration.ofSeconds(5);

  private static final Duration TRIM_EVERY = Duration.ofMinutes(10);

  /** A report waits so long for events on their way, and says how many still were. */
  private static final Duration REPORT_SETTLE_MAX = Duration.ofSeconds(10);

  private final SwornConfig config;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Deque<AutoCloseable> visitors = new ArrayDeque<>();
  private final Identity identity;
  private final Map<KafkaRole, Map<String, Object>> clients = new HashMap<>();
  private final @Nullable EmbeddedBroker broker;
  private final SwornTrail trail;
  private final @Nullable DatabaseServer database;
  private final @Nullable FilterEngine filters;
  private final @Nullable AlertEngine alerts;
  private final @Nullable ConnectWorker exporters;
  private final @Nullable RunningArchive archive;
  private final Counts counts;
  private final FlowMeter meter;
  private final Health health;
  private final @Nullable Reports reports;
  private final @Nullable Console console;
  private boolean closed;

  private Sworn(SwornConfig config, Set<Role> roles, Runnable held) {
    this.config = config;
    Path data = config.data();
    try {
      opened(DataLock.take(data));
      held.run();
      FreeAddresses.check(listening(config, roles));
      identity = Identity.loadOrCreate(data.resolve("identity"), Clock.systemUTC());
      broker = roles.contains(Role.BROKER) ? startBroker(data) : null;
      config.kafka().properties().ifPresent(this::useExternal);
      createTopics();
      trail = SwornTrail.open(data);
      opened(
          TrailShipper.start(trail, kafka(KafkaRole.DATABASE), config.kafka().topics().events()));
      database = roles.contains(Role.DATABASE) ? opened(startDatabase(data)) : null;
      filters = roles.contains(Role.FILTERS) ? opened(startFilters(data)) : null;
      alerts =
          roles.contains(Role.FILTERS) && config.alerts().isPresent()
              ? opened(startAlerts(data, config.alerts().get()))
              : null;
      exporters = roles.contains(Role.EXPORTERS) ? opened(startExporters()) : null;
      archive =
          roles.contains(Role.ARCHIVE) && config.archive() ? opened(startArchive(data)) : null;
      counts = new Counts(database, trail, alerts, archive);
      meter = opened(startMeter());
      health = startHealth();
      opened(startTrimmer(roles));
      reports = archive == null ? null : visiting(startReports(data));
      console =
          roles.contains(Role.CONSOLE) && config.console().enabled() && database != null
              ? visiting(startConsole(database))
              : null;
    } catch (RuntimeException | Error e) {
      withdrawAdministrator();
      closeOpened(false);
      throw e;
    }
  }

  /**
   * Starts all of it and returns when it serves.
   *
   * @throws SwornException naming what prevents it; nothing runs then
   */
  public static Sworn start(SwornConfig config) {
    return start(config, () -> {});
  }

  /**
   * Starts all of it and returns when it serves.
   *
   * @param held is run as soon as the data directory is ours alone, before anything is started
   * @throws SwornException naming what prevents it; nothing runs then
   */
  public static Sworn start(SwornConfig config, Runnable held) {
    Set<Role> roles = EnumSet.allOf(Role.class);
    if (config.kafka().properties().isPresent()) {
      roles.remove(Role.BROKER);
    }
    return new Sworn(config, roles, held);
  }

  /**
   * Starts some roles.
   *
   * @param held is run as soon as the data directory is ours alone, before anything is started
   * @throws SwornException naming what prevents it; nothing runs then
   */
  public static Sworn start(SwornConfig config, Set<Role> roles, Runnable held) {
    if (roles.contains(Role.BROKER) == config.kafka().properties().isPresent()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "roles need one Kafka: name its client properties in kafka.properties, or run the role"
              + " broker with them, not both");
    }
    if (roles.contains(Role.CONSOLE) && !roles.contains(Role.DATABASE)) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, "the console signs in against the database: run it beside that");
    }
    return new Sworn(config, roles, held);
  }

  /** Addresses on which people and programs are served, by their keys. */
  private static SortedMap<String, InetSocketAddress> listening(
      SwornConfig config, Set<Role> roles) {
    SortedMap<String, InetSocketAddress> addresses = new TreeMap<>();
    if (roles.contains(Role.DATABASE)) {
      addresses.put("database.listen", config.database().listen());
    }
    if (roles.contains(Role.CONSOLE) && config.console().enabled()) {
      addresses.put("console.listen", config.console().listen());
    }
    return addresses;
  }

  private EmbeddedBroker startBroker(Path data) {
    KafkaCredentials credentials =
        KafkaCredentials.loadOrCreate(data.resolve("identity").resolve("kafka.credentials"));
    EmbeddedBroker started =
        opened(EmbeddedBroker.start(data.resolve("kafka"), identity, credentials));
    for (KafkaRole role : KafkaRole.values()) {
      clients.put(role, credentials.client(role, started.bootstrap(), identity.authority()));
    }
    StringBuilder text = new StringBuilder();
    kafka(KafkaRole.OPERATOR)
        .forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    OwnerOnly.write(operatorProperties(data), text.toString());
    return started;
  }

  private void useExternal(Path properties) {
    Map<String, Object> client = ClientProperties.read(properties);
    for (KafkaRole role : KafkaRole.values()) {
      clients.put(role, client);
    }
  }

  private void createTopics() {
    try (TopicAdmin admin = new TopicAdmin(kafka(KafkaRole.BROKER))) {
      if (broker != null) {
        admin.allow(AccessRules.of(config.kafka().topics()));
      }
      admin.createTopics(
          config.kafka().topics(),
          config.routes(),
          config.kafka().partitions(),
          broker == null ? Optional.empty() : Optional.of((short) 1));
    }
  }

  private DatabaseServer startDatabase(Path data) {
    DatabaseConfig settings =
        DatabaseConfig.of(
                config.database().name(),
                data.resolve("database"),
                config.database().listen(),
                identity.certificateChain(),
                identity.privateKey())
            .withAccessList(config.database().access())
            .withAuditAuthorizationSuccess(config.database().auditAuthorizationSuccess());
    return DatabaseServer.start(settings, kafka(KafkaRole.DATABASE), config.kafka().topics());
  }

  private FilterEngine startFilters(Path data) {
    try (FilterStore store =
        FilterStore.connect(kafka(KafkaRole.OPERATOR), config.kafka().topics())) {
      InitialFilters.put(
          store,
          config.filterDirectory(),
          config.routes(),
          filter ->
              trail.append(
                  Actor.system(),
                  TrailEntry.filterPut(
                      filter.name(),
                      filter.filter(),
                      filter.routes(),
                      filter.shadow(),
                      filter.reason())));
    }
    return FilterEngine.start(
        kafka(KafkaRole.FILTERS),
        config.kafka().topics(),
        OwnerOnly.directory(data.resolve("filter-engine")),
        config.redactions());
  }

  private AlertEngine startAlerts(Path data, List<AlertRule> rules) {
    return AlertEngine.start(
        kafka(KafkaRole.ALERTS),
        config.kafka().topics(),
        rules,
        OwnerOnly.directory(data.resolve("alert-engine")));
  }

  private ConnectWorker startExporters() {
    return ConnectWorker.start(
        kafka(KafkaRole.EXPORTERS),
        config.kafka().topics(),
        config.exporters(),
        range -> trail.append(Actor.system(), TrailEntry.eventsLost(range)));
  }

  private Console startConsole(DatabaseServer signIn) {
    return Console.start(
        new ConsoleConfig(
            config.console().listen(), identity.certificateChain(), identity.privateKey()),
        new ConsoleView(
            signIn,
            meter,
            reports,
            trail,
            new LatestAlerts(kafka(KafkaRole.OPERATOR), config.kafka().topics()),
            this::alertRules));
  }

  private RunningArchive startArchive(Path data) {
    return RunningArchive.start(
        data.resolve("archive"),
        signingKey(data),
        "sworn/" + config.database().name(),
        kafka(KafkaRole.ARCHIVE),
        config.kafka().topics());
  }

  private Reports startReports(Path data) {
    Reports started =
        Reports.open(
            data,
            SigningKey.loadOrCreate(signingKey(data)),
            this::flowForReport,
            trail,
            Actor.system());
    started.schedule(data, config.reports());
    return started;
  }

  /** Everything on its way has arrived, as far as it does in time, and is under a checkpoint. */
  private FlowSnapshot flowForReport() {
    try {
      FlowSnapshot flow = awaitSettled(REPORT_SETTLE_MAX);
      if (archive != null) {
        archive.archive().checkpoint();
      }
      return flow;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.INTERNAL, "report: stopped before it ran", e);
    }
  }

  private FlowMeter startMeter() {
    return FlowMeter.start(
        kafka(KafkaRole.OPERATOR),
        config.kafka().topics(),
        config.exporters().stream()
            .map(exporter -> new FlowMeter.Destination(exporter.name(), exporter.route()))
            .toList(),
        new FlowMeter.Source(
            counts::emitted, counts::archived, counts::counts, counts.uncounted()));
  }

  /** The numbers tell what waits for a part only where the events are emitted. */
  private Health startHealth() {
    Topics topics = config.kafka().topics();
    RunningArchive archiving = database == null ? archive : null;
    return new Health(
        broker,
        filters,
        alerts,
        exporters,
        archive,
        meter,
        filters == null || database != null
            ? null
            : opened(
                Backlog.ofGroup(
                    kafka(KafkaRole.FILTERS), topics.events(), FilterEngine.application(topics))),
        archiving == null
            ? null
            : opened(
                Backlog.start(
                    kafka(KafkaRole.ARCHIVE),
                    topics.events(),
                    admin -> places(topics.events(), archiving.archive().offsets()))));
  }

  private static Map<TopicPartition, Long> places(String topic, Map<Integer, Long> offsets) {
    Map<TopicPartition, Long> places = new HashMap<>();
    offsets.forEach(
        (partition, offset) -> places.put(new TopicPartition(topic, partition), offset));
    return places;
  }

  private Trimmer startTrimmer(Set<Role> roles) {
    return new Trimmer(kafka(KafkaRole.BROKER), trimPlan(roles)::topics, Clock.systemUTC())
        .start(TRIM_EVERY, meter::caughtUp);
  }

  /** Each topic is trimmed where its readers run. */
  private TrimPlan trimPlan(Set<Role> roles) {
    Topics topics = config.kafka().topics();
    TrimPlan plan = new TrimPlan(topics);
    if (exporters != null) {
      Map<String, List<String>> groups = new HashMap<>();
      for (ExporterSpec exporter : config.exporters()) {
        groups
            .computeIfAbsent(topics.route(exporter.route()), route -> new ArrayList<>())
            .add(exporter.group());
      }
      // Who else reads from our own broker was a destination once; elsewhere it may run beside us.
      plan.routes(groups, broker == null, kafka(KafkaRole.BROKER), Clock.systemUTC());
    }
    if (alerts != null) {
      plan.alerts();
    }
    if (archive != null) {
      plan.events(config.alerts().isPresent(), List.of(archive.archive()::offsets));
    } else if (!config.archive() && roles.contains(Role.FILTERS)) {
      plan.events(config.alerts().isPresent(), List.of());
    }
    return plan;
  }

  /** Client properties of one role. */
  public Map<String, Object> kafka(KafkaRole role) {
    Map<String, Object> client = clients.get(role);
    if (client == null) {
      throw new IllegalStateException("no client for " + role);
    }
    return client;
  }

  /** File with the operator's client properties, for commands beside a running instance. */
  public static Path operatorProperties(Path data) {
    return data.resolve("identity").resolve("operator.properties");
  }

  /** Private key that signs checkpoints, bundles and reports. */
  public static Path signingKey(Path data) {
    return data.resolve("identity").resolve("signing-key.pem");
  }

  /** The archive, if it runs here. */
  public Optional<Archive> archive() {
    return Optional.ofNullable(archive).map(RunningArchive::archive);
  }

  /** The configuration it runs with. */
  public SwornConfig config() {
    return config;
  }

  /** Where the database listens. */
  public InetSocketAddress databaseAddress() {
    return database().address();
  }

  /** Certificate that clients must trust, PEM. */
  public Path authority() {
    return identity.authority();
  }

  /** First user and password, only on the very first start. */
  public Optional<InitialAdministrator> initialAdministrator() {
    return database == null ? Optional.empty() : database.initialAdministrator();
  }

  /** Whether the database runs here. */
  public boolean hasDatabase() {
    return database != null;
  }

  /** The running database. */
  public DatabaseServer database() {
    if (database == null) {
      throw new IllegalStateException("the database does not run here");
    }
    return database;
  }

  /** The embedded broker, if there is one. */
  public Optional<EmbeddedBroker> broker() {
    return Optional.ofNullable(broker);
  }

  /** The web page, if it is enabled. */
  public Optional<URI> consoleAddress() {
    return Optional.ofNullable(console)
        .map(page -> URI.create("https://localhost:" + page.address().getPort() + "/"));
  }

  /** Whether there is no trouble. */
  public boolean healthy() {
    return troubles().isEmpty();
  }

  /**
   * What is wrong at this moment, one sentence each: a part that has given up, does not run or
   * stands still although events wait for it, and what is known to be lost. Empty if all is well.
   */
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>(health.troubles());
    if (reports != null) {
      troubles.addAll(reports.problems());
    }
    return troubles;
  }

  /**
   * Which part has given up and why; empty as long as each works or tries again by itself. Then
   * nothing is lost, but nothing moves either until another start.
   */
  public Optional<String> failure() {
    return health.failure();
  }

  /** A connection to the filter definitions; close it after use. */
  public FilterStore filterStore() {
    return FilterStore.connect(kafka(KafkaRole.OPERATOR), config.kafka().topics());
  }

  /** The filters that judge at this moment; none if the engine runs elsewhere. */
  public List<FilterDefinition> activeFilters() {
    return filters == null ? List.of() : filters.active();
  }

  /** The current version of each alert rule, disabled ones included; none if they run elsewhere. */
  public List<AlertDefinition> alertRules() {
    return alerts == null ? List.of() : alerts.rules();
  }

  /** State of each destination's connector. */
  public SortedMap<String, String> destinations() {
    return exporters == null ? new TreeMap<>() : exporters.states();
  }

  /** The numbers of the flow as far as they have been read. */
  public FlowSnapshot flow() {
    return meter.snapshot();
  }

  /** The meter itself. */
  public FlowMeter meter() {
    return meter;
  }

  /** Waits until every event has arrived everywhere, at most so long; the numbers then. */
  public FlowSnapshot awaitSettled(Duration atMost) throws InterruptedException {
    return meter.await(counts::alerted, FlowSnapshot::settled, atMost);
  }

  /**
   * Runs a compliance report over the archive.
   *
   * @param framework name of one that comes with the product, such as {@code pci-dss-4.0.1}
   * @param period span of event time
   * @throws SwornException naming what prevents it: an unknown framework, an archive that does not
   *     run here, a disk
   */
  public ReportResult runReport(String framework, Period period) {
    return reports()
        .orElseThrow(
            () ->
                new SwornException(
                    ErrorCode.CONFIGURATION,
                    "report: no archive runs here; set archive.enabled, or run the role archive"))
        .run(framework, period);
  }

  /** The reports, if the archive runs here. */
  public Optional<Reports> reports() {
    return Optional.ofNullable(reports);
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.addLast(part);
    return part;
  }

  /** A part that uses the others and that none of them uses: it is stopped before all. */
  private <T extends AutoCloseable> T visiting(T part) {
    visitors.push(part);
    return part;
  }

  /**
   * Clients first, the lock last; one part that fails does not keep the others open.
   *
   * @param handOn whether what is on its way gets a moment to arrive; not after a failed start
   */
  private void closeOpened(boolean handOn) {
    while (!visitors.isEmpty()) {
      closeOne(visitors.pop());
    }
    // Lock and broker are opened first and serve the others, so they go last.
    Deque<AutoCloseable> foundation = new ArrayDeque<>();
    while (!opened.isEmpty()
        && (opened.peekFirst() instanceof DataLock
            || opened.peekFirst() instanceof EmbeddedBroker)) {
      foundation.push(opened.removeFirst());
    }
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.removeFirst();
      closeOne(part);
      if (handOn && part == database) {
        handOn();
      }
    }
    foundation.forEach(Sworn::closeOne);
  }

  /**
   * Nothing new comes any more: what is on its way gets a moment to arrive, so that a SIEM learns
   * of the shutdown now and not at the next start. A destination that is known to be away does not
   * hold up the stop; it is served then.
   */
  private void handOn() {
    if (filters == null || exporters == null || failure().isPresent()) {
      return;
    }
    try {
      if (!handedOn(meter.await(() -> true, this::handedOn, HAND_ON_MAX))) {
        LOG.info("stopping before all is delivered; the rest follows after the next start");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warn("stopping without waiting for what is on its way: {}", e.toString());
    }
  }

  private boolean handedOn(FlowSnapshot flow) {
    SortedMap<String, String> states = destinations();
    return flow.judged() >= flow.emitted()
        && flow.destinations().entrySet().stream()
            .filter(entry -> "RUNNING".equals(states.get(entry.getKey())))
            .allMatch(entry -> entry.getValue().inFlight() == 0);
  }

  /** Nobody was told the password of the first start. */
  private void withdrawAdministrator() {
    if (database != null) {
      try {
        database.withdrawInitialAdministrator();
      } catch (RuntimeException e) {
        LOG.error("the first administrator could not be taken back: {}", e.getMessage());
      }
    }
  }

  private static void closeOne(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.error("{} could not be stopped", part.getClass().getSimpleName(), e);
    }
  }

  /**
   * Stops everything; what is on its way has a few seconds to arrive, or is delivered after the
   * next start.
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      closeOpened(true);
    }
  }
}
