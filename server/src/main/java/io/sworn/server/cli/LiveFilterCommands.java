package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.FilterAccount;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.FilterAccounts;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterStore;
import io.sworn.filter.FilterWarning;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.filters.FilterFile;
import io.sworn.server.trail.TrailEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands on the filters that judge at this moment; each result is one JSON object a line. */
final class LiveFilterCommands {

  private LiveFilterCommands() {}

  private static FilterStore connect(SwornConfig config) {
    return FilterStore.connect(InstanceOptions.operator(config), config.kafka().topics());
  }

  /** One line: the definition, and where it began to judge and how often it matched. */
  private static String json(FilterDefinition definition, FilterAccounts accounts) {
    Map<String, Object> line = new LinkedHashMap<>();
    Map<?, ?> members = SwornJson.read(definition.toBytes(), Map.class);
    members.forEach((key, value) -> line.put(String.valueOf(key), value));
    Map<String, Long> offsets = new TreeMap<>();
    long hits = 0;
    for (FilterAccount account : accounts.of(definition).values()) {
      offsets.put(Integer.toString(account.partition()), account.from());
      hits += account.hits();
    }
    line.put("from", offsets);
    line.put("hits", hits);
    return new String(SwornJson.write(line), StandardCharsets.UTF_8);
  }

  /** A look at what is there. */
  abstract static class Look extends LiveCommand<FilterDefinition, FilterStore> {
    @Override
    final FilterStore open(SwornConfig config) {
      return connect(config);
    }

    @Override
    final void work(FilterStore store, SwornConfig config) {
      List<FilterDefinition> found = look(store);
      try (FilterAccounts accounts =
          FilterAccounts.all(InstanceOptions.operator(config), config.kafka().topics())) {
        accounts.refresh();
        found.forEach(definition -> print(json(definition, accounts)));
      }
    }

    abstract List<FilterDefinition> look(FilterStore store);
  }

  /** A change, followed until it judges. */
  abstract static class Change extends LiveCommand.Change<FilterDefinition, FilterStore> {

    @Option(
        names = "--wait",
        paramLabel = "SECONDS",
        description = {
          "How long to wait until the change judges at every partition, 0 to 600;",
          "default: ${DEFAULT-VALUE}."
        })
    private int wait = 30;

    @Override
    final FilterStore open(SwornConfig config) {
      return connect(config);
    }

    @Override
    final void work(FilterStore store, SwornConfig config) {
      if (wait < 0 || wait > 600) {
        throw new SwornException(ErrorCode.INPUT, "--wait " + wait + ": expected 0 to 600 seconds");
      }
      try (FilterAccounts accounts =
          FilterAccounts.fromNow(InstanceOptions.operator(config), config.kafka().topics())) {
        Optional<FilterDefinition> made = change(store, config);
        if (made.isEmpty()) {
          return;
        }
        FilterDefinition changed = made.get();
        boolean everywhere = accounts.awaitSwitch(changed, Duration.ofSeconds(wait));
        SortedMap<Integer, Long> from = new TreeMap<>();
        accounts.of(changed).forEach((partition, account) -> from.put(partition, account.from()));
        if (!from.isEmpty()) {
          OwnTrail.record(config, TrailEntry.filterSwitched(changed.label(), from));
        }
        print(json(changed, accounts));
        if (!everywhere) {
          warn(
              "version "
                  + changed.version()
                  + " is stored, but does not judge everywhere yet: see 'sworn status' whether the"
                  + " filters run, and 'sworn filter show "
                  + changed.name()
                  + "' where it does");
        }
      }
    }

    abstract Optional<FilterDefinition> change(FilterStore store, SwornConfig config);
  }

  /** Writes a new version. */
  @Command(
      name = "put",
      description = "Puts a filter; it judges from the next event on, without a restart.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter put failed-logins my-filter.json --route splunk"})
  static final class Put extends Change {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Parameters(index = "1", paramLabel = "FILE")
    private Path file = Path.of("");

    @Option(
        names = "--route",
        paramLabel = "ROUTE",
        description =
            "Where kept events go, several allowed; default: what FILE says, else every configured route.")
    private List<String> routes = List.of();

    @Option(
        names = "--shadow",
        description =
            "Judges and counts, but routes nothing: 'sworn filter list' shows the hits. Put it again"
                + " without, and it routes.")
    private boolean shadow;

    @Option(names = "--strict", description = "Refuses what only Sworn knows, such as $$cidr.")
    private boolean strict;

    @Option(names = "--force", description = "Puts even what can never match an event.")
    private boolean force;

    @Override
    Optional<FilterDefinition> change(FilterStore store, SwornConfig config) {
      FilterFile definition = FilterCommand.definition(file);
      String filter = definition.filter();
      List<String> to =
          routes.isEmpty() ? definition.routes().orElse(List.copyOf(config.routes())) : routes;
      boolean only = shadow || definition.shadow();
      return change(
          store,
          config,
          TrailEntry.filterPut(name, filter, to, only, reason()),
          () -> {
            check(FilterCommand.compile(file, definition, strict));
            to.stream()
                .filter(route -> !config.routes().contains(route))
                .forEach(route -> warn(unread(route, config)));
            return only
                ? store.putShadow(name, filter, to, author(), reason())
                : store.put(name, filter, to, author(), reason());
          });
    }

    private void check(AuditFilter compiled) {
      List<FilterWarning> warnings = compiled.warnings();
      warnings.forEach(warning -> warn("warning " + warning));
      if (!force && FilterWarning.neverMatches(warnings)) {
        throw new SwornException(
            ErrorCode.INPUT,
            file + ": not put, it can never match an event; --force puts it all the same");
      }
    }

    private static String unread(String route, SwornConfig config) {
      return "warning: no destination reads route '"
          + route
          + "'; configured: "
          + (config.routes().isEmpty() ? "none" : String.join(", ", config.routes()));
    }
  }

  /** All of them. */
  @Command(
      name = "list",
      description = "The newest version of every filter, shadows and disabled ones included.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter list"})
  static final class Enumerate extends Look {
    @Override
    List<FilterDefinition> look(FilterStore store) {
      return store.list();
    }
  }

  /** The history of one. */
  @Command(
      name = "show",
      description = "Every version of one filter, oldest first.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter show failed-logins"})
  static final class Show extends Look {

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Override
    List<FilterDefinition> look(FilterStore store) {
      List<FilterDefinition> versions = store.versions(name);
      if (versions.isEmpty()) {
        throw new SwornException(
            ErrorCode.INPUT, "no filter '" + name + "': 'sworn filter list' shows all");
      }
      return versions;
    }
  }

  /** Back to an earlier version. */
  @Command(
      name = "rollback",
      description = "Writes an earlier version again, as the newest one.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter rollback failed-logins 1"})
  static final class Rollback extends Change {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Parameters(index = "1", paramLabel = "VERSION")
    private int version;

    @Override
    Optional<FilterDefinition> change(FilterStore store, SwornConfig config) {
      return change(
          store,
          config,
          TrailEntry.filterRollback(name, version, reason()),
          () -> store.rollback(name, version, author(), reason()));
    }
  }

  /** Off, until it is put or rolled back. */
  @Command(
      name = "disable",
      description =
          "Switches a filter off; nothing is kept by it any more. Rollback brings it back.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter disable failed-logins --reason 'replaced by logins'"})
  static final class Disable extends Change {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Override
    Optional<FilterDefinition> change(FilterStore store, SwornConfig config) {
      return disable(store, config, TrailEntry.filterDisable(name, reason()), name);
    }
  }
}
