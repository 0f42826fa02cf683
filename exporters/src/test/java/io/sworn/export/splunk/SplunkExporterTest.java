package io.sworn.export.splunk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.loopback.HecFaults;
import io.sworn.export.loopback.HecReceiver;
import io.sworn.export.testing.Events;
import io.sworn.export.testing.ExporterContract;
import io.sworn.testing.FreePorts;
import io.sworn.testing.TestCertificates;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplunkExporterTest extends ExporterContract {

  private static final HecReceiver.Token ACK = new HecReceiver.Token("secret-token", true);

  @TempDir private Path directory;
  private HecReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = HecReceiver.start(0, ACK);
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
    return exporter(Map.of("splunk.url", "http://127.0.0.1:" + FreePorts.next()));
  }

  @Override
  protected Set<String> received() {
    return receiver.receivedIds();
  }

  private Exporter exporter(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("splunk.url", "http://127.0.0.1:" + receiver.port());
    settings.put("splunk.token", "secret-token");
    settings.put("splunk.ack.poll.ms", "10");
    settings.put("splunk.ack.timeout.ms", "10000");
    settings.put("splunk.timeout.ms", "10000");
    settings.putAll(more);
    return new SplunkExporterFactory().create(settings);
  }

  @Test
  void oneBadEventAmongFiveHundredIsRejectedAndItsNeighboursArriveOnce() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 500);
    receiver.faults(HecFaults.refusing(batch.get(237).event().id().toString()));
    DeliveryReport report;
    try (Exporter exporter = exporter()) {
      report = exporter.deliver(batch);
    }
    for (int i = 0; i < 500; i++) {
      if (i == 237) {
        assertThat(report.outcomes().get(i)).isInstanceOf(EventOutcome.Rejected.class);
      } else {
        assertThat(report.outcomes().get(i)).isEqualTo(EventOutcome.DELIVERED);
      }
    }
    assertThat(receiver.distinct()).isEqualTo(499);
    assertThat(receiver.total()).as("nothing twice").isEqualTo(499);
    assertThat(((EventOutcome.Rejected) report.outcomes().get(237)).answer()).contains("code 6");
  }

  @ParameterizedTest
  @CsvSource({
    "403,1", "401,2", "401,3", "403,4", "500,8", "503,9", "400,10", "400,14", "400,16", "503,23",
    "429,26", "429,27", "400,28", "400,7", "401,-1", "403,-1", "404,-1", "407,-1", "408,-1",
    "429,-1", "500,-1", "502,-1", "503,-1", "504,-1", "200,-1", "302,-1", "418,-1"
  })
  void noAnswerThatTimeOrAnOperatorCanCureDropsAnything(int status, int code) throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 3);
    try (Exporter exporter = exporter()) {
      receiver.faults(HecFaults.answer(status, code));
      assertThat(exporter.deliver(batch).outcomes())
          .hasSize(3)
          .allMatch(EventOutcome.Deferred.class::isInstance);
      receiver.faults(HecFaults.NONE);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(3));
    }
    assertThat(receiver.total()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"502,0", "503,0", "500,24", "429,0"})
  void anErrorWithASuccessCodeInItsBodyIsNoSuccess(int status, int code) throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 3);
    try (Exporter exporter = exporter(Map.of("splunk.ack", "false"))) {
      receiver.faults(HecFaults.answer(status, code));
      assertThat(exporter.deliver(batch).outcomes())
          .hasSize(3)
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
    assertThat(receiver.total()).isZero();
  }

  @Test
  void aBalancerThatChangesItsCookieWithEveryAnswerCausesNoRepetitions() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    receiver.cookies(() -> "node-1-" + answers.incrementAndGet());
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 200);
    try (Exporter exporter = exporter(Map.of("splunk.request.bytes.max", "10000"))) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(200));
    }
    assertThat(receiver.total()).as("nothing twice").isEqualTo(200);
  }

  @Test
  void aBalancerThatMovesUsToAnotherNodeCostsARepetitionAndNoEvent() throws Exception {
    receiver.cookies(() -> "node-1");
    List<RoutedEvent> first = Events.inserts(trail(), 1, 10);
    List<RoutedEvent> second = Events.inserts(trail(), 11, 20);
    String held = first.get(0).event().id().toString();
    try (Exporter exporter = exporter(Map.of("splunk.ack.timeout.ms", "400"))) {
      assertThat(exporter.deliver(second)).isEqualTo(delivered(10));
      receiver.holdAcknowledgementOf(held);
      Thread mover =
          new Thread(
              () -> {
                while (!receiver.receivedIds().contains(held)) {
                  Thread.onSpinWait();
                }
                receiver.cookies(() -> "node-2");
                receiver.forgetChannels();
              });
      mover.start();
      assertThat(exporter.deliver(first).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
      mover.join();
      receiver.holdAcknowledgementOf("");
      assertThat(exporter.deliver(first)).isEqualTo(delivered(10));
    }
    assertThat(receiver.distinct()).isEqualTo(20);
    assertThat(receiver.total()).isEqualTo(30);
  }

  @Test
  void aBodyThatAProxyFindsTooLargeIsHalved() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 100);
    receiver.faults(HecFaults.bodyLimit(10_000));
    try (Exporter exporter = exporter()) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(100));
    }
    assertThat(receiver.total()).isEqualTo(100);
  }

  @Test
  void anEventThatIsTooLargeAloneIsRejected() throws Exception {
    List<RoutedEvent> batch =
        List.of(
            RoutedEvent.of(Events.insert("large", 1)),
            RoutedEvent.of(Events.insert("large", 2, "x".repeat(20_000))),
            RoutedEvent.of(Events.insert("large", 3)));
    receiver.faults(HecFaults.bodyLimit(10_000));
    try (Exporter exporter = exporter()) {
      DeliveryReport report = exporter.deliver(batch);
      assertThat(report.outcomes().get(0)).isEqualTo(EventOutcome.DELIVERED);
      assertThat(report.outcomes().get(1)).isInstanceOf(EventOutcome.Rejected.class);
      assertThat(report.outcomes().get(2)).isEqualTo(EventOutcome.DELIVERED);
    }
  }

  @Test
  void withoutAcknowledgementNothingCountsAsDeliveredAndItIsSentAgain() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 5);
    try (Exporter exporter = exporter(Map.of("splunk.ack.timeout.ms", "200"))) {
      receiver.faults(HecFaults.losingAcks());
      assertThat(exporter.deliver(batch).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
      receiver.faults(HecFaults.NONE);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(5));
    }
    assertThat(receiver.distinct()).isEqualTo(5);
    assertThat(receiver.total()).as("sent twice, removable by event_id").isEqualTo(10);
  }

  @Test
  void aTokenWithoutAcknowledgementIsToldToTheOperator() throws Exception {
    receiver.close();
    receiver = HecReceiver.start(0, new HecReceiver.Token("secret-token", false));
    try (Exporter exporter = exporter()) {
      EventOutcome outcome = exporter.deliver(Events.inserts(trail(), 1, 1)).outcomes().get(0);
      assertThat(((EventOutcome.Deferred) outcome).reason()).contains("splunk.ack");
      exporter.deliver(Events.inserts(trail(), 1, 1));
    }
    assertThat(receiver.total()).as("not sent over and over").isZero();
    try (Exporter exporter = exporter(Map.of("splunk.ack", "false"))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 1))).isEqualTo(delivered(1));
    }
  }

  @Test
  void anAnswerWithoutEndIsCutOffAndNothingCountsAsDelivered() throws Exception {
    AtomicLong sent = new AtomicLong();
    CountDownLatch hungUp = new CountDownLatch(1);
    HttpServer endless =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    endless.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, 0);
          byte[] part = " ".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write("{\"text\":\"Success\",\"code\":0}".getBytes(StandardCharsets.US_ASCII));
            while (sent.addAndGet(part.length) < 256L * HecConnection.ANSWER_BYTES_MAX) {
              out.write(part);
            }
          } catch (IOException e) {
            hungUp.countDown(); // what the test waits for
          }
        });
    endless.start();
    try (Exporter exporter =
        exporter(
            Map.of(
                "splunk.url",
                "http://127.0.0.1:" + endless.getAddress().getPort(),
                "splunk.ack",
                "false"))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 3)).outcomes())
          .hasSize(3)
          .allSatisfy(
              outcome ->
                  assertThat(((EventOutcome.Deferred) outcome).reason())
                      .contains("more than " + HecConnection.ANSWER_BYTES_MAX + " bytes"));
      assertThat(hungUp.await(10, TimeUnit.SECONDS)).as("the connection is closed").isTrue();
    } finally {
      endless.stop(0);
    }
  }

  @Test
  void aSlowCollectorIsWaitedForUpToTheTimeout() throws Exception {
    receiver.faults(HecFaults.slow(Duration.ofMillis(1500)));
    try (Exporter exporter = exporter(Map.of("splunk.timeout.ms", "200"))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 1)).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
  }

  private Map<String, String> tls(TestCertificates certificates) {
    return Map.of(
        "splunk.url",
        "https://127.0.0.1:" + receiver.port(),
        "splunk.tls.ca.file",
        certificates.ca().toString());
  }

  @Test
  void aCollectorWithAnothersNameGetsNothing() throws Exception {
    TestCertificates certificates = TestCertificates.create(directory);
    receiver.close();
    receiver = HecReceiver.start(0, ACK, certificates.stranger(), text -> {});
    try (Exporter exporter = exporter(tls(certificates))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 2)).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
    assertThat(receiver.total()).isZero();
    receiver.close();
    receiver = HecReceiver.start(0, ACK, certificates.server(), text -> {});
    try (Exporter exporter = exporter(tls(certificates))) {
      assertThat(exporter.deliver(Events.inserts(trail(), 1, 2))).isEqualTo(delivered(2));
    }
  }

  @Test
  void compressedBodiesAreUnderstood() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 50);
    try (Exporter exporter = exporter(Map.of("splunk.gzip", "true"))) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(50));
    }
    assertThat(received()).containsAll(Events.ids(batch));
  }

  @Test
  void aWrongTokenIsNotInTheReason() throws Exception {
    try (Exporter exporter = exporter(Map.of("splunk.token", "not-the-token"))) {
      EventOutcome outcome = exporter.deliver(Events.inserts(trail(), 1, 1)).outcomes().get(0);
      assertThat(((EventOutcome.Deferred) outcome).reason())
          .contains("Invalid token")
          .doesNotContain("not-the-token");
    }
  }
}
