package io.sworn.server.demo;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.server.identity.OwnerOnly;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A real Elasticsearch node in a process of its own. It is Elastic's, under Elastic's licences, and
 * no part of Sworn: a checkout fetches it from Maven Central when it is asked for, with the build's
 * own settings, and its tests use the same one.
 */
final class ElasticsearchNode implements AutoCloseable {

  /** Directory of the checkout; set by {@code ./sworn}. */
  static final String HOME = "sworn.home";

  private static final String EXECUTION = "elasticsearch-8";
  private static final String UNPACKED = "exporters/target/es-node-8";
  private static final String LAUNCHER = "exporters/src/test/resources/es-node/EsNodeLauncher.java";
  private static final String REMEDY =
      "; name a node of your own with --elasticsearch=URL, or leave the option out";
  private static final Duration FETCH_MAX = Duration.ofMinutes(15);
  private static final Duration START_MAX = Duration.ofSeconds(120);
  private static final Duration STOP_MAX = Duration.ofSeconds(20);

  private final Process process;
  private final URI url;

  private ElasticsearchNode(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts a node, fetching it first if it is not there.
   *
   * @param own where it keeps its data and its log
   * @param say told of what takes time
   * @throws SwornException naming what prevents it and what to do
   */
  static ElasticsearchNode start(Path own, Consumer<String> say) {
    Path scratch = OwnerOnly.directory(own.resolve("elasticsearch"));
    Path home = home();
    Optional<Path> there = unpacked(home);
    if (there.isEmpty()) {
      say.accept(
          "fetching Elasticsearch (some 110 MB, once; not part of Sworn, under Elastic's licences)");
      fetch(home, scratch.resolve("fetch.log"));
      there = unpacked(home);
    }
    Path node =
        there.orElseThrow(() -> problem("nothing was unpacked in " + home.resolve(UNPACKED)));
    say.accept("starting " + node.getFileName());
    return launch(node, home.resolve(LAUNCHER), scratch);
  }

  private static Path home() {
    String given = System.getProperty(HOME, "");
    Path home = Path.of(given);
    if (given.isEmpty() || !Files.exists(home.resolve(LAUNCHER))) {
      throw problem("a node can only be fetched by ./sworn in a checkout of the sources");
    }
    return home;
  }

  private static Optional<Path> unpacked(Path home) {
    Path directory = home.resolve(UNPACKED);
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    try (Stream<Path> nodes = Files.list(directory)) {
      return nodes.filter(node -> Files.isDirectory(node.resolve("lib"))).findFirst();
    } catch (IOException e) {
      throw problem(directory + " cannot be listed", e);
    }
  }

  /** By Maven, so that mirrors, proxies and check sums are those of the build. */
  private static void fetch(Path home, Path log) {
    List<String> command =
        List.of("mvn", "-B", "-ntp", "-pl", "exporters", "dependency:unpack@" + EXECUTION);
    Process maven;
    try {
      maven =
          new ProcessBuilder(command)
              .directory(home.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw problem("no mvn found to fetch Elasticsearch with", e);
    }
    try {
      if (!maven.waitFor(FETCH_MAX.toSeconds(), TimeUnit.SECONDS) || maven.exitValue() != 0) {
        throw problem("Elasticsearch could not be fetched from Maven Central, see " + log);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw problem("interrupted while Elasticsearch is fetched", e);
    } finally {
      maven.destroy();
    }
  }

  private static ElasticsearchNode launch(Path node, Path launcher, Path scratch) {
    Path log = scratch.resolve("node.log");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms256m",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + scratch,
            "--module-path",
            node.resolve("lib").toString(),
            "--add-modules",
            "ALL-MODULE-PATH",
            launcher.toString(),
            node.toString(),
            scratch.toString());
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw problem("Elasticsearch cannot be started", e);
    }
    try {
      String address =
          CompletableFuture.supplyAsync(() -> ready(process))
              .get(START_MAX.toSeconds(), TimeUnit.SECONDS);
      return new ElasticsearchNode(process, URI.create("http://" + address));
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw problem("interrupted while Elasticsearch starts", e);
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw problem("Elasticsearch did not start, see " + log, e);
    }
  }

  /** Reads on behind the address: a full pipe would stop the node. */
  private static String ready(Process process) {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    try {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("READY ")) {
          Thread drain = new Thread(() -> out.lines().forEach(more -> {}), "elasticsearch-out");
          drain.setDaemon(true);
          drain.start();
          return line.substring("READY ".length());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("the node ended before it was ready");
  }

  private static SwornException problem(String what) {
    return new SwornException(ErrorCode.CONFIGURATION, what + REMEDY);
  }

  private static SwornException problem(String what, Throwable cause) {
    return new SwornException(ErrorCode.CONFIGURATION, what + REMEDY, cause);
  }

  /** Where it listens, on loopback. */
  URI url() {
    return url;
  }

  /** It stops when its input ends, also when this process dies. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
