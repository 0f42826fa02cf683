package io.sworn.export.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every exporter must keep, against a receiver that is really there. */
public abstract class ExporterContract {

  /** A new exporter to the one receiver of this test. */
  protected abstract Exporter exporter() throws Exception;

  /** An exporter to a place where nobody is. */
  protected abstract Exporter exporterToNowhere() throws Exception;

  /** Ids that the receiver holds. */
  protected abstract Set<String> received() throws Exception;

  /** A trail that no other test uses. */
  protected String trail() {
    return getClass().getSimpleName() + "/" + java.util.UUID.randomUUID();
  }

  @Test
  void everyEventIsAnsweredForAndArrives() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 500);
    try (Exporter exporter = exporter()) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(500));
    }
    assertThat(received()).containsAll(Events.ids(batch));
  }

  @Test
  void anEventThatComesAgainIsDeliveredAgainOrKnown() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 3);
    try (Exporter exporter = exporter()) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(3));
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(3));
    }
    assertThat(received()).containsAll(Events.ids(batch));
  }

  @Test
  void everySortOfRecordedMessageIsTaken() throws Exception {
    List<RoutedEvent> all = new ArrayList<>(Events.recorded("mongo-schema.jsonl"));
    all.addAll(Events.recorded("percona-schema.jsonl"));
    all.addAll(Events.recorded("ocsf-schema.jsonl"));
    try (Exporter exporter = exporter()) {
      assertThat(exporter.deliver(all)).isEqualTo(delivered(all.size()));
    }
    assertThat(received()).containsAll(Events.ids(all));
  }

  @Test
  void aDestinationThatIsAwayDefersEverythingAndSaysWhy() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 3);
    try (Exporter exporter = exporterToNowhere()) {
      DeliveryReport report = exporter.deliver(batch);
      assertThat(report.outcomes())
          .hasSize(3)
          .allSatisfy(
              outcome ->
                  assertThat(((EventOutcome.Deferred) outcome).reason())
                      .as("a reason for the operator")
                      .isNotBlank());
      assertThat(report.settledPrefix()).isZero();
    }
  }

  @Test
  void closingTwiceIsHarmless() throws Exception {
    Exporter exporter = exporter();
    exporter.close();
    assertThatCode(exporter::close).doesNotThrowAnyException();
  }

  /** All delivered. */
  protected static DeliveryReport delivered(int count) {
    return DeliveryReport.all(count, EventOutcome.DELIVERED);
  }
}
