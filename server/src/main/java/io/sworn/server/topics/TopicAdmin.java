package io.sworn.server.topics;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates the topics and waits until every partition has a leader that answers. Sending to a topic
 * before that can fail an idempotent producer's first batches for good (KAFKA-15591), so no role
 * starts earlier.
 */
public final class TopicAdmin implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ASK_AGAIN = Duration.ofMillis(50);
  private static final String RETENTION = "retention.ms";
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  private final Admin admin;

  /** Connects with {@code kafka}, properties of a user that may create topics and rules. */
  public TopicAdmin(Map<String, Object> kafka) {
    this.admin = Admin.create(new HashMap<>(kafka));
  }

  /**
   * Creates what is missing, with {@code partitions} for events and routes.
   *
   * @param replication copies; empty for the cluster's own default
   */
  public void createTopics(
      Topics topics, Collection<String> routes, int partitions, Optional<Short> replication) {
    List<NewTopic> wanted = new ArrayList<>();
    Optional<Integer> many = Optional.of(partitions);
    Optional<Integer> one = Optional.of(1);
    Map<String, String> large = Map.of("max.message.bytes", "25165824");
    wanted.add(new NewTopic(topics.events(), many, replication).configs(keep(7, large)));
    for (String route : routes) {
      wanted.add(new NewTopic(topics.route(route), many, replication).configs(keep(7, large)));
    }
    wanted.add(new NewTopic(topics.deadLetters(), one, replication).configs(keep(30, large)));
    wanted.add(new NewTopic(topics.deliveries(), one, replication).configs(keep(30, Map.of())));
    Map<String, String> compacted = Map.of("cleanup.policy", "compact");
    wanted.add(new NewTopic(topics.filters(), one, replication).configs(compacted));
    // The last account of a trail is its count for ever, even if nothing comes for months.
    wanted.add(new NewTopic(topics.accounts(), one, replication).configs(compacted));
    wanted.add(new NewTopic(topics.checkpoints(), one, replication).configs(compacted));
    create(wanted);
  }

  /** Sets the rules of a broker that denies by default. */
  public void allow(Collection<AclBinding> rules) {
    await("access rules", admin.createAcls(rules).all());
  }

  private void create(List<NewTopic> wanted) {
    Set<String> existing = await("list of topics", admin.listTopics().names());
    List<NewTopic> missing = wanted.stream().filter(t -> !existing.contains(t.name())).toList();
    admin
        .createTopics(missing)
        .values()
        .forEach(
            (name, created) -> {
              try {
                created.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
              } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                  throw failure("topic " + name, e);
                }
              } catch (TimeoutException e) {
                throw failure("topic " + name, e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failure("topic " + name, e);
              }
            });
    awaitLeaders(wanted.stream().map(NewTopic::name).toList());
  }

  private void awaitLeaders(List<String> names) {
    Map<String, TopicDescription> described = describe(names);
    Map<TopicPartition, OffsetSpec> all = new HashMap<>();
    described.forEach(
        (name, d) ->
            d.partitions()
                .forEach(
                    p -> all.put(new TopicPartition(name, p.partition()), OffsetSpec.latest())));
    await("leaders of all partitions", admin.listOffsets(all).all());
  }

  /** Asks again while the broker that answers has not heard of a topic just created. */
  private Map<String, TopicDescription> describe(List<String> names) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try {
        return await("description of topics", admin.describeTopics(names).allTopicNames());
      } catch (SwornException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(ASK_AGAIN.toNanos());
      }
    }
  }

  private static Map<String, String> keep(int days, Map<String, String> more) {
    Map<String, String> configs = new HashMap<>(more);
    configs.put(RETENTION, Long.toString(days * DAY_MS));
    return configs;
  }

  private static <T> T await(String what, org.apache.kafka.common.KafkaFuture<T> future) {
    try {
      return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw failure(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(what, e);
    }
  }

  private static SwornException failure(String what, Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new SwornException(ErrorCode.STORAGE, "Kafka: " + what + ": " + cause, cause);
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }
}
