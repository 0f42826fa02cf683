package io.sworn.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.testing.KafkaBroker;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilterStoreIT {

  @TempDir Path directory;

  @Test
  void versionsAreKeptAndConflictsRefused() throws Exception {
    Topics topics = Topics.standard();
    List<String> siem = List.of("siem");
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      broker.createTopic(topics.filters(), 1);
      try (FilterStore one = FilterStore.connect(broker.client(), topics);
          FilterStore two = FilterStore.connect(broker.client(), topics)) {
        one.put("logins", "{\"atype\":\"authenticate\"}", siem, "ann", "start");
        two.put("logins", "{}", siem, "ben", "all", OptionalInt.of(1));
        assertThatThrownBy(() -> one.put("logins", "{}", siem, "ann", "x", OptionalInt.of(1)))
            .isInstanceOf(SwornException.class)
            .hasMessageContaining("is at version 2");
        assertThatThrownBy(() -> one.put("logins", "{\"$foo\":1}", siem, "ann", "x"))
            .isInstanceOf(InvalidFilterException.class);
        assertThatThrownBy(() -> one.disable("nothing", "ann", "x"))
            .isInstanceOf(SwornException.class)
            .hasMessageContaining("no filter 'nothing'");
        one.rollback("logins", 1, "ann", "too much");
        two.disable("logins", "ben", "holiday");
        assertThat(one.versions("logins"))
            .extracting(d -> d.version() + " " + d.enabled() + " " + d.filter())
            .containsExactly(
                "1 true {\"atype\":\"authenticate\"}",
                "2 true {}",
                "3 true {\"atype\":\"authenticate\"}",
                "4 false {\"atype\":\"authenticate\"}");
        assertThat(one.list()).extracting(FilterDefinition::label).containsExactly("logins@4");
      }
    }
  }

  @Test
  void aReaderWaitsForAChangeThatIsNotYetMarkedAsCommitted() throws Exception {
    Topics topics = Topics.standard();
    FilterDefinition all =
        new FilterDefinition(
            "all", 1, true, false, "{}", List.of("siem"), "ann", "x", Instant.now());
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      broker.createTopic(topics.filters(), 1);
      Map<String, Object> writer = broker.client();
      writer.put("transactional.id", "another");
      try (FilterStore store = FilterStore.connect(broker.client(), topics);
          KafkaProducer<String, byte[]> producer =
              new KafkaProducer<>(writer, new StringSerializer(), new ByteArraySerializer())) {
        producer.initTransactions();
        producer.beginTransaction();
        String key = DefinitionKey.Kind.FILTER.of(all.name());
        producer.send(new ProducerRecord<>(topics.filters(), key, all.toBytes())).get();
        Future<List<FilterDefinition>> read = threads.submit(store::list);
        assertThatThrownBy(() -> read.get(1, TimeUnit.SECONDS))
            .isInstanceOf(TimeoutException.class);
        producer.commitTransaction();
        assertThat(read.get(30, TimeUnit.SECONDS))
            .extracting(FilterDefinition::label)
            .containsExactly("all@1");
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
