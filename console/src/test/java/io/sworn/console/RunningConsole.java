package io.sworn.console;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A console with a certificate made for the test, a host in memory and a clock that can be moved.
 */
final class RunningConsole implements ConsoleData, AutoCloseable {

  static final String USER = "admin";
  static final String PASSWORD = "correct horse 4 battery";

  final List<ConsoleAction> actions = new CopyOnWriteArrayList<>();
  final List<ReportSummary> listed = new CopyOnWriteArrayList<>();
  final List<AlertLine> alerts = new CopyOnWriteArrayList<>();
  final List<RuleLine> rules = new CopyOnWriteArrayList<>();
  final Map<String, Path> files = new TreeMap<>();
  final TestClock clock = new TestClock();
  volatile FlowSnapshot flow = flow(0, 0, 0);
  final TestCertificates certificates;
  final Console console;

  RunningConsole(Path directory) throws Exception {
    certificates = TestCertificates.create(directory.resolve("tls"));
    console =
        Console.start(
            new ConsoleConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                certificates.serverCertificate(),
                certificates.serverKey()),
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
            Map.of("PASS", 8, "FAIL", 1),
            true));
  }

  void addAlert(String rule, String title, String severity, String user, long count) {
    Map<String, String> group = new TreeMap<>(Map.of("remote_ip", "10.0.0.9", "param_user", user));
    Instant at = Instant.parse("2026-11-24T09:12:07Z").minus(Duration.ofMinutes(alerts.size()));
    alerts.add(new AlertLine(rule, title, severity, group, at, count));
  }

  void addRule(String name, String title, String severity, boolean enabled) {
    Optional<Instant> changed =
        enabled ? Optional.empty() : Optional.of(Instant.parse("2026-11-23T16:40:00Z"));
    rules.add(
        new RuleLine(
            name,
            enabled ? 1 : 2,
            enabled,
            severity,
            "threshold",
            title,
            enabled ? "sworn" : "ann",
            enabled ? "" : "too many of a batch job",
            changed));
  }

  String url(String path) {
    return "https://127.0.0.1:" + console.address().getPort() + path;
  }

  @Override
  public FlowSnapshot flow() {
    return flow;
  }

  @Override
  public List<AlertLine> alerts() {
    return alerts;
  }

  @Override
  public List<RuleLine> rules() {
    return rules;
  }

  @Override
  public List<ReportSummary> reports() {
    return listed;
  }

  @Override
  public Optional<Path> report(String id) {
    return Optional.ofNullable(files.get(id));
  }

  /** The bytes of the page stand for it. */
  @Override
  public Optional<Path> bundle(String id) {
    return report(id);
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
}
