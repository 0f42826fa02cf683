package io.sworn.export.guardium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.TlsSettings;
import io.sworn.export.loopback.SyslogReceiver;
import io.sworn.export.testing.Events;
import io.sworn.export.testing.ExporterContract;
import io.sworn.testing.FreePorts;
import io.sworn.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardiumExporterTest extends ExporterContract {

  @TempDir private Path directory;
  private SyslogReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = SyslogReceiver.start(0);
  }

  @AfterEach
  void stop() {
    receiver.close();
  }

  @Override
  protected Exporter exporter() {
    return exporter(Map.of());
  }

  @Override
  protected Exporter exporterToNowhere() throws IOException {
    return exporter(Map.of("guardium.port", Integer.toString(FreePorts.next())));
  }

  @Override
  protected Set<String> received() {
    return receiver.receivedIds();
  }

  private Exporter exporter(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("guardium.host", "127.0.0.1");
    settings.put("guardium.port", Integer.toString(receiver.port()));
    settings.put("guardium.tls", "false");
    settings.put("guardium.events.per.second.max", "100000");
    settings.putAll(more);
    return new GuardiumExporterFactory().create(settings);
  }

  @Test
  void octetCountingCarriesTheSameMessages() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 20);
    try (Exporter exporter = exporter(Map.of("guardium.framing", "octet"))) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(20));
    }
    awaitDistinct(20);
    assertThat(received()).isEqualTo(Events.ids(batch));
    assertThat(receiver.messages()).allMatch(line -> line.startsWith("<14>"));
  }

  @Test
  void aReceiverThatHangsUpDefersTheBatchAndGetsItLater() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 5);
    try (Exporter exporter = exporter()) {
      receiver.refuse(true);
      assertThat(exporter.deliver(batch).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
      receiver.refuse(false);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(5));
    }
    awaitDistinct(5);
  }

  @Test
  void theNewestEventsAreSentAgainAfterALostConnection() throws Exception {
    List<RoutedEvent> first = Events.inserts("resend", 1, 3);
    List<RoutedEvent> second = Events.inserts("resend", 4, 4);
    try (Exporter exporter = exporter()) {
      exporter.deliver(first);
      receiver.hangUp();
      exporter.deliver(second);
      exporter.deliver(second);
    }
    awaitDistinct(4);
    assertThat(receiver.total()).as("the first three came twice").isGreaterThanOrEqualTo(7);
  }

  @Test
  void theWholeLastBatchIsSentAgainHoweverFewEventsAreAskedFor() throws Exception {
    try (Exporter exporter = exporter(Map.of("guardium.resend.events", "2"))) {
      exporter.deliver(Events.inserts("whole", 1, 7));
      receiver.hangUp();
      exporter.deliver(Events.inserts("whole", 8, 8));
      exporter.deliver(Events.inserts("whole", 8, 8));
    }
    awaitDistinct(8);
    assertThat(receiver.total()).as("the first seven came twice").isGreaterThanOrEqualTo(15);
  }

  /**
   * The limit that may be set has room for every event, so a smaller one stands for an event that
   * nobody has thought of.
   */
  @Test
  void anEventThatCannotBeCutIsRejectedAloneAndItsNeighboursArrive() throws Exception {
    AuditEvent bare =
        AuditEvent.builder(SourcePosition.at("b", 1), EventKind.DATABASE, "logout")
            .time(Instant.parse("2026-03-02T08:00:16Z"))
            .param(BsonBytes.EMPTY)
            .build();
    RoutedEvent fits = RoutedEvent.of(bare);
    RoutedEvent tooLong = RoutedEvent.of(Events.insert("t", 2, "long ".repeat(1_000)));
    try (Exporter exporter = new GuardiumExporter(settings(receiver.port(), 600))) {
      DeliveryReport report = exporter.deliver(List.of(tooLong, fits, tooLong));
      assertThat(report.outcomes().get(1)).isEqualTo(EventOutcome.DELIVERED);
      assertThat(List.of(report.outcomes().get(0), report.outcomes().get(2)))
          .allSatisfy(
              outcome ->
                  assertThat(((EventOutcome.Rejected) outcome).reason())
                      .contains("cannot be cut to 600")
                      .contains("set guardium.message.bytes.max higher"));
      receiver.refuse(true);
      receiver.hangUp();
      report = exporter.deliver(List.of(tooLong));
      assertThat(report.outcomes().get(0))
          .as("needs no receiver")
          .isInstanceOf(EventOutcome.Rejected.class);
    }
    awaitDistinct(1);
    assertThat(receiver.receivedIds()).isEqualTo(Set.of(bare.id().toString()));
    try (Exporter exporter = new GuardiumExporter(settings(FreePorts.next(), 600))) {
      DeliveryReport report = exporter.deliver(List.of(tooLong, fits));
      assertThat(report.outcomes().get(0)).isInstanceOf(EventOutcome.Rejected.class);
      assertThat(report.outcomes().get(1)).isInstanceOf(EventOutcome.Deferred.class);
    }
  }

  @Test
  void aStopWhileAConnectionIsOpenedLeavesNoConnection() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Exporter exporter =
            exporter(
                Map.of(
                    "guardium.port",
                    Integer.toString(listening.getLocalPort()),
                    "guardium.confirm.ms",
                    "60000"))) {
      AtomicBoolean interrupted = new AtomicBoolean();
      Thread delivery =
          new Thread(
              () -> {
                try {
                  exporter.deliver(Events.inserts("stop", 1, 1));
                } catch (InterruptedException e) {
                  interrupted.set(true);
                }
              });
      delivery.start();
      listening.setSoTimeout(30_000);
      try (Socket peer = listening.accept()) {
        delivery.interrupt();
        delivery.join(30_000);
        assertThat(interrupted).isTrue();
        peer.setSoTimeout(30_000);
        assertThat(peer.getInputStream().read()).as("the end").isEqualTo(-1);
      }
    }
  }

  private static GuardiumSettings settings(int port, int messageBytes) {
    return new GuardiumSettings(
        "127.0.0.1",
        port,
        false,
        false,
        14,
        "",
        ZoneOffset.UTC,
        true,
        messageBytes,
        Duration.ofMillis(200),
        1_000,
        100_000,
        Duration.ofSeconds(30),
        new TlsSettings("guardium.", null, null, null));
  }

  @Test
  void aReceiverWithAnothersNameGetsNothing() throws Exception {
    TestCertificates certificates = TestCertificates.create(directory);
    receiver.close();
    receiver = SyslogReceiver.start(0, certificates.stranger(), false, text -> {});
    try (Exporter exporter =
        exporter(
            Map.of("guardium.tls", "true", "guardium.tls.ca.file", certificates.ca().toString()))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 2)).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
    assertThat(receiver.total()).isZero();
  }

  @Test
  void tlsWithAClientCertificateDelivers() throws Exception {
    TestCertificates certificates = TestCertificates.create(directory);
    receiver.close();
    receiver = SyslogReceiver.start(0, certificates.server(), true, text -> {});
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 20);
    try (Exporter exporter =
        exporter(
            Map.of(
                "guardium.tls", "true",
                "guardium.tls.ca.file", certificates.ca().toString(),
                "guardium.tls.certificate.file", certificates.certificate().toString(),
                "guardium.tls.key.file", certificates.key().toString()))) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(20));
    }
    awaitDistinct(20);
  }

  @Test
  void certificatesThatAreUnusableForAWhileDeferTheBatch() throws Exception {
    TestCertificates certificates = TestCertificates.create(directory);
    receiver.close();
    receiver = SyslogReceiver.start(0, certificates.server(), false, text -> {});
    byte[] whole = Files.readAllBytes(certificates.ca());
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 2);
    try (Exporter exporter =
        exporter(
            Map.of("guardium.tls", "true", "guardium.tls.ca.file", certificates.ca().toString()))) {
      Files.write(certificates.ca(), Arrays.copyOf(whole, 100));
      assertThat(exporter.deliver(batch).outcomes())
          .allSatisfy(
              outcome ->
                  assertThat(((EventOutcome.Deferred) outcome).reason())
                      .contains("guardium.tls.*: unusable PEM file"));
      Files.write(certificates.ca(), whole);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(2));
    }
    awaitDistinct(2);
  }

  /** Under TLS 1.3 the handshake and the first writes succeed although we are turned away. */
  @Test
  void aRefusedClientCertificateIsNoticedBeforeAnythingCountsAsDelivered() throws Exception {
    TestCertificates certificates = TestCertificates.create(directory);
    receiver.close();
    receiver = SyslogReceiver.start(0, certificates.server(), true, text -> {});
    try (Exporter exporter =
        exporter(
            Map.of("guardium.tls", "true", "guardium.tls.ca.file", certificates.ca().toString()))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 2)).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
    assertThat(receiver.total()).isZero();
  }

  @Test
  void aReceiverThatWeDoNotTrustGetsNothing() throws Exception {
    TestCertificates trusted = TestCertificates.create(directory);
    TestCertificates other = TestCertificates.create(directory.resolve("other"));
    receiver.close();
    receiver = SyslogReceiver.start(0, other.server(), false, text -> {});
    try (Exporter exporter =
        exporter(Map.of("guardium.tls", "true", "guardium.tls.ca.file", trusted.ca().toString()))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 2)).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
    assertThat(receiver.total()).isZero();
  }

  private void awaitDistinct(int count) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (receiver.distinct() < count && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    assertThat(receiver.distinct()).isEqualTo(count);
  }
}
