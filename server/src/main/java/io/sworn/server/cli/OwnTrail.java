package io.sworn.server.cli;

import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.Actor;
import io.sworn.server.trail.SwornTrail;
import io.sworn.server.trail.TrailEntry;
import io.sworn.server.trail.TrailShipper;

/** Puts on record what a command is about to do; it is on disk before the command does it. */
final class OwnTrail {

  private OwnTrail() {}

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
