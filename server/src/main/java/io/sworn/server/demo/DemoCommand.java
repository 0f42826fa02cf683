package io.sworn.server.demo;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.server.cli.LogFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
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

  @Spec private @Nullable CommandSpec spec;

  /** For picocli. */
  public DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    long begin = System.nanoTime();
    Instant started = Instant.now();
    Path directory = data.toAbsolutePath().normalize();
    writable(out);
    LogFile.openQuietly(directory);
    PrintWriter stdout = Objects.requireNonNull(spec).commandLine().getOut();
    say("starting broker, database, filters, exporters and archive in " + directory);
    try (Demonstration demonstration = Demonstration.start(directory)) {
      say(String.format(Locale.ROOT, "ready after %.1f s", (System.nanoTime() - begin) / 1e9));
      Reckoning reckoning;
      do {
        reckoning = demonstration.round(this::say);
      } while (!once);
      say("writing the report and its bundle");
      Evidence evidence = Evidence.leave(demonstration.sworn(), started, out);
      leave(demonstration.destinations().all());
      Summary summary = new Summary(stdout);
      summary.print(reckoning, demonstration.destinations(), demonstration.deadLetters());
      summary.print(evidence, out);
      summary.last(reckoning, evidence, (System.nanoTime() - begin) / 1e9);
      return reckoning.agrees() && evidence.sound() ? OK : FAILED;
    }
  }

  /** Copies what the destinations hold, so that DIR stays when the data directory goes. */
  private void leave(Map<String, Received> received) throws IOException {
    for (Map.Entry<String, Received> entry : received.entrySet()) {
      Path file = entry.getValue().file();
      if (Files.exists(file)) {
        Files.copy(
            file,
            out.resolve("delivered-" + entry.getKey() + ".jsonl"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
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

  private void say(String text) {
    PrintWriter stderr = Objects.requireNonNull(spec).commandLine().getErr();
    stderr.println("sworn demo: " + text);
    stderr.flush();
  }
}
