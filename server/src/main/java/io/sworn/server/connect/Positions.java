package io.sworn.server.connect;

import io.sworn.event.AccountHeaders;
import io.sworn.event.LostRange;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.server.topics.KafkaAdmin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where destinations go on reading. A consumer that finds its place deleted would go on at the next
 * record and say nothing; ours stop instead ({@code auto.offset.reset=none}), and this says what is
 * lost, puts it on record and moves the place.
 */
final class Positions {

  private static final Logger LOG = LoggerFactory.getLogger(Positions.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Longer than the ten seconds after which the place of a killed worker is free. */
  private static final Duration TAKEN_MAX = Duration.ofSeconds(15);

  private static final Duration ASK_AGAIN = Duration.ofMillis(100);

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final Consumer<LostRange> told;

  /** Places of what is on record already: only their move has failed since. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /**
   * Positions of the groups {@code connect-<destination>}.
   *
   * @param kafka client properties of the exporters
   * @param told hears of each lost range, after it is on record in the topic of deliveries
   */
  Positions(Map<String, Object> kafka, Topics topics, Consumer<LostRange> told) {
    this.kafka = Map.copyOf(kafka);
    this.topics = topics;
    this.told = told;
  }

  /**
   * Gives a place to a destination that has none yet, and moves one that lies before the first
   * record that is left. Nobody reads for the destination meanwhile.
   *
   * @throws SwornException if Kafka does not answer, or somebody else reads as this destination
   */
  void settle(ExporterSpec exporter) {
    String group = exporter.group();
    String topic = topics.route(exporter.route());
    try (KafkaAdmin admin = new KafkaAdmin(kafka, LIMIT)) {
      List<TopicPartition> lanes = admin.partitions(topic);
      Map<TopicPartition, OffsetAndMetadata> committed = admin.committed(group);
      Map<TopicPartition, Long> begins = admin.offsets(lanes, OffsetSpec.earliest());
      Map<TopicPartition, Long> ends = admin.offsets(lanes, OffsetSpec.latest());
      Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
      List<LostRange> lost = new ArrayList<>();
      for (TopicPartition lane : lanes) {
        long begin = begins.getOrDefault(lane, 0L);
        OffsetAndMetadata place = committed.get(lane);
        if (place == null) {
          moved.put(lane, new OffsetAndMetadata(begin));
        } else if (place.offset() > ends.getOrDefault(lane, Long.MAX_VALUE)) {
          LOG.error(
              "{} had settled {} up to offset {}, but it ends at {}: somebody made the topic anew;"
                  + " all that it holds now is delivered",
              exporter.name(),
              lane,
              place.offset(),
              ends.get(lane));
          moved.put(lane, new OffsetAndMetadata(begin));
        } else if (place.offset() < begin) {
          moved.put(lane, new OffsetAndMetadata(begin));
          // A single offset is the mark that ends a transaction: with a record there would be two.
          if (begin - place.offset() > 1
              && !known.contains(place(group, lane, place.offset(), begin))) {
            lost.add(
                new LostRange(
                    exporter.name(),
                    topic,
                    lane.partition(),
                    place.offset(),
                    begin - 1,
                    System.currentTimeMillis()));
          }
        }
      }
      record(lost, admin);
      if (!moved.isEmpty()) {
        move(admin, group, moved);
      }
    }
  }

  /** On record before the place moves: a crash in between makes it come again, never vanish. */
  private void record(List<LostRange> lost, KafkaAdmin admin) {
    if (lost.isEmpty()) {
      return;
    }
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put("acks", "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (LostRange range : lost) {
        LOG.error(
            "{} has LOST up to {} events: {}-{} holds no more offsets {} to {}, which were never"
                + " delivered; see who deletes records there",
            range.destination(),
            range.length(),
            range.topic(),
            range.partition(),
            range.from(),
            range.to());
        ProducerRecord<byte[], byte[]> note =
            new ProducerRecord<>(
                topics.deliveries(),
                range.destination().getBytes(StandardCharsets.UTF_8),
                SwornJson.write(range));
        note.headers().add(AccountHeaders.KIND, LostRange.KIND.getBytes(StandardCharsets.UTF_8));
        admin.await("receipt of " + range, producer.send(note));
      }
    }
    for (LostRange range : lost) {
      told.accept(range);
      known.add(
          place(
              ExporterSpec.GROUPS + range.destination(),
              new TopicPartition(range.topic(), range.partition()),
              range.from(),
              range.to() + 1));
    }
  }

  private static String place(String group, TopicPartition lane, long from, long begin) {
    return group + " " + lane + " " + from + "-" + begin;
  }

  /** The place of a process that was killed counts as taken for some seconds. */
  private static void move(
      KafkaAdmin admin, String group, Map<TopicPartition, OffsetAndMetadata> moved) {
    long deadline = System.nanoTime() + TAKEN_MAX.toNanos();
    while (true) {
      try {
        admin.await(
            "place of group " + group,
            admin.client().alterConsumerGroupOffsets(group, moved).all());
        return;
      } catch (SwornException e) {
        boolean taken =
            e.getCause() instanceof UnknownMemberIdException
                || e.getCause() instanceof GroupNotEmptyException
                || e.getCause() instanceof RebalanceInProgressException;
        if (!taken || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(ASK_AGAIN.toNanos());
      }
    }
  }
}
