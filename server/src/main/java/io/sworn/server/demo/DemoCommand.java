package io.sworn.server.demo;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.server.Sworn;
import io.sworn.server.cli.LogFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts everything with destinations on loopback and lets clients work. */
@Command(
    name = "demo",
    description = "Starts everything, lets honest and hostile clients work, and counts.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn demo --once --out out"})
public final class DemoCommand implements Callable<Integer> {

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int INTERRUPTED = 130;

  /** Instead of a URL: start one. */
  private static final String NODE = "node";

  /** A round is some 140 events, so this bounds the rate. */
  private static final Duration ROUND = Duration.ofSeconds(6);

  /** However long a round took, its balance stays long enough to be drawn and read. */
  private static final Duration REST_MIN = Duration.ofSeconds(1);

  /** An endless demonstration reports on its end alone, so that Ctrl-C does not take minutes. */
  private static final Duration REPORTED = Duration.ofMinutes(10);

  @Option(names = "--once", description = "Runs one round, prints the balance, stops.")
  private boolean once;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the results are left; default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("out");

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DIR",
      description = "Data directory; default: ${DEFAULT-VALUE}.")
  private Path data = Path.of("data");

  @Option(
      names = "--elasticsearch",
      paramLabel = "URL",
      arity = "0..1",
      fallbackValue = NODE,
      description = {
        "Delivers to a real Elasticsearch, too: fetches and starts a node, or uses that at URL with",
        "SWORN_DEMO_ELASTICSEARCH_API_KEY, or _USER and _PASSWORD, and _CA, of the environment."
      })
  private @Nullable String elasticsearch;

  @Spec private @Nullable CommandSpec spec;

  /** For picocli. */
  public DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    long begin = System.nanoTime();
    Instant started = Instant.now();
    Path directory = data.toAbsolutePath().normalize();
    writable(out);
    LogFile.quieten();
    Thread worker = Thread.currentThread();
    AtomicBoolean working = new AtomicBoolean();
    // A start is finished in any case. One round is given up where it stands; of an endless
    // demonstration the round is finished and counted.
    Runnable giveUp =
        () -> {
          say("stopping");
          if (once && working.get()) {
            worker.interrupt();
          }
        };
    try (Stop stop = Stop.onSignal(giveUp)) {
      int code = FAILED;
      try {
        code = run(directory, begin, started, stop, working);
      } catch (InterruptedException | RuntimeException e) {
        if (!stop.wished()) {
          throw e;
        }
        say("interrupted; what is on its way arrives with the next run on " + directory);
        code = INTERRUPTED;
      } finally {
        stop.code(code);
      }
      return code;
    }
  }

  private int run(Path directory, long begin, Instant started, Stop stop, AtomicBoolean working)
      throws Exception {
    say("starting broker, database, filters, exporters and archive in " + directory);
    try (Demonstration demonstration = Demonstration.start(directory, wish(), this::say)) {
      say(String.format(Locale.ROOT, "ready after %.1f s", (System.nanoTime() - begin) / 1e9));
      working.set(true);
      try {
        if (stop.wished()) {
          throw new InterruptedException("stopped before the first round");
        }
        return run(demonstration, begin, started, stop);
      } finally {
        Thread.interrupted(); // what stops now must not be cut off in its turn
      }
    }
  }

  private int run(Demonstration demonstration, long begin, Instant started, Stop stop)
      throws Exception {
    if (once) {
      demonstration.round(this::say);
    } else {
      rounds(demonstration, stop);
    }
    say("writing the report and its bundle");
    Instant earliest = Instant.now().minus(REPORTED);
    Evidence evidence =
        Evidence.leave(demonstration.sworn(), started.isBefore(earliest) ? earliest : started, out);
    Reckoning reckoning = demonstration.reckon();
    leave(demonstration.destinations().all());
    Summary summary = new Summary(stdout());
    summary.print(reckoning, demonstration.destinations(), demonstration.deadLetters());
    summary.alerts(demonstration.alerts());
    summary.print(evidence, out);
    summary.last(reckoning, evidence, (System.nanoTime() - begin) / 1e9);
    return demonstration.agreed() && evidence.sound() ? OK : FAILED;
  }

  /** Rounds at a bounded rate until somebody wants it to stop. */
  private void rounds(Demonstration demonstration, Stop stop) throws Exception {
    tell(demonstration);
    try (LiveDisplay display =
        LiveDisplay.start(
            stdout(),
            LiveDisplay.Terminal.detect(),
            demonstration.sworn()::flow,
            demonstration.destinations().splunk())) {
      while (true) {
        long begin = System.nanoTime();
        Reckoning reckoning = demonstration.round(display::step);
        display.round(reckoning);
        display.step("the clients rest");
        Duration rest = ROUND.minusNanos(System.nanoTime() - begin);
        if (stop.await(rest.compareTo(REST_MIN) < 0 ? REST_MIN : rest)) {
          return;
        }
      }
    }
  }

  private void tell(Demonstration demonstration) {
    Sworn sworn = demonstration.sworn();
    PrintWriter to = stdout();
    to.println();
    to.printf(
        "  mongosh \"mongodb://%s@%s:%d/?authSource=admin&tls=true\" --tlsCAFile %s%n",
        demonstration.administrator().user(),
        sworn.databaseAddress().getAddress().getHostAddress(),
        sworn.databaseAddress().getPort(),
        sworn.authority());
    sworn.consoleAddress().ifPresent(page -> to.println("  console   " + page));
    to.println("  password  second line of " + demonstration.administratorFile());
    to.println();
    to.flush();
  }

  /** Copies what the destinations hold, so that DIR stays when the data directory goes. */
  private void leave(Map<String, End> ends) throws IOException {
    for (Map.Entry<String, End> entry : ends.entrySet()) {
      entry.getValue().leave(out.resolve("delivered-" + entry.getKey() + ".jsonl"));
    }
  }

  private Demonstration.Wish wish() {
    boolean node = NODE.equals(elasticsearch);
    return new Demonstration.Wish(
        once,
        node,
        node ? Optional.empty() : Optional.ofNullable(elasticsearch).map(DemoCommand::url));
  }

  /**
   * The address of a cluster.
   *
   * @throws SwornException if it is none, or holds credentials; these are not repeated
   */
  static URI url(String text) {
    if (text.contains("@")) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "--elasticsearch takes an address without user and password, which others could read in"
              + " the list of processes: write it as in --elasticsearch=https://localhost:9200 and"
              + " name the user in "
              + ElasticsearchEnd.USER
              + " and "
              + ElasticsearchEnd.PASSWORD
              + " of the environment");
    }
    try {
      URI url = new URI(text);
      if (List.of("http", "https").contains(String.valueOf(url.getScheme()))
          && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      throw new SwornException(ErrorCode.CONFIGURATION, notAnAddress(text), e);
    }
    throw new SwornException(ErrorCode.CONFIGURATION, notAnAddress(text));
  }

  private static String notAnAddress(String text) {
    return "--elasticsearch="
        + text
        + " is no address: write it as in --elasticsearch=https://localhost:9200";
  }

  private static void writable(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.delete(Files.createTempFile(directory, ".sworn", ""));
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "--out " + directory + " cannot be written: name another directory (" + e + ")",
          e);
    }
  }

  private PrintWriter stdout() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private void say(String text) {
    PrintWriter stderr = Objects.requireNonNull(spec).commandLine().getErr();
    stderr.println("sworn demo: " + text);
    stderr.flush();
  }
}
