package io.sworn.server.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.Topics;
import io.sworn.filter.stream.FilterEngine;
import io.sworn.server.flow.Backlog.State;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.RealBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the real broker, with the rights of the parts that use it. */
class BacklogIT {

  private static final Topics TOPICS = Topics.standard();
  private static final Duration OFTEN = Duration.ofMillis(100);

  @TempDir static Path directory;
  private static RealBroker kafka;

  @BeforeAll
  static void start() {
    kafka = new RealBroker(directory, TOPICS, List.of());
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void marksAndWhatWasGivenUpAreNoEventsButAnOpenTransactionHoldsUp() throws Exception {
    String topic = "marks";
    TopicPartition zero = new TopicPartition(topic, 0);
    Map<TopicPartition, Long> places = new ConcurrentHashMap<>();
    try (Admin admin = Admin.create(kafka.as(KafkaRole.BROKER))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    try (KafkaProducer<byte[], byte[]> writer = transactional(topic);
        Backlog backlog =
            Backlog.start(kafka.as(KafkaRole.BROKER), topic, admin -> places, OFTEN)) {
      await(backlog, new State(0, 0));
      writer.beginTransaction();
      long event = writer.send(new ProducerRecord<>(topic, 0, null, new byte[9])).get().offset();
      await(backlog, new State(0, 1));
      writer.commitTransaction();
      await(backlog, new State(0, 2));
      places.put(zero, event + 1);
      await(backlog, new State(event + 1, 0));

      writer.beginTransaction();
      writer.send(new ProducerRecord<>(topic, 0, null, new byte[9])).get();
      await(backlog, new State(event + 1, 1));
      writer.abortTransaction();
      await(backlog, new State(event + 1, 0));
    }
  }

  @Test
  void theFilterEngineIsSeenByWhatItsGroupHasCommitted() throws Exception {
    String group = FilterEngine.application(TOPICS);
    TopicPartition one = new TopicPartition(TOPICS.events(), 1);
    try (KafkaProducer<byte[], byte[]> writer =
            new KafkaProducer<>(
                kafka.as(KafkaRole.DATABASE),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        Admin admin = Admin.create(kafka.as(KafkaRole.FILTERS));
        Backlog backlog = Backlog.ofGroup(kafka.as(KafkaRole.FILTERS), one.topic(), group)) {
      long offset = 0;
      for (int i = 0; i < 3; i++) {
        offset =
            writer.send(new ProducerRecord<>(one.topic(), 1, null, new byte[9])).get().offset();
      }
      admin
          .alterConsumerGroupOffsets(group, Map.of(one, new OffsetAndMetadata(offset)))
          .all()
          .get();
      await(backlog, new State(offset, 1));
      admin
          .alterConsumerGroupOffsets(group, Map.of(one, new OffsetAndMetadata(offset + 1)))
          .all()
          .get();
      await(backlog, new State(offset + 1, 0));
    }
  }

  private static KafkaProducer<byte[], byte[]> transactional(String id) {
    Map<String, Object> properties = new HashMap<>(kafka.as(KafkaRole.BROKER));
    properties.put("transactional.id", id);
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private static void await(Backlog backlog, State wanted) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!backlog.state().filter(wanted::equals).isPresent()) {
      assertThat(System.nanoTime())
          .as("%s instead of %s", backlog.state(), wanted)
          .isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
