package io.sworn.server.topics;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.stream.AlertEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the topics and waits until every partition has a leader that answers. Sending to a topic
 * before that can fail an idempotent producer's first batches for good (KAFKA-15591), so no role
 * starts earlier.
 */
public final class TopicAdmin implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ASK_AGAIN = Duration.ofMillis(50);
  private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);
  private static final String BATCH = "max.message.bytes";
  private static final String RETENTION = "retention.ms";

  /** Kafka deletes nothing by itself: {@link Trimmer} does, when it has been read. */
  private static final Duration FOR_EVER = Duration.ofMillis(-1);

  private final KafkaAdmin admin;

  /** Connects with {@code kafka}, properties of a user that may create topics and rules. */
  public TopicAdmin(Map<String, Object> kafka) {
    this.admin = new KafkaAdmin(kafka, LIMIT);
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
    Map<String, String> large = batches(Topics.COPY_BYTES_MAX);
    wanted.add(
        new NewTopic(topics.events(), many, replication)
            .configs(keep(FOR_EVER, batches(Topics.EVENT_BYTES_MAX))));
    for (String route : routes) {
      wanted.add(
          new NewTopic(topics.route(route), many, replication).configs(keep(FOR_EVER, large)));
    }
    wanted.add(
        new NewTopic(topics.deadLetters(), one, replication)
            .configs(keep(Duration.ofDays(30), large)));
    wanted.add(
        new NewTopic(topics.alerts(), one, replication)
            .configs(keep(Duration.ofDays(30), Map.of())));
    wanted.add(
        new NewTopic(topics.deliveries(), one, replication).configs(keep(FOR_EVER, Map.of())));
    Map<String, String> compacted = Map.of("cleanup.policy", "compact");
    wanted.add(new NewTopic(topics.filters(), one, replication).configs(compacted));
    // The last account of a trail is its count for ever, even if nothing comes for months.
    wanted.add(new NewTopic(topics.accounts(), one, replication).configs(compacted));
    wanted.add(new NewTopic(topics.checkpoints(), one, replication).configs(compacted));
    create(wanted);
    List<String> read = new ArrayList<>(List.of(topics.events(), topics.deliveries()));
    routes.forEach(route -> read.add(topics.route(route)));
    Set<String> existing = admin.await("list of topics", admin.client().listTopics().names());
    read.addAll(existing.stream().filter(AlertEngine.between(topics)::equals).toList());
    keepUntilRead(read, replication.isPresent());
    List<String> copies = new ArrayList<>(List.of(topics.deadLetters()));
    routes.forEach(route -> copies.add(topics.route(route)));
    checkLimits(topics.events(), copies);
  }

  /**
   * Topics that are there already may delete by age what nobody has read yet. Those of our own
   * broker are mended, for those of somebody else there is a warning.
   */
  private void keepUntilRead(List<String> names, boolean own) {
    List<ConfigResource> all =
        names.stream().map(n -> new ConfigResource(ConfigResource.Type.TOPIC, n)).toList();
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    try {
      admin
          .await("settings of topics", admin.client().describeConfigs(all).all())
          .forEach(
              (topic, config) -> {
                if (!config.get(RETENTION).value().equals(Long.toString(FOR_EVER.toMillis()))) {
                  changes.put(
                      topic,
                      List.of(
                          new AlterConfigOp(
                              new ConfigEntry(RETENTION, Long.toString(FOR_EVER.toMillis())),
                              AlterConfigOp.OpType.SET)));
                }
              });
    } catch (SwornException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      LOG.warn("{} of the topics may not be read: {}", RETENTION, e.getMessage());
      return;
    }
    if (own && !changes.isEmpty()) {
      admin.await("settings of topics", admin.client().incrementalAlterConfigs(changes).all());
    } else if (!changes.isEmpty()) {
      LOG.warn(
          "{} of {} lets Kafka delete what its reader may not have read yet: set it to -1, Sworn"
              + " deletes old records that have been read",
          RETENTION,
          changes.keySet().stream().map(ConfigResource::name).sorted().toList());
    }
  }

  /**
   * What the topic of events took, with headers, must fit where it is copied to: else one long
   * event stops the filters for all. Topics that somebody else made may not be so.
   */
  private void checkLimits(String events, List<String> copies) {
    List<ConfigResource> all = new ArrayList<>();
    all.add(new ConfigResource(ConfigResource.Type.TOPIC, events));
    copies.forEach(name -> all.add(new ConfigResource(ConfigResource.Type.TOPIC, name)));
    Map<String, Integer> limits = new HashMap<>();
    try {
      admin
          .await("settings of topics", admin.client().describeConfigs(all).all())
          .forEach(
              (resource, config) ->
                  limits.put(resource.name(), Integer.parseInt(config.get(BATCH).value())));
    } catch (SwornException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      LOG.warn("{} of the topics may not be read and was not checked: {}", BATCH, e.getMessage());
      return;
    }
    int longest = Math.min(limits.getOrDefault(events, 0), Topics.EVENT_BYTES_MAX);
    List<String> tooShort = new ArrayList<>();
    for (String name : copies) {
      if (limits.getOrDefault(name, 0) < longest + Topics.COPY_HEADER_BYTES) {
        tooShort.add(name + " (" + limits.get(name) + ")");
      }
    }
    if (!tooShort.isEmpty()) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          BATCH
              + " of "
              + String.join(", ", tooShort)
              + " is less than that of "
              + events
              + " ("
              + limits.get(events)
              + ") and room for headers: set it to at least "
              + (longest + Topics.COPY_HEADER_BYTES));
    }
  }

  private static Map<String, String> batches(int bytesMax) {
    return Map.of(BATCH, Integer.toString(bytesMax));
  }

  /** Sets the rules of a broker that denies by default. */
  public void allow(Collection<AclBinding> rules) {
    admin.await("access rules", admin.client().createAcls(rules).all());
  }

  private void create(List<NewTopic> wanted) {
    Set<String> existing = admin.await("list of topics", admin.client().listTopics().names());
    List<NewTopic> missing = wanted.stream().filter(t -> !existing.contains(t.name())).toList();
    admin
        .client()
        .createTopics(missing)
        .values()
        .forEach(
            (name, created) -> {
              try {
                admin.await("topic " + name, created);
              } catch (SwornException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                  throw e;
                }
              }
            });
    awaitLeaders(wanted.stream().map(NewTopic::name).toList());
  }

  private void awaitLeaders(List<String> names) {
    Map<String, TopicDescription> described = describe(names);
    List<TopicPartition> all = new ArrayList<>();
    described.forEach(
        (name, d) -> d.partitions().forEach(p -> all.add(new TopicPartition(name, p.partition()))));
    admin.offsets(all, OffsetSpec.latest());
  }

  /** Asks again while the broker that answers has not heard of a topic just created. */
  private Map<String, TopicDescription> describe(List<String> names) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try {
        return admin.await(
            "description of topics", admin.client().describeTopics(names).allTopicNames());
      } catch (SwornException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(ASK_AGAIN.toNanos());
      }
    }
  }

  private static Map<String, String> keep(Duration time, Map<String, String> more) {
    Map<String, String> configs = new HashMap<>(more);
    configs.put(RETENTION, Long.toString(time.toMillis()));
    return configs;
  }

  @Override
  public void close() {
    admin.close();
  }
}
