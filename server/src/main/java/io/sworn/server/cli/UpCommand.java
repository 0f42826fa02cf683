package io.sworn.server.cli;

import io.sworn.event.SwornException;
import io.sworn.server.Role;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
  private static final Duration FAILURE_STOP_LIMIT = Duration.ofSeconds(10);

  @Mixin private InstanceOptions instance = new InstanceOptions();
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  UpCommand() {}

  @Override
  public final Integer call() throws Exception {
    Instant begin = Instant.now();
    SwornConfig config = instance.loadToStart(roles());
    AtomicBoolean ours = new AtomicBoolean();
    PrintWriter out = spec.commandLine().getOut();
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    AtomicInteger code = new AtomicInteger(Main.FAILED);
    Thread hook = new Thread(() -> awaitStop(stop, stopped, code), "stop");
    // Log and status of a directory belong to the instance that runs on it.
    Runnable held =
        () -> {
          ours.set(true);
          LogFile.open(config.data());
        };
    try (Sworn sworn = start(config, held)) {
      Runtime.getRuntime().addShutdownHook(hook);
      tell(sworn, out, Duration.between(begin, Instant.now()));
      AtomicBoolean failed = watch(sworn, stop);
      do {
        write(sworn);
      } while (!stop.await(1, TimeUnit.SECONDS));
      if (!failed.get()) {
        spec.commandLine().getErr().println("stopping");
        code.set(Main.OK);
      }
    } finally {
      if (ours.get()) {
        StatusFile.remove(config.data());
      }
      stopped.countDown();
    }
    return code.get();
  }

  /** What this command starts. */
  Set<Role> roles() {
    return EnumSet.allOf(Role.class);
  }

  /** Starts what this command runs. */
  Sworn start(SwornConfig config, Runnable held) {
    return Sworn.start(config, held);
  }

  /** Holds the exit of the process until everything is stopped; the signal's code is not ours. */
  private static void awaitStop(CountDownLatch stop, CountDownLatch stopped, AtomicInteger code) {
    stop.countDown();
    try {
      boolean clean = stopped.await(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
      Runtime.getRuntime().halt(clean ? code.get() : Main.FAILED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the process once a part has given up. On a thread of its own: parts that wait for the one
   * that has failed must not keep the process for minutes, and those that are asked for the status
   * may be such. An end by force is safe at any moment; a supervisor is waiting to start us again.
   *
   * @param stop counted down on failure, so that what can be stopped in order is
   * @return whether a part has given up
   */
  private AtomicBoolean watch(Sworn sworn, CountDownLatch stop) {
    AtomicBoolean failed = new AtomicBoolean();
    Thread thread =
        new Thread(
            () -> {
              try {
                Optional<String> failure;
                do {
                  failure = sworn.failure();
                } while (failure.isEmpty() && !stop.await(1, TimeUnit.SECONDS));
                if (failure.isPresent()) {
                  failed.set(true);
                  LOG.error("giving up: {}", failure.get());
                  spec.commandLine().getErr().println("giving up: " + failure.get());
                  stop.countDown();
                  Thread.sleep(FAILURE_STOP_LIMIT.toMillis());
                  Runtime.getRuntime().halt(Main.FAILED);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "failure-watch");
    thread.setDaemon(true);
    thread.start();
    return failed;
  }

  private static void write(Sworn sworn) {
    List<String> troubles = sworn.troubles();
    StatusFile status =
        new StatusFile(
            ProcessHandle.current().pid(),
            address(sworn),
            troubles.isEmpty(),
            troubles,
            sworn.destinations(),
            sworn.flow(),
            sworn.meter().hits());
    try {
      status.write(sworn.config().data());
    } catch (SwornException e) {
      // Events matter more than their display; without a fresh file 'status' says so itself.
      LOG.error("the status cannot be written: {}", e.getMessage());
    }
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
