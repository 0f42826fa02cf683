package io.sworn.server.topics;

import static org.apache.kafka.common.acl.AclOperation.ALL;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import io.sworn.event.Topics;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.identity.KafkaRole;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Which role may do what at the broker. What is not listed is denied. Names of groups,
 * transactional ids and internal topics all begin with {@value #OWN}.
 */
public final class AccessRules {

  /** Beginning of every group, transactional id and internal topic of ours. */
  public static final String OWN = "sworn-";

  private final List<AclBinding> rules = new ArrayList<>();

  private AccessRules() {}

  /** All rules for {@code topics}. */
  public static List<AclBinding> of(Topics topics) {
    AccessRules r = new AccessRules();
    r.topic(KafkaRole.DATABASE, topics.events(), WRITE, DESCRIBE);

    r.topic(KafkaRole.FILTERS, topics.events(), READ, DESCRIBE);
    r.topic(KafkaRole.FILTERS, topics.filters(), READ, DESCRIBE);
    r.prefix(KafkaRole.FILTERS, topics.routePrefix(), CREATE, WRITE, DESCRIBE);
    r.topic(KafkaRole.FILTERS, topics.accounts(), READ, WRITE, DESCRIBE);
    r.topic(KafkaRole.FILTERS, topics.deadLetters(), WRITE, DESCRIBE);
    String engine = topics.prefix() + "filter-engine";
    r.prefix(KafkaRole.FILTERS, engine, ALL);
    r.add(KafkaRole.FILTERS, ResourceType.GROUP, engine, PatternType.PREFIXED, ALL);
    r.add(KafkaRole.FILTERS, ResourceType.TRANSACTIONAL_ID, engine, PatternType.PREFIXED, ALL);
    r.add(KafkaRole.FILTERS, ResourceType.CLUSTER, "kafka-cluster", PatternType.LITERAL, DESCRIBE);

    String alerts = topics.prefix() + "alert-engine";
    r.topic(KafkaRole.ALERTS, topics.events(), READ, WRITE, DESCRIBE);
    r.topic(KafkaRole.ALERTS, topics.alerts(), WRITE, DESCRIBE);
    r.topic(KafkaRole.ALERTS, topics.filters(), READ, DESCRIBE);
    r.prefix(KafkaRole.ALERTS, alerts, ALL);
    r.add(KafkaRole.ALERTS, ResourceType.GROUP, alerts, PatternType.PREFIXED, ALL);
    r.add(KafkaRole.ALERTS, ResourceType.TRANSACTIONAL_ID, alerts, PatternType.PREFIXED, ALL);
    r.add(KafkaRole.ALERTS, ResourceType.CLUSTER, "kafka-cluster", PatternType.LITERAL, DESCRIBE);

    r.prefix(KafkaRole.EXPORTERS, topics.routePrefix(), READ, DESCRIBE, DESCRIBE_CONFIGS);
    r.topic(KafkaRole.EXPORTERS, topics.deadLetters(), WRITE, DESCRIBE);
    r.topic(KafkaRole.EXPORTERS, topics.deliveries(), READ, WRITE, DESCRIBE);
    r.add(KafkaRole.EXPORTERS, ResourceType.GROUP, ExporterSpec.GROUPS, PatternType.PREFIXED, ALL);

    r.topic(KafkaRole.ARCHIVE, topics.events(), READ, DESCRIBE);
    r.topic(KafkaRole.ARCHIVE, topics.checkpoints(), READ, WRITE, DESCRIBE);
    r.add(KafkaRole.ARCHIVE, ResourceType.GROUP, OWN + "archive", PatternType.PREFIXED, ALL);

    r.prefix(KafkaRole.OPERATOR, topics.prefix(), READ, DESCRIBE);
    r.topic(KafkaRole.OPERATOR, topics.filters(), WRITE);
    r.topic(KafkaRole.OPERATOR, topics.deliveries(), WRITE); // acknowledged losses
    r.add(
        KafkaRole.OPERATOR,
        ResourceType.TRANSACTIONAL_ID,
        topics.prefix() + "filter-store",
        PatternType.LITERAL,
        WRITE,
        DESCRIBE);
    r.add(KafkaRole.OPERATOR, ResourceType.GROUP, OWN, PatternType.PREFIXED, ALL);
    r.add(
        KafkaRole.OPERATOR,
        ResourceType.GROUP,
        ExporterSpec.GROUPS,
        PatternType.PREFIXED,
        DESCRIBE);
    return r.rules;
  }

  private void topic(KafkaRole role, String name, AclOperation... operations) {
    add(role, ResourceType.TOPIC, name, PatternType.LITERAL, operations);
  }

  private void prefix(KafkaRole role, String name, AclOperation... operations) {
    add(role, ResourceType.TOPIC, name, PatternType.PREFIXED, operations);
  }

  private void add(
      KafkaRole role,
      ResourceType type,
      String name,
      PatternType pattern,
      AclOperation... allowed) {
    for (AclOperation operation : allowed) {
      rules.add(
          new AclBinding(
              new ResourcePattern(type, name, pattern),
              new AccessControlEntry(
                  "User:" + role.user(), "*", operation, AclPermissionType.ALLOW)));
    }
  }
}
