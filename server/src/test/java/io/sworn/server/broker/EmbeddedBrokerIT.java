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
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.raft.FileQuorumStateStore;
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

  /**
   * What a killed writer had begun is given up, however often the broker is killed at the same
   * time: no partition keeps records that are neither committed nor aborted, no group keeps offsets
   * that wait for either.
   */
  @Test
  void whatWasBegunWhenBrokerAndWriterDiedIsGivenUp() throws Exception {
    String group = "audit.begun";
    Map<String, Object> properties = as(KafkaRole.BROKER);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    ConsumerGroupMetadata member;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      member = consumer.groupMetadata();
    }
    try (Admin kafka = Admin.create(properties)) {
      String topic = "begun";
      kafka.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      TopicPartition zero = new TopicPartition(topic, 0);
      properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 3000);
      for (int i = 0; i < 3; i++) {
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "begun-" + i);
        KafkaProducer<byte[], byte[]> dying = producer(properties);
        dying.initTransactions();
        dying.beginTransaction();
        dying.send(new ProducerRecord<>(topic, 0, null, new byte[] {1})).get();
        dying.sendOffsetsToTransaction(Map.of(zero, new OffsetAndMetadata(i)), member);
        ProcessHandle handle = ProcessHandle.of(broker.pid()).orElseThrow();
        handle.destroyForcibly();
        dying.close(Duration.ZERO);
        handle.onExit().get(30, TimeUnit.SECONDS);

        within(
            Duration.ofSeconds(60),
            () ->
                ended(kafka, zero, IsolationLevel.READ_COMMITTED)
                    == ended(kafka, zero, IsolationLevel.READ_UNCOMMITTED));
        within(Duration.ofSeconds(60), () -> stableOffsets(kafka, group));
      }
    }
  }

  /**
   * The metadata know in which epoch they are led. Each start adds one, and one more when a
   * controller first takes back what a broker left that was killed.
   */
  @Test
  void whetherTheLastBrokerStoppedCleanlyIsBelievedOnlyOfTheLastOne(@TempDir Path own)
      throws Exception {
    Path mark = own.resolve("stopped-cleanly");
    Path left = own.resolve("left-over");
    EmbeddedBroker.start(own, identity, credentials).close();
    Files.copy(mark, left);
    int first = epoch(own);
    try (EmbeddedBroker second = EmbeddedBroker.start(own, identity, credentials)) {
      assertThat(epoch(own)).as("the first stopped cleanly").isEqualTo(first + 1);

      restartedAfterKill(second);
      assertThat(epoch(own)).as("the second was killed").isEqualTo(first + 3);

      // As from a process that was slow to write it down, or from a version that reads no mark.
      Files.copy(left, mark, StandardCopyOption.REPLACE_EXISTING);
      restartedAfterKill(second);
      assertThat(epoch(own)).as("what the first left is not of the third").isEqualTo(first + 5);
    }
    Files.delete(mark);
    try (EmbeddedBroker last = EmbeddedBroker.start(own, identity, credentials)) {
      assertThat(last.healthy()).isTrue();
      assertThat(epoch(own)).as("a mark that is lost costs a moment").isEqualTo(first + 7);
    }
  }

  /** A controller alone takes back what a killed broker left; it outlives nobody, either. */
  @Test
  void childWhoseParentDiesBeforeItServesEndsAtOnce(@TempDir Path own) throws Exception {
    EmbeddedBroker.start(own, identity, credentials).close();
    Files.delete(own.resolve("stopped-cleanly"));
    int before = epoch(own);
    Path log = own.resolve("child.log");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlogback.configurationFile=logback-broker.xml",
                "-cp",
                System.getProperty("java.class.path"),
                BrokerMain.class.getName(),
                own.resolve("broker.properties").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      within(Duration.ofSeconds(60), () -> epoch(own) > before);
      child.getOutputStream().close();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).as("ended").isTrue();
      assertThat(child.exitValue()).isEqualTo(1);
      assertThat(Files.readString(log)).doesNotContain("READY").contains("The parent has ended");
    } finally {
      child.destroyForcibly();
    }
    try (EmbeddedBroker next = EmbeddedBroker.start(own, identity, credentials)) {
      assertThat(next.healthy()).isTrue();
    }
  }

  private static void restartedAfterKill(EmbeddedBroker killed) throws Exception {
    long pid = killed.pid();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    // Less than the minute after which Kafka gives up to register twice.
    within(Duration.ofSeconds(50), () -> killed.pid() != pid);
  }

  private static int epoch(Path directory) {
    return new FileQuorumStateStore(
            directory.resolve("log").resolve("__cluster_metadata-0/quorum-state").toFile())
        .readElectionState()
        .orElseThrow()
        .epoch();
  }

  private static void within(Duration limit, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("still not so after %s", limit).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static boolean stableOffsets(Admin kafka, String group) throws Exception {
    try {
      assertThat(
              kafka
                  .listConsumerGroupOffsets(
                      group,
                      new ListConsumerGroupOffsetsOptions().requireStable(true).timeoutMs(2000))
                  .partitionsToOffsetAndMetadata()
                  .get())
          .isEmpty();
      return true;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(RetriableException.class);
      return false;
    }
  }

  private static long ended(Admin kafka, TopicPartition partition, IsolationLevel level)
      throws Exception {
    return kafka
        .listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(level))
        .partitionResult(partition)
        .get(60, TimeUnit.SECONDS)
        .offset();
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
