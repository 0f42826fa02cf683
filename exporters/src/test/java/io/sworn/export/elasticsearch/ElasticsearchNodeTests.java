package io.sworn.export.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.testing.EsFront;
import io.sworn.export.testing.EsNode;
import io.sworn.export.testing.Events;
import io.sworn.export.testing.ExporterContract;
import io.sworn.testing.FreePorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Delivery to a real node; a subclass says which version. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ElasticsearchNodeTests extends ExporterContract {

  static final String STREAM = "logs-mongodb.audit-default";

  @TempDir static Path scratch;
  private EsNode node;
  private int port;

  abstract EsNode.Version version();

  private EsNode node() throws Exception {
    if (node == null) {
      port = FreePorts.next();
      node = start();
    }
    return node;
  }

  private EsNode start() throws Exception {
    return EsNode.start(version(), scratch, "http.port=" + port, "http.max_content_length=2mb");
  }

  @AfterAll
  void stop() {
    if (node != null) {
      node.close();
    }
  }

  @Override
  protected Exporter exporter() throws Exception {
    return exporter(Map.of());
  }

  @Override
  protected Exporter exporterToNowhere() throws Exception {
    return exporter(Map.of("elasticsearch.urls", "http://127.0.0.1:" + FreePorts.next()));
  }

  @Override
  protected Set<String> received() throws Exception {
    return node().ids(STREAM);
  }

  private Exporter exporter(Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("elasticsearch.urls", node().url());
    settings.putAll(more);
    return new ElasticsearchExporterFactory().create(settings);
  }

  @Test
  void anEventThatIsSentTwiceIsStoredOnce() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 100);
    String stream = "logs-mongodb.audit-twice";
    try (Exporter exporter = exporter(Map.of("elasticsearch.data.stream", stream))) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(100));
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(100));
    }
    assertThat(node().count(stream)).isEqualTo(100);
  }

  @Test
  void oneDocumentThatTheNodeRefusesIsRejectedAndItsNeighboursAreStored() throws Exception {
    List<RoutedEvent> batch = new ArrayList<>(Events.inserts("refused", 1, 4));
    io.sworn.event.AuditEvent ancient =
        io.sworn.event.AuditEvent.builder(
                io.sworn.event.SourcePosition.at("refused", 9),
                io.sworn.event.EventKind.DATABASE,
                "shutdown")
            .time(java.time.Instant.parse("+40000-01-01T00:00:00Z"))
            .build();
    batch.add(2, RoutedEvent.of(ancient));
    DeliveryReport report;
    try (Exporter exporter = exporter()) {
      report = exporter.deliver(batch);
    }
    assertThat(report.outcomes().get(2)).isInstanceOf(EventOutcome.Rejected.class);
    EventOutcome.Rejected rejected = (EventOutcome.Rejected) report.outcomes().get(2);
    assertThat(rejected.reason()).contains("document_parsing_exception");
    assertThat(rejected.answer()).contains("@timestamp");
    batch.remove(2);
    assertThat(received()).containsAll(Events.ids(batch));
  }

  @Test
  void strangeKeysOfClientsNeitherBreakNorGrowTheMapping() throws Exception {
    org.bson.BsonDocument args = new org.bson.BsonDocument();
    for (String key :
        List.of(
            "a.b",
            "$set",
            "@timestamp",
            "a",
            "ü",
            "x y",
            ".hidden",
            "end.",
            "",
            ".",
            "a..b",
            " ")) {
      args.put(key, new org.bson.BsonDocument(key, new org.bson.BsonString("v".repeat(40_000))));
    }
    org.bson.BsonValue deep = new org.bson.BsonInt32(1);
    for (int i = 0; i < 240; i++) {
      deep = new org.bson.BsonDocument("d", deep);
    }
    args.put("deep", deep);
    io.sworn.event.AuditEvent strange =
        io.sworn.event.AuditEvent.builder(
                io.sworn.event.SourcePosition.at("strange", 1),
                io.sworn.event.EventKind.DATABASE,
                "authCheck")
            .time(java.time.Instant.parse("2026-01-01T00:00:00Z"))
            .param(
                io.sworn.event.BsonBytes.of(
                    new org.bson.BsonDocument("command", new org.bson.BsonString("update"))
                        .append("args", args)))
            .command("update")
            .build();
    try (Exporter exporter = exporter()) {
      assertThat(exporter.deliver(List.of(RoutedEvent.of(strange)))).isEqualTo(delivered(1));
    }
    assertThat(node().request("GET", "/" + STREAM + "/_mapping", "")).doesNotContain("hidden");
  }

  @Test
  void anEventOnWhichTheNetworkHangsUpTwiceIsNotFoundTooLarge() throws Exception {
    List<RoutedEvent> batch =
        List.of(RoutedEvent.of(Events.insert("cut", 1, "x".repeat(1_500_000))));
    java.util.concurrent.atomic.AtomicInteger cuts =
        new java.util.concurrent.atomic.AtomicInteger(2);
    try (EsFront front =
            EsFront.start(
                node().url(),
                (path, body) ->
                    path.contains("/_bulk") && cuts.getAndDecrement() > 0
                        ? EsFront.Answer.HANG_UP
                        : EsFront.Answer.FORWARD);
        Exporter exporter = exporter(Map.of("elasticsearch.urls", front.url()))) {
      assertThat(exporter.deliver(batch).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
      assertThat(exporter.deliver(batch).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(1));
    }
    assertThat(received()).containsAll(Events.ids(batch));
  }

  @Test
  void anEventForWhichAProxyRefusesTheRequestIsRejectedAloneAndNothingForeignIsStored()
      throws Exception {
    String stream = "logs-mongodb.audit-proxy";
    List<RoutedEvent> batch = Events.inserts("proxy", 1, 10);
    String hated = batch.get(6).event().id().toString();
    try (EsFront front =
            EsFront.start(
                node().url(),
                (path, body) ->
                    body.contains("\"_id\":\"" + hated)
                        ? new EsFront.Answer(400, "{\"error\":\"blocked\"}")
                        : EsFront.Answer.FORWARD);
        Exporter exporter =
            exporter(
                Map.of("elasticsearch.urls", front.url(), "elasticsearch.data.stream", stream))) {
      DeliveryReport report = exporter.deliver(batch);
      for (int i = 0; i < 10; i++) {
        assertThat(report.outcomes().get(i))
            .isInstanceOf(i == 6 ? EventOutcome.Rejected.class : EventOutcome.Delivered.class);
      }
    }
    assertThat(node().count(stream)).isEqualTo(9);
  }

  @Test
  void aFullDiskDefersAndIsRecoveredFrom() throws Exception {
    String stream = "logs-mongodb.audit-full";
    try (Exporter exporter = exporter(Map.of("elasticsearch.data.stream", stream))) {
      assertThat(exporter.deliver(Events.inserts("full", 1, 1))).isEqualTo(delivered(1));
      node()
          .request(
              "PUT", "/" + stream + "/_settings", "{\"index.blocks.read_only_allow_delete\":true}");
      assertThat(exporter.deliver(Events.inserts("full", 2, 5)).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
      node()
          .request(
              "PUT", "/" + stream + "/_settings", "{\"index.blocks.read_only_allow_delete\":null}");
      assertThat(exporter.deliver(Events.inserts("full", 2, 5))).isEqualTo(delivered(4));
    }
    assertThat(node().count(stream)).isEqualTo(5);
  }

  /** A cluster of the same address and other data, as after a restore from elsewhere. */
  @Test
  void aClusterThatComesBackWithoutTheTemplateGetsItBeforeItStoresAnything() throws Exception {
    String http = "http.port=" + FreePorts.next();
    List<RoutedEvent> batch = Events.inserts("restored", 2, 6);
    EsNode before = EsNode.start(version(), scratch.resolve("before"), http);
    try (Exporter exporter = exporter(Map.of("elasticsearch.urls", before.url()))) {
      assertThat(exporter.deliver(Events.inserts("restored", 1, 1))).isEqualTo(delivered(1));
      before.kill();
      try (EsNode after = EsNode.start(version(), scratch.resolve("after"), http)) {
        DeliveryReport report = exporter.deliver(batch);
        for (int tries = 0; tries < 3 && report.settledPrefix() < 5; tries++) {
          report = exporter.deliver(batch); // the connections to the dead node end first
        }
        assertThat(report).isEqualTo(delivered(5));
        assertThat(after.ids(STREAM)).isEqualTo(Events.ids(batch));
        assertThat(after.request("GET", "/" + STREAM + "/_mapping", "")).contains("flattened");
      }
    } finally {
      before.kill();
    }
  }

  @Test
  void aRequestThatIsTooLargeIsHalvedUntilOnlyTheGiantIsRejected() throws Exception {
    List<RoutedEvent> batch = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      batch.add(
          RoutedEvent.of(Events.insert("giant", i, "x".repeat(i == 5 ? 3_000_000 : 600_000))));
    }
    try (Exporter exporter = exporter()) {
      DeliveryReport report = exporter.deliver(batch);
      for (int tries = 0; tries < 5 && report.settledPrefix() < 8; tries++) {
        report = exporter.deliver(batch); // a node may hang up on the giant instead of answering
      }
      for (int i = 0; i < 8; i++) {
        assertThat(report.outcomes().get(i))
            .as("event %d of %s", i + 1, report)
            .isInstanceOf(i == 4 ? EventOutcome.Rejected.class : EventOutcome.Delivered.class);
      }
    }
  }

  @Test
  void afterAKillInTheMiddleEverythingIsThereOnce() throws Exception {
    String stream = "logs-mongodb.audit-killed";
    List<RoutedEvent> all = Events.inserts(trail(), 1, 4_000);
    node();
    Thread killer =
        new Thread(
            () -> {
              try {
                Thread.sleep(700);
                node.kill();
                node = start();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    killer.start();
    long deadline = System.nanoTime() + 120_000_000_000L;
    try (Exporter exporter =
        exporter(Map.of("elasticsearch.data.stream", stream, "elasticsearch.timeout.ms", "5000"))) {
      for (int from = 0; from < all.size(); from += 100) {
        List<RoutedEvent> batch = all.subList(from, from + 100);
        while (!exporter.deliver(batch).equals(delivered(100))) {
          assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
          Thread.sleep(200);
        }
      }
    }
    killer.join();
    assertThat(node.count(stream)).isEqualTo(4_000);
  }

  @Test
  void theRateToARealNodeIsPrinted() throws Exception {
    String stream = "logs-mongodb.audit-rate";
    List<RoutedEvent> warm = Events.inserts("warm", 1, 2_000);
    List<RoutedEvent> all = Events.inserts("rate", 1, 20_000);
    try (Exporter exporter =
        exporter(
            Map.of(
                "elasticsearch.data.stream", stream, "elasticsearch.bulk.bytes.max", "1900000"))) {
      exporter.deliver(warm);
      long start = System.nanoTime();
      for (int from = 0; from < all.size(); from += 2_000) {
        assertThat(exporter.deliver(all.subList(from, from + 2_000))).isEqualTo(delivered(2_000));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf("Elasticsearch %s: %.0f events/s%n", version(), all.size() / seconds);
    }
  }
}
