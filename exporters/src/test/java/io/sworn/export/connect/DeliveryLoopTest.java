package io.sworn.export.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sworn.export.Exporter;
import io.sworn.export.file.JsonLinesExporterFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryLoopTest {

  @TempDir private Path directory;

  /** Its destination takes events, but no receipt can be written: nobody may wait for that. */
  @Test
  void whileKafkaIsAwayItSaysSoAtOnce() throws Exception {
    Map<String, String> given = new HashMap<>();
    given.put("topics", "audit.route.siem");
    given.put("destination", "siem");
    given.put("kafka.bootstrap.servers", "127.0.0.1:1");
    given.put("kafka.max.block.ms", "1000");
    given.put("file.path", directory.resolve("events.jsonl").toString());
    HostSettings host = HostSettings.from(given);
    TopicPartition partition = new TopicPartition("audit.route.siem", 0);
    Backlog backlog = new Backlog();
    backlog.open(List.of(partition));
    backlog.add(
        List.of(new Backlog.Entry(partition, 0, new byte[0], new byte[3], null, "no event")));
    try (ReceiptBook book = new ReceiptBook(host);
        Exporter exporter = new JsonLinesExporterFactory().create(given)) {
      DeliveryLoop loop = new DeliveryLoop(host, book, backlog, 1);
      Thread carrier = new Thread(loop.carrier(exporter), "carrier");
      carrier.start();
      try {
        Optional<String> trouble = Optional.empty();
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (trouble.isEmpty() && System.nanoTime() < deadline) {
          Thread.sleep(20);
          trouble =
              assertTimeoutPreemptively(
                  Duration.ofMillis(500), () -> loop.trouble(Duration.ofMillis(1)));
        }
        assertThat(trouble).get().asString().contains("cannot be written to Kafka");
      } finally {
        loop.stop();
        carrier.interrupt();
        carrier.join();
      }
    }
  }
}
