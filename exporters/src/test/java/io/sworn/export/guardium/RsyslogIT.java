package io.sworn.export.guardium;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.testing.Events;
import io.sworn.testing.FreePorts;
import io.sworn.testing.TestCertificates;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A receiver that is not ours: rsyslog, if it is installed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RsyslogIT {

  private static final Pattern ID = Pattern.compile("\"swornId\" : \"([0-9a-f]{32})\"");

  @TempDir static Path directory;
  private Process rsyslog;
  private int plainPort;
  private int tlsPort;
  private TestCertificates certificates;

  @BeforeAll
  void start() throws Exception {
    Path program =
        List.of("/usr/sbin/rsyslogd", "/sbin/rsyslogd").stream()
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    Assumptions.assumeTrue(program != null, "rsyslogd is not installed");
    certificates = TestCertificates.create(directory.resolve("pem"));
    plainPort = FreePorts.next();
    tlsPort = FreePorts.next();
    Path configuration = directory.resolve("rsyslog.conf");
    Files.writeString(
        configuration,
        String.join(
            "\n",
            "global(workDirectory=\"" + directory + "\" maxMessageSize=\"64k\"",
            "  parser.escapeControlCharactersOnReceive=\"off\"",
            "  defaultNetstreamDriver=\"gtls\"",
            "  defaultNetstreamDriverCAFile=\"" + certificates.ca() + "\"",
            "  defaultNetstreamDriverCertFile=\"" + certificates.serverCertificate() + "\"",
            "  defaultNetstreamDriverKeyFile=\"" + certificates.serverKey() + "\")",
            "module(load=\"imptcp\")",
            "module(load=\"imtcp\" StreamDriver.Name=\"gtls\" StreamDriver.Mode=\"1\"",
            "  StreamDriver.AuthMode=\"x509/name\" PermittedPeer=[\"localhost\",\"client.lab\"])",
            "template(name=\"raw\" type=\"string\" string=\"%hostname%|%programname%|%msg%\\n\")",
            "ruleset(name=\"in\") { action(type=\"omfile\" file=\"" + directory + "/out\"",
            "  template=\"raw\" asyncWriting=\"off\" flushOnTXEnd=\"on\") }",
            "input(type=\"imptcp\" address=\"127.0.0.1\" port=\""
                + plainPort
                + "\" ruleset=\"in\")",
            "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"" + tlsPort + "\" ruleset=\"in\")",
            ""));
    rsyslog =
        new ProcessBuilder(
                program.toString(),
                "-n",
                "-f",
                configuration.toString(),
                "-i",
                directory.resolve("pid").toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    await("rsyslog listens", () -> listens(plainPort) && listens(tlsPort));
  }

  @AfterAll
  void stop() throws InterruptedException {
    if (rsyslog != null) {
      rsyslog.destroy();
      rsyslog.waitFor(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @CsvSource({"false,lf", "false,octet", "true,lf", "true,octet"})
  void rsyslogUnderstandsEveryMessage(boolean tls, String framing) throws Exception {
    List<RoutedEvent> batch = Events.inserts("db-1/" + tls + framing, 1, 300);
    try (Exporter exporter = exporter(tls, framing, true)) {
      assertThat(exporter.deliver(batch))
          .isEqualTo(DeliveryReport.all(300, EventOutcome.DELIVERED));
    }
    await("all are written", () -> ids().containsAll(Events.ids(batch)));
    assertThat(Files.readString(directory.resolve("out"))).contains("db-1|mongod|");
  }

  /** This receiver cuts at 64 KiB, in the middle of a message and without a word. */
  @Test
  void aLongEventArrivesAsOneWholeDocument() throws Exception {
    List<RoutedEvent> batch =
        List.of(RoutedEvent.of(Events.insert("db-1/long", 1, "x".repeat(250 * 1024))));
    try (Exporter exporter = exporter(false, "lf", true)) {
      assertThat(exporter.deliver(batch)).isEqualTo(DeliveryReport.all(1, EventOutcome.DELIVERED));
    }
    await("it is written", () -> ids().containsAll(Events.ids(batch)));
    String id = batch.get(0).event().id().toString();
    String line =
        Files.readString(directory.resolve("out"))
            .lines()
            .filter(one -> one.contains(id))
            .findFirst()
            .orElseThrow();
    assertThat(
            new JsonMapper().readTree(line.substring(line.indexOf('{'))).path("swornCut").asInt())
        .isGreaterThan(250 * 1024);
  }

  @Test
  void aClientWithoutACertificateNeverCountsAsDelivered() throws Exception {
    List<RoutedEvent> batch = Events.inserts("db-1/nobody", 1, 3);
    try (Exporter exporter = exporter(true, "lf", false)) {
      assertThat(exporter.deliver(batch).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
    assertThat(ids()).doesNotContainAnyElementsOf(Events.ids(batch));
  }

  private Exporter exporter(boolean tls, String framing, boolean certificate) {
    Map<String, String> settings = new HashMap<>();
    settings.put("guardium.host", "127.0.0.1");
    settings.put("guardium.port", Integer.toString(tls ? tlsPort : plainPort));
    settings.put("guardium.tls", Boolean.toString(tls));
    settings.put("guardium.framing", framing);
    if (tls) {
      settings.put("guardium.tls.ca.file", certificates.ca().toString());
      if (certificate) {
        settings.put("guardium.tls.certificate.file", certificates.certificate().toString());
        settings.put("guardium.tls.key.file", certificates.key().toString());
      }
    }
    return new GuardiumExporterFactory().create(settings);
  }

  private static Set<String> ids() throws Exception {
    Path out = directory.resolve("out");
    return Files.notExists(out)
        ? Set.of()
        : Files.readString(out)
            .lines()
            .map(ID::matcher)
            .filter(Matcher::find)
            .map(id -> id.group(1))
            .collect(Collectors.toSet());
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertThat(System.nanoTime())
          .as("%s: %s", what, Files.readString(directory.resolve("log")))
          .isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
