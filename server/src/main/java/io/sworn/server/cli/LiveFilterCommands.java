package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterStore;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.TrailEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Commands on the filters that judge at this moment; each result is one JSON object a line. */
final class LiveFilterCommands {

  private LiveFilterCommands() {}

  /** What all of them share. */
  abstract static class Live implements Callable<Integer> {

    @Mixin private InstanceOptions instance = new InstanceOptions();
    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Live() {}

    @Override
    public final Integer call() {
      SwornConfig config = instance.load();
      try (FilterStore store =
          FilterStore.connect(InstanceOptions.operator(config), config.kafka().topics())) {
        for (FilterDefinition definition : work(store, config)) {
          spec.commandLine()
              .getOut()
              .println(new String(definition.toBytes(), StandardCharsets.UTF_8));
        }
      }
      return Main.OK;
    }

    abstract List<FilterDefinition> work(FilterStore store, SwornConfig config);

    static String author() {
      return System.getProperty("user.name", "unknown");
    }
  }

  /** Writes a new version. */
  @Command(
      name = "put",
      description = "Puts a filter; it judges from the next event on, without a restart.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter put failed-logins my-filter.json --route splunk"})
  static final class Put extends Live {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Parameters(index = "1", paramLabel = "FILE")
    private Path file = Path.of("");

    @Option(
        names = "--route",
        paramLabel = "ROUTE",
        description = "Where kept events go, several allowed; default: every configured route.")
    private List<String> routes = List.of();

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why it is changed.")
    private String reason = "";

    @Option(names = "--strict", description = "Refuses what only Sworn knows, such as $$cidr.")
    private boolean strict;

    @Override
    List<FilterDefinition> work(FilterStore store, SwornConfig config) {
      FilterCommand.compile(file, strict);
      try {
        String filter = Files.readString(file);
        List<String> to = routes.isEmpty() ? List.copyOf(config.routes()) : routes;
        OwnTrail.record(config, TrailEntry.filterPut(name, filter, to, reason));
        return List.of(store.put(name, filter, to, author(), reason));
      } catch (IOException e) {
        throw new SwornException(ErrorCode.INPUT, file + " cannot be read: " + e, e);
      }
    }
  }

  /** All of them. */
  @Command(
      name = "list",
      description = "The filters that judge at this moment.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter list"})
  static final class Enumerate extends Live {
    @Override
    List<FilterDefinition> work(FilterStore store, SwornConfig config) {
      return store.list();
    }
  }

  /** The history of one. */
  @Command(
      name = "show",
      description = "Every version of one filter, oldest first.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter show failed-logins"})
  static final class Show extends Live {

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Override
    List<FilterDefinition> work(FilterStore store, SwornConfig config) {
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
  static final class Rollback extends Live {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Parameters(index = "1", paramLabel = "VERSION")
    private int version;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why it is changed.")
    private String reason = "";

    @Override
    List<FilterDefinition> work(FilterStore store, SwornConfig config) {
      OwnTrail.record(config, TrailEntry.filterRollback(name, version, reason));
      return List.of(store.rollback(name, version, author(), reason));
    }
  }

  /** Off, until it is put or rolled back. */
  @Command(
      name = "disable",
      description =
          "Switches a filter off; nothing is kept by it any more. Rollback brings it back.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn filter disable failed-logins --reason 'replaced by logins'"})
  static final class Disable extends Live {

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why it is changed.")
    private String reason = "";

    @Override
    List<FilterDefinition> work(FilterStore store, SwornConfig config) {
      OwnTrail.record(config, TrailEntry.filterDisable(name, reason));
      return List.of(store.disable(name, author(), reason));
    }
  }
}
