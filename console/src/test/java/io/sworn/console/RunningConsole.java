package io.sworn.console;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A console with a certificate made for the test, a host in memory and a clock that can be moved.
 */
final class RunningConsole implements ConsoleData, AutoCloseable {

  static final String USER = "admin";
  static final String PASSWORD = "correct horse 4 battery";

  final List<ConsoleAction> actions = new CopyOnWriteArrayList<>();
  final List<ReportSummary> listed = new CopyOnWriteArrayList<>();
  final Map<String, Path> files = new TreeMap<>();
  final TestClock clock = new TestClock();
  volatile FlowSnapshot flow = flow(0, 0, 0);
  final Console console;

  RunningConsole(Path directory) throws Exception {
    writeIdentity(directory);
    console =
        Console.start(
            new ConsoleConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                directory.resolve("console.pem"),
                directory.resolve("console-key.pem")),
            this,
            clock);
  }

  static FlowSnapshot flow(long emitted, long kept, long delivered) {
    TreeMap<String, DestinationFlow> destinations = new TreeMap<>();
    destinations.put("splunk", new DestinationFlow("siem", kept, delivered, 0, kept - delivered));
    destinations.put("files", new DestinationFlow("files", kept, kept, 0, 0));
    return new FlowSnapshot(emitted, emitted, emitted, 2, 0, 0, destinations, 1_790_000_000_000L);
  }

  void addReport(Path directory, String id, String html) throws IOException {
    Path file = directory.resolve(id + ".html");
    Files.writeString(file, html);
    files.put(id, file);
    Instant from = Instant.parse("2026-10-01T00:00:00Z");
    listed.add(
        new ReportSummary(
            id,
            "PCI DSS 4.0.1",
            from,
            from.plus(Duration.ofDays(31)),
            from.plus(Duration.ofDays(32)),
            Map.of("PASS", 8, "FAIL", 1)));
  }

  String url(String path) {
    return "https://127.0.0.1:" + console.address().getPort() + path;
  }

  @Override
  public FlowSnapshot flow() {
    return flow;
  }

  @Override
  public List<ReportSummary> reports() {
    return listed;
  }

  @Override
  public Optional<Path> report(String id) {
    return Optional.ofNullable(files.get(id));
  }

  @Override
  public boolean signIn(String user, char[] password) {
    return user.equals(USER) && PASSWORD.equals(new String(password));
  }

  @Override
  public void audited(ConsoleAction action) {
    actions.add(action);
  }

  List<ConsoleAction.Kind> kinds() {
    return actions.stream().map(ConsoleAction::kind).toList();
  }

  @Override
  public void close() {
    console.close();
  }

  static final class TestClock extends Clock {
    private volatile Instant now = Instant.parse("2026-11-24T10:00:00Z");

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static void writeIdentity(Path directory) throws Exception {
    Path store = directory.resolve("console.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "console",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IOException("keytool failed");
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    PrivateKey key = (PrivateKey) keys.getKey("console", "changeit".toCharArray());
    pem(
        directory.resolve("console.pem"),
        "CERTIFICATE",
        keys.getCertificate("console").getEncoded());
    pem(directory.resolve("console-key.pem"), "PRIVATE KEY", key.getEncoded());
  }

  private static void pem(Path file, String type, byte[] content) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
  }
}
