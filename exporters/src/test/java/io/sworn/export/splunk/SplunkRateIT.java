package io.sworn.export.splunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.loopback.HecReceiver;
import io.sworn.export.testing.Events;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Prints the rate to a receiver in the same process, with acknowledgement. */
class SplunkRateIT {

  @Test
  void theRateWithAcknowledgementIsPrinted() throws Exception {
    try (HecReceiver receiver = HecReceiver.start(0, new HecReceiver.Token("t", true));
        Exporter exporter =
            new SplunkExporterFactory()
                .create(
                    Map.of(
                        "splunk.url",
                        "http://127.0.0.1:" + receiver.port(),
                        "splunk.token",
                        "t",
                        "splunk.ack.poll.ms",
                        "10"))) {
      List<RoutedEvent> events = Events.inserts("rate", 1, 20_000);
      exporter.deliver(Events.inserts("warm", 1, 5_000));
      long start = System.nanoTime();
      for (int from = 0; from < events.size(); from += 2_000) {
        assertThat(exporter.deliver(events.subList(from, from + 2_000)))
            .isEqualTo(DeliveryReport.all(2_000, EventOutcome.DELIVERED));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf("Splunk with acknowledgement: %.0f events/s%n", events.size() / seconds);
    }
  }
}
