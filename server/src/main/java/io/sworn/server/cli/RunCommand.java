package io.sworn.server.cli;

import io.sworn.server.Role;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Runs some roles until it is told to stop. */
@Command(
    name = "run",
    description = "Starts only these roles, against the Kafka that the configuration names.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn run filters exporters --config sworn.yaml"})
final class RunCommand extends UpCommand {

  @Parameters(arity = "1..*", paramLabel = "ROLE", description = "${COMPLETION-CANDIDATES}")
  private List<Role> roles = List.of();

  @Override
  Set<Role> roles() {
    return EnumSet.copyOf(roles);
  }

  @Override
  Sworn start(SwornConfig config, Runnable held) {
    return Sworn.start(config, roles(), held);
  }
}
