package io.sworn.export.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real Elasticsearch node in a process of its own, from the distribution of Maven Central. */
public final class EsNode implements AutoCloseable {

  /** A version and the JVM that runs it. */
  public enum Version {
    /** On Java 17. */
    V8("es-node-8", 17),
    /** On Java 21 or newer. */
    V9("es-node-9", 21);

    private final String directory;
    private final int java;

    Version(String directory, int java) {
      this.directory = directory;
      this.java = java;
    }
  }

  private static final int START_SECONDS_MAX = 120;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern ID = Pattern.compile("\"_id\":\"([0-9a-f]{32})\"");

  private final Process process;
  private final String url;

  private EsNode(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /** The JVM for {@code version}: this one if it is new enough, else one below /usr/lib/jvm. */
  public static Optional<Path> java(Version version) throws IOException {
    if (Runtime.version().feature() >= version.java) {
      return Optional.of(Path.of(System.getProperty("java.home"), "bin", "java"));
    }
    Path all = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(all)) {
      return Optional.empty();
    }
    try (var homes = Files.list(all)) {
      return homes
          .filter(home -> feature(home) >= version.java)
          .map(home -> home.resolve("bin/java"))
          .findFirst();
    }
  }

  private static int feature(Path home) {
    Path release = home.resolve("release");
    try {
      Matcher version = Pattern.compile("JAVA_VERSION=\"(\\d+)").matcher(Files.readString(release));
      return version.find() ? Integer.parseInt(version.group(1)) : 0;
    } catch (IOException e) {
      // A directory without a release file is no JDK of a version that we can use.
      return 0;
    }
  }

  /**
   * Starts a node; the same scratch directory keeps its data.
   *
   * @param settings {@code key=value}
   */
  public static EsNode start(Version version, Path scratch, String... settings) throws Exception {
    Path home = home(version);
    Path java = java(version).orElseThrow(() -> new IOException("no JVM for " + version));
    Files.createDirectories(scratch);
    Path launcher = scratch.resolve("EsNodeLauncher.java");
    try (InputStream in = EsNode.class.getResourceAsStream("/es-node/EsNodeLauncher.java")) {
      Files.copy(
          Objects.requireNonNull(in, "launcher"), launcher, StandardCopyOption.REPLACE_EXISTING);
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                java.toString(),
                "-Xms256m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + scratch));
    if (version == Version.V9) {
      command.add(
          "--enable-native-access=ALL-UNNAMED,org.elasticsearch.foreign,org.apache.lucene.core");
    }
    command.addAll(
        List.of(
            "--module-path",
            home.resolve("lib").toString(),
            "--add-modules",
            "ALL-MODULE-PATH",
            launcher.toString(),
            home.toString(),
            scratch.toString()));
    command.addAll(List.of(settings));
    Path log = scratch.resolve("node.log");
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try {
      String address =
          CompletableFuture.supplyAsync(() -> ready(process))
              .get(START_SECONDS_MAX, TimeUnit.SECONDS);
      return new EsNode(process, "http://" + address);
    } catch (Exception e) {
      process.destroyForcibly();
      throw new IOException("Elasticsearch did not start:\n" + Files.readString(log), e);
    }
  }

  private static Path home(Version version) throws IOException {
    for (String target : new String[] {"target", "../exporters/target"}) {
      Path unpacked = Path.of(target, version.directory).toAbsolutePath();
      if (Files.isDirectory(unpacked)) {
        try (var homes = Files.list(unpacked)) {
          return homes
              .filter(home -> Files.isDirectory(home.resolve("lib")))
              .findFirst()
              .orElseThrow(() -> new IOException("nothing unpacked in " + unpacked))
              .normalize();
        }
      }
    }
    throw new IOException(version.directory + " is not unpacked: run mvn pre-integration-test");
  }

  private static String ready(Process process) {
    try {
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("READY ")) {
          Thread drain = new Thread(() -> drain(out), "es-node-out");
          drain.setDaemon(true);
          drain.start();
          return line.substring("READY ".length());
        }
      }
      throw new IllegalStateException("the node ended with " + process.waitFor());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void drain(BufferedReader out) {
    try {
      while (out.readLine() != null) {
        // Nobody reads the node's log here; a full pipe would stop it.
      }
    } catch (IOException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where it listens. */
  public String url() {
    return url;
  }

  /** Its port. */
  public int port() {
    return URI.create(url).getPort();
  }

  /** Sends a request with a JSON body. */
  public String request(String method, String path, String json) throws Exception {
    HttpResponse<String> response =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(json))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + ": " + response.body());
    }
    return response.body();
  }

  /** Ids of all documents of a data stream, at most 10,000. */
  public Set<String> ids(String dataStream) throws Exception {
    request("POST", "/" + dataStream + "/_refresh", "");
    String found =
        request(
            "POST",
            "/" + dataStream + "/_search?size=10000&_source=false&filter_path=hits.hits._id",
            "{}");
    Set<String> ids = new HashSet<>();
    for (Matcher id = ID.matcher(found); id.find(); ) {
      ids.add(id.group(1));
    }
    return ids;
  }

  /** Number of documents of a data stream. */
  public long count(String dataStream) throws Exception {
    request("POST", "/" + dataStream + "/_refresh", "");
    Matcher count =
        Pattern.compile("\"count\":(\\d+)")
            .matcher(request("GET", "/" + dataStream + "/_count", ""));
    return count.find() ? Long.parseLong(count.group(1)) : -1;
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
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
