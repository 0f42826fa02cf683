package io.sworn.server.cli;

import io.sworn.event.SwornException;
import io.sworn.filter.DefinitionStore;
import io.sworn.filter.Versioned;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.TrailEntry;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A command on the definitions of a running instance; each result is one JSON object a line.
 *
 * @param <D> what is defined
 */
abstract class LiveCommand<D extends Versioned<D>, S extends DefinitionStore<D>>
    implements Callable<Integer> {

  @Mixin private InstanceOptions instance = new InstanceOptions();
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  LiveCommand() {}

  @Override
  public final Integer call() {
    SwornConfig config = instance.load();
    try (S store = open(config)) {
      work(store, config);
    }
    return Main.OK;
  }

  abstract S open(SwornConfig config);

  abstract void work(S store, SwornConfig config);

  final void print(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }

  final void warn(String text) {
    spec.commandLine().getErr().println(text);
    spec.commandLine().getErr().flush();
  }

  /** A change, on record before it happens, with its reason. */
  abstract static class Change<D extends Versioned<D>, S extends DefinitionStore<D>>
      extends LiveCommand<D, S> {

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why it is changed.")
    private String reason = "";

    final String reason() {
      return reason;
    }

    static String author() {
      return System.getProperty("user.name", "unknown");
    }

    /**
     * Changes a definition; what is refused is on record as refused.
     *
     * @param change uses the store, whatever its checks
     * @return the new version, or empty if everything is as it was asked for already
     * @throws SwornException saying why nothing was changed
     */
    final Optional<D> change(S store, SwornConfig config, TrailEntry entry, Supplier<D> change) {
      boolean[] changed = {false};
      D current =
          OwnTrail.changing(
              config,
              entry,
              record -> {
                store.before(
                    definition -> {
                      record.run();
                      changed[0] = true;
                    });
                return change.get();
              });
      return changed[0] ? Optional.of(current) : Optional.empty();
    }

    /** Switches it off; says so if it is off. */
    final Optional<D> disable(S store, SwornConfig config, TrailEntry entry, String name) {
      Optional<D> off = change(store, config, entry, () -> store.disable(name, author(), reason()));
      if (off.isEmpty()) {
        warn("'" + name + "' is off already: nothing was changed");
      }
      return off;
    }
  }
}
