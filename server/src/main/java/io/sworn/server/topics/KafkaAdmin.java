package io.sworn.server.topics;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Kafka's admin client with an end to each wait: an answer comes within the limit, or a {@link
 * SwornException} says what was asked and why there is none.
 */
public final class KafkaAdmin implements AutoCloseable {

  private final Admin admin;
  private final Duration limit;

  /**
   * Connects.
   *
   * @param kafka client properties
   * @param limit for each answer
   */
  public KafkaAdmin(Map<String, Object> kafka, Duration limit) {
    this.admin = Admin.create(new HashMap<>(kafka));
    this.limit = limit;
  }

  /** The client, for questions whose answers go to {@link #await}. */
  public Admin client() {
    return admin;
  }

  /** The limit for each answer. */
  public Duration limit() {
    return limit;
  }

  /**
   * Waits for an answer.
   *
   * @param what was asked, for the message
   * @throws SwornException with Kafka's own exception as its cause; also if interrupted, which the
   *     thread still is then
   */
  public <T> T await(String what, Future<T> answer) {
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new SwornException(ErrorCode.STORAGE, "Kafka: " + what + ": " + cause, cause);
    } catch (TimeoutException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "Kafka: " + what + ": no answer within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.INTERNAL, "interrupted while asking for " + what, e);
    }
  }

  /** The partitions of a topic. */
  public List<TopicPartition> partitions(String topic) {
    return Objects.requireNonNull(
            await("partitions of " + topic, admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic))
        .partitions()
        .stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  /** An offset of each partition; -1 if there is none, as of a time that lies ahead of all. */
  public Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec which) {
    return offsets(partitions, which, IsolationLevel.READ_UNCOMMITTED);
  }

  /** As above, and whether the end lies before the first transaction that is still open. */
  public Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec which, IsolationLevel isolation) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    await(
            "offsets of " + partitions,
            admin.listOffsets(asked, new ListOffsetsOptions(isolation)).all())
        .forEach((partition, answer) -> offsets.put(partition, answer.offset()));
    return offsets;
  }

  /** What a consumer group has committed. */
  public Map<TopicPartition, OffsetAndMetadata> committed(String group) {
    return await(
        "offsets of group " + group,
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(group));
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }
}
