package io.sworn.server.cli;

import static io.sworn.event.ErrorCode.INPUT;

import io.sworn.event.SwornException;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.Actor;
import io.sworn.server.trail.SwornTrail;
import io.sworn.server.trail.TrailEntry;
import io.sworn.server.trail.TrailShipper;
import java.util.function.Function;

/** Puts on record what a command is about to do; it is on disk before the command does it. */
final class OwnTrail {

  private OwnTrail() {}

  /**
   * Makes a change that is on record before it happens and only if it does. What is refused is on
   * record once, as refused; what fails once begun, a second time, as failed.
   *
   * @param change calls what it is given when every check is behind it, right before it writes
   * @throws RuntimeException what {@code change} throws
   */
  static <T> T changing(SwornConfig config, TrailEntry entry, Function<Runnable, T> change) {
    boolean[] begun = {false};
    boolean[] recorded = {false};
    try {
      return change.apply(
          () -> {
            begun[0] = true;
            record(config, entry);
            recorded[0] = true;
          });
    } catch (RuntimeException e) {
      if (begun[0] && !recorded[0]) {
        throw e; // the trail itself takes nothing, and so nothing was changed
      }
      boolean refused = !begun[0] && e instanceof SwornException why && why.code() == INPUT;
      try {
        record(config, refused ? entry.refused() : entry.failed());
      } catch (RuntimeException silent) {
        e.addSuppressed(silent);
      }
      throw e;
    }
  }

  /**
   * Records it. The instance on the same data directory sends it on, now or at its next start; with
   * a Kafka of one's own and no instance here, this process does.
   */
  static void record(SwornConfig config, TrailEntry entry) {
    SwornTrail trail = SwornTrail.open(config.data());
    trail.append(Actor.operator(), entry);
    if (config.kafka().properties().isPresent() && StatusFile.read(config.data()).isEmpty()) {
      TrailShipper.start(trail, InstanceOptions.operator(config), config.kafka().topics().events())
          .close(); // sends what waits first, for a bounded time
    }
  }
}
