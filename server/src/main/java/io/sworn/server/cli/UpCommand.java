package io.sworn.server.cli;

import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs everything until it is told to stop. */
@Command(
    name = "up",
    description = "Starts everything in one go and says where to connect; Ctrl-C stops it.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn up --config sworn.yaml"})
class UpCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(UpCommand.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(90);

  @Mixin private InstanceOptions instance = new InstanceOptions();
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  UpCommand() {}

  @Override
  public final Integer call() throws Exception {
    Instant begin = Instant.now();
    SwornConfig config = instance.load();
    LogFile.open(config.data());
    PrintWriter out = spec.commandLine().getOut();
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook = new Thread(() -> awaitStop(stop, stopped), "stop");
    try (Sworn sworn = start(config)) {
      Runtime.getRuntime().addShutdownHook(hook);
      tell(sworn, out, Duration.between(begin, Instant.now()));
      do {
        write(sworn);
      } while (!stop.await(1, TimeUnit.SECONDS));
      spec.commandLine().getErr().println("stopping");
    } finally {
      StatusFile.remove(config.data());
      stopped.countDown();
    }
    return Main.OK;
  }

  /** Starts what this command runs. */
  Sworn start(SwornConfig config) {
    return Sworn.start(config);
  }

  /** Holds the exit of the process until everything is stopped; the signal's code is not ours. */
  private static void awaitStop(CountDownLatch stop, CountDownLatch stopped) {
    stop.countDown();
    try {
      boolean clean = stopped.await(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
      Runtime.getRuntime().halt(clean ? Main.OK : Main.FAILED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(Sworn sworn) throws IOException {
    new StatusFile(
            ProcessHandle.current().pid(),
            address(sworn),
            sworn.healthy(),
            sworn.destinations(),
            sworn.flow())
        .write(sworn.config().data());
  }

  private static String address(Sworn sworn) {
    if (!sworn.hasDatabase()) {
      return "";
    }
    return sworn.databaseAddress().getAddress().getHostAddress()
        + ":"
        + sworn.databaseAddress().getPort();
  }

  private static void tell(Sworn sworn, PrintWriter out, Duration took) {
    out.printf(Locale.ROOT, "Sworn is ready after %.1f s.%n", took.toMillis() / 1000.0);
    out.println();
    if (sworn.hasDatabase()) {
      tellDatabase(sworn, out);
    }
    sworn
        .config()
        .exporters()
        .forEach(
            exporter ->
                out.println(
                    "  destination:   " + exporter.name() + " <- route " + exporter.route()));
    sworn.archive().ifPresent(a -> out.println("  verifier key:  " + a.verifier()));
    sworn.consoleAddress().ifPresent(page -> out.println("  console:       " + page));
    out.println("  data:          " + sworn.config().data());
    out.println("  log:           " + sworn.config().data().resolve("logs").resolve("sworn.log"));
    out.flush();
    LOG.info("ready after {}", took);
  }

  private static void tellDatabase(Sworn sworn, PrintWriter out) {
    String user = sworn.initialAdministrator().map(first -> first.user()).orElse("USER");
    out.println(
        "  mongosh \"mongodb://"
            + user
            + "@"
            + address(sworn)
            + "/?authSource=admin&tls=true\" --tlsCAFile "
            + sworn.authority());
    out.println();
    sworn
        .initialAdministrator()
        .ifPresent(
            first -> {
              out.println("  administrator: " + first.user());
              out.println("  password:      " + first.password() + "   (shown only this once)");
            });
  }
}
