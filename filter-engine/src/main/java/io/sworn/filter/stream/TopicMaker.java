package io.sworn.filter.stream;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics and waits until each partition's leader serves them. */
final class TopicMaker implements AutoCloseable {

  private static final Duration WAIT = Duration.ofSeconds(60);

  private final Admin admin;

  TopicMaker(Map<String, Object> kafka) {
    admin = Admin.create(kafka);
  }

  int partitions(String topic) throws InterruptedException {
    return ask(
        () ->
            admin
                .describeTopics(List.of(topic))
                .topicNameValues()
                .values()
                .iterator()
                .next()
                .get(10, TimeUnit.SECONDS)
                .partitions()
                .size(),
        topic);
  }

  /** Makes sure that {@code topic} exists and can be written at once; kept for seven days. */
  void ensure(String topic, int partitions, boolean compacted) throws InterruptedException {
    ensure(topic, partitions, compacted, Duration.ofDays(7));
  }

  /** Makes sure that {@code topic} exists and can be written at once. */
  void ensure(String topic, int partitions, boolean compacted, Duration kept)
      throws InterruptedException {
    Set<String> names = ask(() -> admin.listTopics().names().get(10, TimeUnit.SECONDS), topic);
    if (!names.contains(topic)) {
      Map<String, String> settings =
          compacted
              ? Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT)
              : Map.of(
                  TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Topics.COPY_BYTES_MAX),
                  TopicConfig.RETENTION_MS_CONFIG, Long.toString(kept.toMillis()));
      try {
        admin
            .createTopics(
                List.of(
                    new NewTopic(topic, Optional.of(partitions), Optional.empty())
                        .configs(settings)))
            .all()
            .get(30, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw new SwornException(ErrorCode.STORAGE, "cannot create topic " + topic, e);
        }
      }
    }
    int count = partitions(topic);
    Map<TopicPartition, OffsetSpec> all = new HashMap<>();
    for (int i = 0; i < count; i++) {
      all.put(new TopicPartition(topic, i), OffsetSpec.latest());
    }
    ask(() -> admin.listOffsets(all).all().get(10, TimeUnit.SECONDS), topic);
  }

  private interface Question<T> {
    T ask() throws InterruptedException, ExecutionException, TimeoutException;
  }

  /** Asks until there is an answer; a topic just created is unknown for a moment. */
  private static <T> T ask(Question<T> question, String topic) throws InterruptedException {
    Instant deadline = Instant.now().plus(WAIT);
    while (true) {
      try {
        return question.ask();
      } catch (ExecutionException | TimeoutException e) {
        if (Instant.now().isAfter(deadline)) {
          throw new SwornException(ErrorCode.STORAGE, "topic " + topic + " does not answer", e);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }
}
