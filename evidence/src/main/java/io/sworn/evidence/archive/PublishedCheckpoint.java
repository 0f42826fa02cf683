package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest checkpoint of a log that was published: a memory outside the archive's directory. An
 * archive that was put back to an older state, or begun anew, would sign a second history for sizes
 * that are signed already; here that is noticed.
 */
final class PublishedCheckpoint {

  private static final Logger LOG = LoggerFactory.getLogger(PublishedCheckpoint.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int SILENT_POLLS_MAX = 100;

  private PublishedCheckpoint() {}

  /**
   * Compares the archive with what was published.
   *
   * @throws SwornException with {@link ErrorCode#INTEGRITY} if it does not contain it
   */
  static void check(Map<String, Object> kafka, Topics topics, Archive archive) {
    Optional<Checkpoint> newest;
    try {
      newest = newest(kafka, topics.checkpoints(), archive.verifier().name());
    } catch (TopicAuthorizationException e) {
      LOG.warn(
          "{} may not be read: an archive that was put back is not noticed",
          e.unauthorizedTopics());
      return;
    }
    if (newest.isEmpty()) {
      return;
    }
    Checkpoint published = newest.get();
    String name = topics.checkpoints() + ": the checkpoint over " + published.size() + " events";
    if (!published.verify(archive.verifier())) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          name + " is not signed by " + archive.verifier() + "; was the signing key replaced?");
    }
    if (!archive.contains(published)) {
      throw new SwornException(
          ErrorCode.INTEGRITY,
          name
              + " is not in the archive "
              + archive.directory()
              + " of "
              + archive.size()
              + ": it was put back to an older state or begun anew. Restore the newest copy, or"
              + " choose another origin for a new log");
    }
  }

  private static Optional<Checkpoint> newest(
      Map<String, Object> kafka, String topic, String origin) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<PartitionInfo> known = consumer.partitionsFor(topic);
      if (known == null || known.isEmpty()) {
        return Optional.empty(); // nothing was ever published
      }
      List<TopicPartition> partitions =
          known.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Optional<Checkpoint> newest = Optional.empty();
      int silent = 0;
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        var records = consumer.poll(POLL);
        silent = records.isEmpty() ? silent + 1 : 0;
        if (silent > SILENT_POLLS_MAX) {
          throw new KafkaException(topic + " does not hand out its records");
        }
        for (ConsumerRecord<String, String> record : records) {
          newest = newer(newest, record, origin);
        }
      }
      return newest;
    }
  }

  private static Optional<Checkpoint> newer(
      Optional<Checkpoint> newest, ConsumerRecord<String, String> record, String origin) {
    if (!origin.equals(record.key()) || record.value() == null) {
      return newest;
    }
    Checkpoint found;
    try {
      found = Checkpoint.parse(record.value());
    } catch (SwornException e) {
      LOG.error("{} offset {}: no checkpoint: {}", record.topic(), record.offset(), e.getMessage());
      return newest;
    }
    boolean larger = newest.isEmpty() || found.size() > newest.get().size();
    return larger && !found.root().equals(Hash.EMPTY_TREE) ? Optional.of(found) : newest;
  }
}
