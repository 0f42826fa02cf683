package io.sworn.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sworn.database.network.AccessList;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.report.FrameworkReader;
import io.sworn.report.schedule.ReportScheduler;
import io.sworn.server.Role;
import io.sworn.server.connect.ExporterSpec;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sworn.yaml} says. Every key has a default, so that no file is needed; see {@code
 * docs/configuration.md}.
 *
 * @param data where everything is kept
 * @param kafka the broker
 * @param database the database core
 * @param filterDirectory filter definitions put at start if they are not there yet
 * @param redactions what each route may not get to see
 * @param alerts rules that the alert engine begins with; empty: it does not run
 * @param exporters destinations
 * @param archive whether events are archived
 * @param console the web page
 * @param reports schedule of reports
 */
public record SwornConfig(
    Path data,
    Kafka kafka,
    Database database,
    Optional<Path> filterDirectory,
    RouteRedactions redactions,
    Optional<List<AlertRule>> alerts,
    List<ExporterSpec> exporters,
    boolean archive,
    WebPage console,
    List<Report> reports) {

  /**
   * The broker.
   *
   * @param properties client properties of an external Kafka; empty: the embedded broker
   * @param topics prefix of our topics
   * @param partitions of events and of each route
   */
  public record Kafka(Optional<Path> properties, Topics topics, int partitions) {}

  /**
   * The database core.
   *
   * @param name first part of its trail
   * @param listen address and port, port 0 takes a free one
   * @param access CIDR blocks from which connections are taken
   * @param auditAuthorizationSuccess whether allowed actions are audited too
   */
  public record Database(
      String name,
      InetSocketAddress listen,
      List<String> access,
      boolean auditAuthorizationSuccess) {}

  /** Whether and where the web page listens. */
  public record WebPage(boolean enabled, InetSocketAddress listen) {}

  /** A framework and when it is reported on, a Quartz cron expression. */
  public record Report(String framework, String cron) {

    /** Every day at six, UTC. */
    static final String CRON_DEFAULT = "0 0 6 * * ?";
  }

  private static final Set<Role> NOTHING = Set.of();

  /** Names of all routes that destinations read. */
  public Set<String> routes() {
    Set<String> routes = new TreeSet<>();
    exporters.forEach(exporter -> routes.add(exporter.route()));
    return routes;
  }

  /** The defaults, with everything kept in {@code data}. */
  public static SwornConfig defaults(Path data) {
    return load(null, data, name -> null, NOTHING);
  }

  /**
   * Reads a file in order to start all that it says. Nothing is written or connected to.
   *
   * @param file YAML; null: the defaults
   * @param data overrides the file's {@code data}; null: as the file says
   * @throws SwornException with all problems at once
   */
  public static SwornConfig load(@Nullable Path file, @Nullable Path data) {
    return load(file, data, EnumSet.allOf(Role.class));
  }

  /**
   * Reads a file in order to start some roles. Several machines may share one file: what exporters
   * need on their machine is looked at only where they start.
   *
   * @param file YAML; null: the defaults
   * @param data overrides the file's {@code data}; null: as the file says
   * @param roles what is started
   * @throws SwornException with all problems at once
   */
  public static SwornConfig load(@Nullable Path file, @Nullable Path data, Set<Role> roles) {
    return load(file, data, System::getenv, roles);
  }

  /**
   * Reads a file for a command beside what was started with it. What exporters find on this machine
   * is not looked at: the command shall tell of a destination that has broken, not refuse to run.
   *
   * @param file YAML; null: the defaults
   * @param data overrides the file's {@code data}; null: as the file says
   * @throws SwornException with all problems at once
   */
  public static SwornConfig loadBeside(@Nullable Path file, @Nullable Path data) {
    return load(file, data, System::getenv, NOTHING);
  }

  static SwornConfig load(
      @Nullable Path file,
      @Nullable Path data,
      UnaryOperator<@Nullable String> environment,
      Set<Role> starting) {
    if (file == null) {
      JsonNode nothing = MissingNode.getInstance();
      return read("the default configuration", nothing, data, Path.of(""), environment, starting);
    }
    Path base = file.toAbsolutePath().normalize().getParent();
    return read(
        file.toString(),
        YamlText.read(file),
        data,
        base == null ? Path.of("") : base,
        environment,
        starting);
  }

  private static SwornConfig read(
      String source,
      JsonNode node,
      @Nullable Path data,
      Path base,
      UnaryOperator<@Nullable String> environment,
      Set<Role> starting) {
    Problems problems = new Problems(source);
    Section root = new Section("", node, problems, base, environment);
    Path said = root.path("data");
    Path directory =
        (data != null ? data : said != null ? said : base.resolve("data")).toAbsolutePath();
    if (!starting.isEmpty()) {
      LocalFiles.obstacle(directory.resolve("lock"))
          .ifPresent(
              obstacle ->
                  root.told(
                      "data",
                      directory + " cannot be used: " + obstacle + "; name another directory"));
    }
    Kafka kafka = kafka(root.section("kafka"));
    Database database = database(root.section("database"));
    Section filters = root.section("filters");
    Optional<Path> filterDirectory = Optional.ofNullable(filters.path("directory"));
    filterDirectory
        .filter(path -> !Files.isDirectory(path))
        .ifPresent(path -> filters.wrong("directory", path.toString(), "a directory"));
    filters.end();
    RouteRedactions redactions = RedactionSection.read(root);
    Optional<List<AlertRule>> alerts = AlertSection.read(root);
    List<ExporterSpec> exporters =
        ExporterSection.read(root, directory, starting.contains(Role.EXPORTERS));
    Section archive = root.section("archive");
    boolean archived = archive.flag("enabled", true);
    archive.end();
    Section console = root.section("console");
    WebPage page =
        new WebPage(console.flag("enabled", true), console.address("listen", "127.0.0.1:8443"));
    console.end();
    List<Report> reports = reports(root, archived);
    root.end();
    problems.throwIfAny();
    return new SwornConfig(
        directory.normalize(),
        kafka,
        database,
        filterDirectory,
        redactions,
        alerts,
        exporters,
        archived,
        page,
        reports);
  }

  private static Kafka kafka(Section section) {
    Optional<Path> properties = Optional.ofNullable(section.path("properties"));
    properties
        .filter(path -> !Files.isReadable(path))
        .ifPresent(path -> section.wrong("properties", path.toString(), "a readable file"));
    String prefix = section.text("prefix", Topics.DEFAULT_PREFIX);
    Topics topics = Topics.standard();
    try {
      topics = new Topics(prefix);
    } catch (SwornException e) {
      section.wrong("prefix", prefix, "letters, digits, '-', '_' and dots, ending with a dot");
    }
    // Order is per trail, and a trail stays in one partition: more partitions, more trails at once.
    int partitions = section.number("partitions", 4, 1, 1000);
    section.end();
    return new Kafka(properties, topics, partitions);
  }

  private static Database database(Section section) {
    String name = section.text("name", "db-1");
    if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
      section.wrong("name", name, "1 to 64 letters, digits, '.', '_' and '-'");
    }
    List<String> access = section.texts("access", AccessList.LOOPBACK);
    try {
      AccessList.of(access);
    } catch (SwornException | IllegalArgumentException e) {
      section.wrong("access", String.join(", ", access), "CIDR blocks, such as 10.0.0.0/8");
    }
    Database database =
        new Database(
            name,
            section.address("listen", "127.0.0.1:27017"),
            List.copyOf(access),
            section.flag("audit-authorization-success", true));
    section.end();
    return database;
  }

  private static List<Report> reports(Section root, boolean archived) {
    List<Report> reports = new ArrayList<>();
    Set<String> planned = new HashSet<>();
    List<Section> given = root.sections("reports");
    for (Section section : given) {
      String framework = section.text("framework", "");
      if (!FrameworkReader.names().contains(framework)) {
        section.wrong("framework", framework, "one of " + FrameworkReader.names());
      } else if (!planned.add(framework)) {
        section.wrong("framework", framework, "a framework that is not planned yet");
      }
      String cron = section.text("schedule", Report.CRON_DEFAULT);
      ReportScheduler.problem(cron)
          .ifPresent(
              problem ->
                  section.wrong(
                      "schedule",
                      cron,
                      "a Quartz cron expression in UTC, such as \""
                          + Report.CRON_DEFAULT
                          + "\" ("
                          + problem
                          + ")"));
      reports.add(new Report(framework, cron));
      section.end();
    }
    if (!given.isEmpty() && !archived) {
      root.wrong("reports", given.size() + " planned", "archive.enabled: reports read the archive");
    }
    return List.copyOf(reports);
  }
}
