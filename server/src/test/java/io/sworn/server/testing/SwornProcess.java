package io.sworn.server.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.evidence.archive.ArchiveReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code sworn} command in a process of its own, with everything real. */
public final class SwornProcess implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration READY_MAX = Duration.ofSeconds(60);

  /** After a kill, Kafka first has to give up what was begun: a matter of 10 to 20 seconds. */
  private static final Duration SETTLED_MAX = Duration.ofSeconds(150);

  private static final Pattern PASSWORD = Pattern.compile("password: +(\\S+) ");

  private final Process process;
  private final Path data;
  private final Path output;

  private SwornProcess(Process process, Path data, Path output) {
    this.process = process;
    this.data = data;
    this.output = output;
  }

  /**
   * Starts it; returns at once.
   *
   * @param directory holds {@code sworn.yaml}; data and output are kept there
   * @param java options of the JVM
   * @param arguments the command, to which the configuration is added unless it is the
   *     demonstration, which has none
   */
  public static SwornProcess start(Path directory, List<String> java, String... arguments)
      throws IOException {
    Path output = Files.createTempFile(directory, arguments[0] + "-", ".out");
    // Whoever runs the tests in the background may have us ignore Ctrl-C, and that is inherited.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(java);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.sworn.server.cli.Main"));
    command.addAll(List.of(arguments));
    if (!List.of(arguments).contains("demo")) {
      command.addAll(List.of("--config", directory.resolve("sworn.yaml").toString()));
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TERM", "xterm");
    builder.environment().remove("NO_COLOR");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    return new SwornProcess(process, directory.resolve("data"), output);
  }

  /** Waits until it says that it serves. */
  public SwornProcess awaitReady() throws Exception {
    return awaitOutput(Pattern.compile("Sworn is ready"));
  }

  /** Waits until it has written this, as long as a start may take. */
  public SwornProcess awaitOutput(Pattern wanted) throws Exception {
    return awaitOutput(wanted, READY_MAX);
  }

  /** Waits until it has written this. */
  public SwornProcess awaitOutput(Pattern wanted, Duration atMost) throws Exception {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!wanted.matcher(output()).find()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("no " + wanted + " in: " + output() + log());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return this;
  }

  /** The generated password of the first start; it is written after the line that says ready. */
  public String password() throws Exception {
    long deadline = System.nanoTime() + READY_MAX.toNanos();
    while (true) {
      Matcher matcher = PASSWORD.matcher(output());
      if (matcher.find()) {
        return matcher.group(1);
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("no password in: " + output());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** What it wrote to its standard output and error. */
  public String output() throws IOException {
    return Files.readString(output);
  }

  /** Its log file, and that of its broker. */
  public String log() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : List.of("logs/sworn.log", "kafka/broker.log")) {
      Path log = data.resolve(name);
      text.append(Files.exists(log) ? Files.readString(log) : "");
    }
    return text.toString();
  }

  /** What {@code sworn status} reads; empty before the first is written. */
  public Optional<JsonNode> status() throws IOException {
    try {
      return Optional.of(JSON.readTree(Files.readAllBytes(data.resolve("status.json"))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Waits until everything emitted is archived and at every destination, by the published numbers;
   * those numbers.
   */
  public JsonNode awaitSettled() throws Exception {
    long deadline = System.nanoTime() + SETTLED_MAX.toNanos();
    // The first numbers are published a moment after it serves.
    Optional<JsonNode> status = status();
    while (status.isEmpty() || !settled(status.get().path("flow"))) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not settled: " + status + "\n" + log());
      }
      TimeUnit.MILLISECONDS.sleep(50);
      status = status();
    }
    return status.get().path("flow");
  }

  /**
   * Waits until everything is settled and the archive itself holds as many events as the numbers
   * say: they are published once a second, and something may have been emitted since. Those
   * numbers.
   */
  public JsonNode awaitSettledArchive() throws Exception {
    long deadline = System.nanoTime() + SETTLED_MAX.toNanos();
    JsonNode flow = awaitSettled();
    long archived = archived();
    while (archived != flow.path("emitted").asLong()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the archive holds " + archived + ", settled are " + flow);
      }
      TimeUnit.MILLISECONDS.sleep(50);
      flow = awaitSettled();
      archived = archived();
    }
    return flow;
  }

  private long archived() {
    try (ArchiveReader archive = ArchiveReader.openReadOnly(data.resolve("archive"))) {
      return archive.size();
    }
  }

  /** The law, worked out here from the published numbers; every destination keeps everything. */
  private static boolean settled(JsonNode flow) {
    long emitted = flow.path("emitted").asLong();
    for (JsonNode end : flow.path("destinations")) {
      if (end.path("kept").asLong() != emitted
          || end.path("delivered").asLong() != emitted
          || end.path("deadLetters").asLong() != 0
          || end.path("inFlight").asLong() != 0) {
        return false;
      }
    }
    return emitted > 0
        && flow.path("gaps").asLong() == 0
        && flow.path("archived").asLong() == emitted
        && flow.path("judged").asLong() == emitted;
  }

  /** The broker's process, the only child. */
  public ProcessHandle broker() {
    return process.children().findFirst().orElseThrow();
  }

  /** SIGKILL; returns when it is gone. Its broker, an orphan now, stops by itself. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGKILL to it and to its broker. */
  public void killWithBroker() throws Exception {
    ProcessHandle broker = broker();
    process.destroyForcibly();
    broker.destroyForcibly();
    process.waitFor();
    broker.onExit().get(30, TimeUnit.SECONDS);
  }

  /** SIGTERM, as Ctrl-C does; the exit code. */
  public int stop() throws InterruptedException, IOException {
    process.destroy();
    return awaitEnd(Duration.ofSeconds(60));
  }

  /** Ctrl-C: SIGINT to the process and to all that it has started; all of them. */
  public List<ProcessHandle> interrupt() throws Exception {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    List<String> command = new ArrayList<>(List.of("kill", "-INT"));
    all.forEach(one -> command.add(String.valueOf(one.pid())));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException("cannot be interrupted: " + command);
    }
    return all;
  }

  /** Waits for its end; the exit code. */
  public int awaitEnd(Duration atMost) throws InterruptedException, IOException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("still runs after " + atMost + ": " + output() + log());
    }
    return process.exitValue();
  }

  /** Kills what is left. */
  @Override
  public void close() throws Exception {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }
}
