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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** Of a page without an end, announced or not, a bounded part is read, and all events wait. */
  @ParameterizedTest
  @CsvSource({"200, false", "200, true", "502, false", "502, true"})
  void anAnswerBeyondAllProportionDefersTheEventsAndIsNotReadToItsEnd(int status, boolean chunked)
      throws Exception {
    // Large enough that a node which hangs up would be suspected of having found it too large.
    List<RoutedEvent> batch =
        List.of(
            RoutedEvent.of(Events.insert("page", 1, "x".repeat(700_000))),
            RoutedEvent.of(Events.insert("page", 2, "x".repeat(700_000))));
    EsFront.Answer page = new EsFront.Answer(status, " ".repeat(16 * 1024 * 1024), chunked);
    AtomicBoolean sane = new AtomicBoolean();
    String good = "{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}";
    try (EsFront front =
            EsFront.start(
                "",
                (path, body) ->
                    !path.contains("/_bulk")
                        ? template(path)
                        : sane.get() ? new EsFront.Answer(200, good) : page);
        Exporter exporter =
            new ElasticsearchExporterFactory().create(Map.of("elasticsearch.urls", front.url()))) {
      for (int tries = 1; tries <= 4; tries++) {
        assertThat(exporter.deliver(batch).outcomes())
            .hasSize(2)
            .allSatisfy(
                outcome ->
                    assertThat(((EventOutcome.Deferred) outcome).reason())
                        .contains("longer than any of Elasticsearch's (more than ")
                        .contains("check that elasticsearch.urls leads to a node")
                        .contains(front.url()));
        assertThat(front.bulks()).as("one request for each try, none is split").isEqualTo(tries);
      }
      sane.set(true);
      assertThat(exporter.deliver(batch)).isEqualTo(DeliveryReport.all(2, EventOutcome.DELIVERED));
    }
  }

  @Test
  void aTemplateIsAnsweredWithinABoundToo() throws Exception {
    EsFront.Answer page = new EsFront.Answer(200, " ".repeat(2 * 1024 * 1024), true);
    try (EsFront front = EsFront.start("", (path, body) -> page)) {
      assertThat(deliver(front, Events.inserts("page", 1, 1)).outcomes())
          .allSatisfy(
              outcome ->
                  assertThat(((EventOutcome.Deferred) outcome).reason())
                      .contains("longer than any of Elasticsearch's"));
      assertThat(front.bulks()).isZero();
    }
  }

  /** An error that quotes the whole document, twice, is no reason to doubt the answer. */
  @Test
  void aRefusalThatQuotesTheDocumentIsRead() throws Exception {
    String quote = "x".repeat(2_000_000);
    String refusal =
        "{\"items\":[{\"create\":{\"status\":400,\"error\":{\"type\":"
            + "\"document_parsing_exception\",\"reason\":\""
            + quote
            + "\",\"caused_by\":{\"reason\":\""
            + quote
            + "\"}}}}]}";
    try (EsFront front =
        EsFront.start(
            "",
            (path, body) ->
                path.contains("/_bulk")
                    ? new EsFront.Answer(200, refusal, true)
                    : template(path))) {
      RoutedEvent event = RoutedEvent.of(Events.insert("quoted", 1, quote));
      assertThat(deliver(front, List.of(event)).outcomes())
          .allMatch(EventOutcome.Rejected.class::isInstance);
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

  /** A cluster that was restored from elsewhere, whichever way it says that it knows no stream. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | {\"error\":{\"type\":\"index_not_found_exception\"},\"status\":404}",
        "200 | {\"items\":[{\"create\":{\"status\":404,\"error\":{\"type\":\"index_not_found_exception\"}}}]}",
        "-1 | ''"
      })
  void aTemplateThatIsGoneIsPutAgainOnceForEachTry(int status, String json) throws Exception {
    AtomicInteger puts = new AtomicInteger();
    AtomicBoolean gone = new AtomicBoolean();
    try (EsFront front =
            EsFront.start(
                "",
                (path, body) -> {
                  if (path.startsWith("/_index_template")) {
                    puts.incrementAndGet();
                    return template(path);
                  }
                  return !path.contains("/_bulk")
                      ? template(path)
                      : gone.get()
                          ? new EsFront.Answer(status, json)
                          : new EsFront.Answer(200, "{\"items\":[{\"create\":{\"status\":201}}]}");
                });
        Exporter exporter =
            new ElasticsearchExporterFactory().create(Map.of("elasticsearch.urls", front.url()))) {
      List<RoutedEvent> batch = Events.inserts("gone", 1, 1);
      DeliveryReport delivered = DeliveryReport.all(1, EventOutcome.DELIVERED);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered);
      assertThat(puts).as("known to be there").hasValue(1);
      gone.set(true);
      for (int tries = 1; tries <= 3; tries++) {
        EventOutcome outcome = exporter.deliver(batch).outcomes().get(0);
        assertThat(((EventOutcome.Deferred) outcome).reason())
            .contains(
                status < 0
                    ? "cannot be reached"
                    : "index template sworn-logs-mongodb.audit-default");
        assertThat(puts).hasValue(tries);
      }
      gone.set(false);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered);
      assertThat(exporter.deliver(batch)).isEqualTo(delivered);
      assertThat(puts).hasValue(4);
    }
  }

  @Test
  void aMissingStreamWhoseTemplateIsNotOursToPutIsToldToTheOperator() throws Exception {
    try (EsFront front =
            EsFront.start(
                "",
                (path, body) ->
                    new EsFront.Answer(
                        200,
                        "{\"items\":[{\"create\":{\"status\":404,"
                            + "\"error\":{\"type\":\"index_not_found_exception\"}}}]}"));
        Exporter exporter =
            new ElasticsearchExporterFactory()
                .create(
                    Map.of(
                        "elasticsearch.urls",
                        front.url(),
                        "elasticsearch.manage.template",
                        "false"))) {
      EventOutcome outcome = exporter.deliver(Events.inserts("theirs", 1, 1)).outcomes().get(0);
      assertThat(((EventOutcome.Deferred) outcome).reason())
          .contains("elasticsearch.manage.template");
    }
  }
}
