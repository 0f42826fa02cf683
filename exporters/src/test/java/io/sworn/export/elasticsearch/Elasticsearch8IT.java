package io.sworn.export.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.testing.EsNode;
import io.sworn.export.testing.Events;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class Elasticsearch8IT extends ElasticsearchNodeTests {

  @BeforeAll
  static void needsAJvm() throws IOException {
    Assumptions.assumeTrue(
        EsNode.java(EsNode.Version.V8).isPresent(), "no JDK that runs Elasticsearch 8");
  }

  @Test
  void aNodeWithoutRoomTakesSmallerRequestsAndOnlyWhatNeverFitsIsRejected() throws Exception {
    List<RoutedEvent> batch = new ArrayList<>(Events.inserts("busy", 1, 600));
    RoutedEvent giant = RoutedEvent.of(Events.insert("busy", 601, "x".repeat(400_000)));
    batch.add(300, giant);
    try (EsNode small =
            EsNode.start(
                EsNode.Version.V8,
                scratch.resolve("small"),
                "indexing_pressure.memory.limit=300kb");
        Exporter exporter =
            new ElasticsearchExporterFactory().create(Map.of("elasticsearch.urls", small.url()))) {
      DeliveryReport first = exporter.deliver(batch);
      assertThat(first.outcomes())
          .allSatisfy(
              outcome -> assertThat(((EventOutcome.Deferred) outcome).reason()).contains("429"));
      List<RoutedEvent> open = batch;
      List<RoutedEvent> rejected = new ArrayList<>();
      for (int tries = 0; tries < 20 && !open.isEmpty(); tries++) {
        List<RoutedEvent> sent = open;
        DeliveryReport report = exporter.deliver(sent);
        IntStream.range(0, sent.size())
            .filter(i -> report.outcomes().get(i) instanceof EventOutcome.Rejected)
            .forEach(
                i -> {
                  assertThat(((EventOutcome.Rejected) report.outcomes().get(i)).reason())
                      .contains("indexing_pressure.memory.limit");
                  rejected.add(sent.get(i));
                });
        open =
            IntStream.range(0, sent.size())
                .filter(i -> report.outcomes().get(i) instanceof EventOutcome.Deferred)
                .mapToObj(sent::get)
                .toList();
      }
      assertThat(open).isEmpty();
      assertThat(rejected).containsExactly(giant);
      assertThat(small.count(STREAM)).isEqualTo(600);
    }
  }

  @Override
  EsNode.Version version() {
    return EsNode.Version.V8;
  }
}
