package io.sworn.server.testing;

import io.sworn.event.Topics;
import io.sworn.server.broker.EmbeddedBroker;
import io.sworn.server.identity.Identity;
import io.sworn.server.identity.KafkaCredentials;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.topics.AccessRules;
import io.sworn.server.topics.TopicAdmin;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The real broker in a child process, with topics and access rules, for tests. */
public final class RealBroker implements AutoCloseable {

  private final Identity identity;
  private final KafkaCredentials credentials;
  private final EmbeddedBroker broker;

  /** Starts on the data in {@code directory}, with topics for {@code routes}. */
  public RealBroker(Path directory, Topics topics, List<String> routes) {
    identity = Identity.loadOrCreate(directory.resolve("identity"), Clock.systemUTC());
    credentials =
        KafkaCredentials.loadOrCreate(directory.resolve("identity").resolve("kafka.credentials"));
    broker = EmbeddedBroker.start(directory.resolve("kafka"), identity, credentials);
    try (TopicAdmin admin = new TopicAdmin(as(KafkaRole.BROKER))) {
      admin.createTopics(topics, routes, 4, Optional.of((short) 1));
      admin.allow(AccessRules.of(topics));
    }
  }

  /** Client properties of one role. */
  public Map<String, Object> as(KafkaRole role) {
    return new HashMap<>(credentials.client(role, broker.bootstrap(), identity.authority()));
  }

  /** The broker itself. */
  public EmbeddedBroker broker() {
    return broker;
  }

  @Override
  public void close() {
    broker.close();
  }
}
