package io.sworn.export.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.testing.EsFront;
import io.sworn.export.testing.Events;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers that no healthy node gives, but proxies and other servers do. */
class ElasticsearchAnswersTest {

  private static DeliveryReport deliver(EsFront front, List<RoutedEvent> batch) throws Exception {
    try (Exporter exporter =
        new ElasticsearchExporterFactory().create(Map.of("elasticsearch.urls", front.url()))) {
      return exporter.deliver(batch);
    }
  }

  private static EsFront.Answer template(String path) {
    return path.startsWith("/_index_template")
        ? new EsFront.Answer(200, "{\"acknowledged\":true}")
        : new EsFront.Answer(404, "{}");
  }

  @Test
  void aServerThatRefusesEveryRequestOfOursIsWaitedForAndNoEventIsRejected() throws Exception {
    String refusal =
        "{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"request"
            + " [/x/_bulk] contains unrecognized parameter: [require_data_stream]\"},\"status\":400}";
    try (EsFront front =
        EsFront.start(
            "",
            (path, body) ->
                path.contains("/_bulk") ? new EsFront.Answer(400, refusal) : template(path))) {
      DeliveryReport report = deliver(front, Events.inserts("refused", 1, 64));
      assertThat(report.outcomes())
          .hasSize(64)
          .allSatisfy(
              outcome ->
                  assertThat(((EventOutcome.Deferred) outcome).reason())
                      .contains("400")
                      .contains("require_data_stream"));
      assertThat(front.bulks()).as("not each event by itself").isLessThan(4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | <html>ok</html>",
        "200 | {}",
        "200 | {\"items\":[]}",
        "200 | {\"items\":[{},{},{}]}",
        "200 | {\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}",
        "200 | {\"items\":[{\"create\":{}},{\"create\":{}},{\"create\":{}}]}",
        "204 | ''"
      })
  void anAnswerThatSaysNothingOfTheEventsDefersThemAll(int status, String json) throws Exception {
    try (EsFront front =
        EsFront.start(
            "",
            (path, body) ->
                path.contains("/_bulk") ? new EsFront.Answer(status, json) : template(path))) {
      assertThat(deliver(front, Events.inserts("garbled", 1, 3)).outcomes())
          .hasSize(3)
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
  }

  @Test
  void aKeyThatMayNotAskForTheHealthOfTheClusterIsEnough() throws Exception {
    try (EsFront front =
        EsFront.start(
            "",
            (path, body) ->
                path.contains("/_bulk")
                    ? new EsFront.Answer(200, "{\"items\":[{\"create\":{\"status\":201}}]}")
                    : path.startsWith("/_cluster")
                        ? new EsFront.Answer(
                            403, "{\"error\":{\"type\":\"security_exception\"},\"status\":403}")
                        : template(path))) {
      assertThat(deliver(front, Events.inserts("rights", 1, 1)))
          .isEqualTo(DeliveryReport.all(1, EventOutcome.DELIVERED));
    }
  }
}
