package io.sworn.server.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.server.identity.Identity;
import io.sworn.server.identity.KafkaCredentials;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.topics.AccessRules;
import io.sworn.server.topics.TopicAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {

  private static final Topics TOPICS = Topics.standard();

  @TempDir static Path directory;
  private static Identity identity;
  private static KafkaCredentials credentials;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void start() {
    identity = Identity.loadOrCreate(directory.resolve("identity"), Clock.systemUTC());
    credentials =
        KafkaCredentials.loadOrCreate(directory.resolve("identity").resolve("kafka.credentials"));
    broker = EmbeddedBroker.start(directory.resolve("kafka"), identity, credentials);
    try (TopicAdmin admin = new TopicAdmin(as(KafkaRole.BROKER))) {
      admin.createTopics(TOPICS, List.of("splunk"), 4, Optional.of((short) 1));
      admin.allow(AccessRules.of(TOPICS));
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void recordsSurviveAKilledBrokerThatIsStartedAgain() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer(as(KafkaRole.DATABASE))) {
      long before = broker.pid();
      producer.send(new ProducerRecord<>(TOPICS.events(), 0, null, new byte[] {1})).get();
      ProcessHandle handle = ProcessHandle.of(before).orElseThrow();
      assertThat(handle.destroyForcibly()).isTrue();
      handle.onExit().get(30, TimeUnit.SECONDS);
      producer.send(new ProducerRecord<>(TOPICS.events(), 0, null, new byte[] {2})).get();
      assertThat(broker.pid()).isNotEqualTo(before);
      assertThat(broker.healthy()).isTrue();
    }
    Map<String, Object> properties = as(KafkaRole.ARCHIVE);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition zero = new TopicPartition(TOPICS.events(), 0);
      consumer.assign(List.of(zero));
      consumer.seekToBeginning(List.of(zero));
      assertThat(consumer.endOffsets(List.of(zero))).containsEntry(zero, 2L);
    }
  }

  @Test
  void routeOfSomebodyElseThatTakesLessThanTheEventsIsNamedWithTheRemedy() throws Exception {
    Topics topics = new Topics("small.");
    Optional<Integer> one = Optional.of(1);
    try (Admin kafka = Admin.create(as(KafkaRole.BROKER));
        TopicAdmin admin = new TopicAdmin(as(KafkaRole.BROKER))) {
      kafka
          .createTopics(
              List.of(
                  new NewTopic(topics.route("siem"), one, Optional.empty())
                      .configs(Map.of("max.message.bytes", "1048588"))))
          .all()
          .get();
      assertThatThrownBy(
              () -> admin.createTopics(topics, List.of("siem"), 1, Optional.of((short) 1)))
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("small.route.siem (1048588)")
          .hasMessageContaining("set it to at least");
    }
  }

  @Test
  void nobodyEntersWithoutAPassword() {
    Map<String, Object> wrong = as(KafkaRole.DATABASE);
    wrong.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required"
            + " username=\"sworn-database\" password=\"guess\";");
    try (Admin admin = Admin.create(wrong)) {
      assertThatThrownBy(() -> admin.listTopics().names().get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void aRoleWritesOnlyWhatIsItsOwn() {
    for (KafkaRole role : List.of(KafkaRole.EXPORTERS, KafkaRole.ARCHIVE, KafkaRole.FILTERS)) {
      try (KafkaProducer<byte[], byte[]> producer = producer(as(role))) {
        assertThatThrownBy(
                () -> producer.send(new ProducerRecord<>(TOPICS.events(), new byte[1])).get())
            .as("%s writes events", role)
            .hasCauseInstanceOf(TopicAuthorizationException.class);
      }
    }
    try (KafkaProducer<byte[], byte[]> producer = producer(as(KafkaRole.DATABASE))) {
      assertThatThrownBy(
              () -> producer.send(new ProducerRecord<>(TOPICS.filters(), new byte[1])).get())
          .hasCauseInstanceOf(TopicAuthorizationException.class);
    }
  }

  @Test
  void whatIsGeneratedIsReadableByItsOwnerAlone() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("identity"))) {
      assertThat(files.filter(Files::isRegularFile).toList())
          .isNotEmpty()
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("kafka/broker.properties"))))
        .isEqualTo("rw-------");
  }

  private static Map<String, Object> as(KafkaRole role) {
    return new HashMap<>(credentials.client(role, broker.bootstrap(), identity.authority()));
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> properties) {
    properties.put("max.block.ms", Duration.ofSeconds(60).toMillis());
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
