package io.sworn.server.topics;

import io.sworn.event.SwornException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is old and done: a record goes when it is older than its topic keeps records
 * <em>and</em> every reader is behind it. Kafka itself would delete by age alone. What nobody has
 * read stays, however long its reader stays away.
 */
public final class Trimmer implements AutoCloseable {

  /**
   * A topic and its readers.
   *
   * @param topic its name
   * @param atLeast how long records stay even if everybody has read them
   * @param groups consumer groups that must have committed an offset behind a record; a partition
   *     at which one has committed nothing keeps everything
   * @param strangers beginning of the names of further groups, each of which counts if it has
   *     committed anything there; empty: there are none
   * @param others a reader that keeps its offsets elsewhere: partition to next offset, none for a
   *     partition of which nothing may go
   */
  public record Kept(
      String topic,
      Duration atLeast,
      List<String> groups,
      String strangers,
      List<Supplier<Map<Integer, Long>>> others) {

    /** Copies the lists. */
    public Kept {
      groups = List.copyOf(groups);
      others = List.copyOf(others);
    }
  }

  /** A bound for deliveries: as long as any route holds older records, their receipts count. */
  private static final Duration MARGIN = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(Trimmer.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final KafkaAdmin admin;
  private final Function<Set<String>, List<Kept>> plan;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "trimmer");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Connects with {@code kafka}, properties of a user that may delete records.
   *
   * @param plan from the names of all topics to those that are trimmed
   */
  public Trimmer(Map<String, Object> kafka, Function<Set<String>, List<Kept>> plan, Clock clock) {
    this.admin = new KafkaAdmin(kafka, LIMIT);
    this.plan = plan;
    this.clock = clock;
  }

  /**
   * Goes through all topics {@code every} so often, the first time after it, but not while {@code
   * ready} says no.
   */
  public Trimmer start(Duration every, BooleanSupplier ready) {
    timer.scheduleWithFixedDelay(
        () -> {
          try {
            if (ready.getAsBoolean()) {
              trim();
            }
          } catch (RuntimeException e) {
            LOG.error("nothing is trimmed now", e); // thrown on, it would end the schedule
          }
        },
        every.toMillis(),
        every.toMillis(),
        TimeUnit.MILLISECONDS);
    return this;
  }

  /** Goes through all topics once; trouble with one is logged and waits for the next time. */
  public void trim() {
    List<Kept> topics;
    try {
      topics = plan.apply(admin.await("list of topics", admin.client().listTopics().names()));
    } catch (SwornException e) {
      LOG.warn("nothing can be trimmed now: {}", e.getMessage());
      return;
    }
    for (Kept kept : topics) {
      try {
        trim(kept);
      } catch (SwornException e) {
        LOG.warn("{} cannot be trimmed now, nothing is deleted: {}", kept.topic(), e.getMessage());
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
      } catch (RuntimeException e) {
        LOG.error("{} cannot be trimmed, nothing is deleted", kept.topic(), e);
      }
    }
  }

  private void trim(Kept kept) {
    List<TopicPartition> partitions = admin.partitions(kept.topic());
    Map<TopicPartition, Long> begins = admin.offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> limits = oldestToKeep(partitions, kept.atLeast());
    for (String group : kept.groups()) {
      Map<TopicPartition, OffsetAndMetadata> committed = admin.committed(group);
      limits.replaceAll(
          (partition, limit) -> {
            OffsetAndMetadata place = committed.get(partition);
            return place == null ? 0 : Math.min(limit, place.offset());
          });
    }
    if (!kept.strangers().isEmpty()) {
      boundByStrangers(kept, limits);
    }
    for (Supplier<Map<Integer, Long>> other : kept.others()) {
      Map<Integer, Long> next = other.get();
      limits.replaceAll(
          (partition, limit) -> Math.min(limit, next.getOrDefault(partition.partition(), 0L)));
    }
    Map<TopicPartition, RecordsToDelete> deleted = new HashMap<>();
    limits.forEach(
        (partition, limit) -> {
          if (limit > begins.getOrDefault(partition, 0L)) {
            deleted.put(partition, RecordsToDelete.beforeOffset(limit));
          }
        });
    if (!deleted.isEmpty()) {
      admin.await("deletion in " + kept.topic(), admin.client().deleteRecords(deleted).all());
      LOG.info("{}: old records that everybody has read are deleted, {}", kept.topic(), limits);
    }
  }

  /** Readers that are configured elsewhere show by what they have committed. */
  private void boundByStrangers(Kept kept, Map<TopicPartition, Long> limits) {
    for (GroupListing group :
        admin.await(
            "list of groups",
            admin.client().listGroups(ListGroupsOptions.forConsumerGroups()).all())) {
      if (!group.groupId().startsWith(kept.strangers())
          || kept.groups().contains(group.groupId())) {
        continue;
      }
      Map<TopicPartition, OffsetAndMetadata> committed = admin.committed(group.groupId());
      if (committed.keySet().stream().anyMatch(limits::containsKey)) {
        limits.replaceAll(
            (partition, limit) -> {
              OffsetAndMetadata place = committed.get(partition);
              return place == null ? 0 : Math.min(limit, place.offset());
            });
      }
    }
  }

  /**
   * A reader for receipts: everything is done when none of {@code routes} holds a record as old.
   *
   * @param age of the receipts
   */
  public static Supplier<Map<Integer, Long>> whenNoneIsOlder(
      Map<String, Object> kafka, List<String> routes, Duration age, Clock clock) {
    return () -> {
      try (Trimmer asking = new Trimmer(kafka, names -> List.of(), clock)) {
        for (String route : routes) {
          List<TopicPartition> lanes = asking.admin.partitions(route);
          Map<TopicPartition, Long> begins = asking.admin.offsets(lanes, OffsetSpec.earliest());
          Map<TopicPartition, Long> young = asking.oldestToKeep(lanes, age.minus(MARGIN));
          // One old record may be left of all: the mark that ended the last transaction.
          if (lanes.stream()
              .anyMatch(
                  lane ->
                      young.getOrDefault(lane, Long.MAX_VALUE) - begins.getOrDefault(lane, 0L)
                          > 1)) {
            return Map.of();
          }
        }
        return Map.of(0, Long.MAX_VALUE);
      } catch (SwornException e) {
        LOG.warn("the age of routes is not known, receipts stay: {}", e.getMessage());
        return Map.of();
      }
    };
  }

  /** The first offset not older than {@code age}; the end if all are older. */
  private Map<TopicPartition, Long> oldestToKeep(List<TopicPartition> partitions, Duration age) {
    // The end is asked for first: what comes after that is young.
    Map<TopicPartition, Long> ends = admin.offsets(partitions, OffsetSpec.latest());
    Map<TopicPartition, Long> young =
        admin.offsets(partitions, OffsetSpec.forTimestamp(clock.millis() - age.toMillis()));
    young.replaceAll(
        (partition, offset) -> offset < 0 ? Objects.requireNonNull(ends.get(partition)) : offset);
    return young;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    admin.close();
  }
}
