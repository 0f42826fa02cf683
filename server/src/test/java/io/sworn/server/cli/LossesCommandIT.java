package io.sworn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AccountHeaders;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.event.LostRange;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.testing.SwornYaml;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody deleted behind a destination's back, and the person who answers for it. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LossesCommandIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String TROUBLE = "events were deleted from Kafka before siem had them";

  @TempDir Path directory;

  @BeforeEach
  void configure() throws Exception {
    // Nobody answers there, so all that is kept waits in Kafka.
    String url = "http://127.0.0.1:" + SwornYaml.freePort();
    SwornYaml.write(
        directory,
        "console: {enabled: false}",
        "exporters: [{name: siem, type: splunk, settings: {splunk.url: '"
            + url
            + "', splunk.token: none}}]");
  }

  @Test
  void aLossIsTroubleUntilSomebodyAnswersForItAndTheNextOneIsTroubleAgain() throws Exception {
    try (Sworn sworn = start()) {
      assertThat(await(sworn, flow -> flow.inFlight() > 0).lost()).isZero();
      Ran list = run("list");
      assertThat(list.code).as(list.err).isZero();
      assertThat(list.out).isEmpty();
      refused("no loss of 'siem' is known; there is none at all", "siem", "--reason", "x");
      deleteWhatWaits(sworn);
      sendUnreadable(sworn);
    }
    long lost;
    try (Sworn sworn = start()) {
      lost = await(sworn, flow -> flow.lost() > 0).lost();
      assertThat(sworn.troubles()).anyMatch(t -> t.contains("up to " + lost + " " + TROUBLE));
      assertThat(run("list").err).contains("audit.deliveries-", " cannot be counted: ");
      assertThat(run("list").out)
          .contains("\"destination\":\"siem\"", "\"topic\":\"audit.route.siem\"", "\"noticed\":\"2")
          .doesNotContain("acknowledged");
      refused("no loss of 'file' is known; there are losses of [siem]", "file", "--reason", "x");
      refused("--reason has 0 characters", "siem", "--reason", " ");
      refused("Missing required option: '--reason=TEXT'", "siem");
      assertThat(await(sworn, flow -> true).acknowledged()).isZero();

      Ran done = run("acknowledge", "siem", "--reason", "sent again by hand");
      assertThat(done.code).as(done.err).isZero();
      assertThat(done.out).contains("\"reason\":\"sent again by hand\"", "\"by\":\"");
      DestinationFlow flow = await(sworn, now -> now.acknowledged() == lost);
      assertThat(flow.lost()).as("is still told").isEqualTo(lost);
      assertThat(sworn.troubles()).noneMatch(trouble -> trouble.contains(TROUBLE));
      assertThat(run("list").out).contains("\"reason\":\"sent again by hand\"");
      Ran again = run("acknowledge", "siem", "--reason", "once more");
      assertThat(again.code).isZero();
      assertThat(again.out).isEmpty();
      assertThat(again.err).contains("all of 'siem' is acknowledged already");
      awaitOnRecord(sworn, "lossAcknowledged", lost);
      await(sworn, now -> now.inFlight() > 0);
      deleteWhatWaits(sworn);
    }
    try (Sworn sworn = start()) {
      DestinationFlow flow = await(sworn, now -> now.unacknowledged() > 0);
      assertThat(flow.acknowledged()).as("survives a start").isEqualTo(lost);
      assertThat(sworn.troubles())
          .anyMatch(t -> t.contains("up to " + flow.unacknowledged() + " " + TROUBLE));
    }
  }

  private Sworn start() {
    return Sworn.start(SwornConfig.load(directory.resolve("sworn.yaml"), null), () -> {});
  }

  /** Each start is an event that is kept, and so waits. */
  private static void deleteWhatWaits(Sworn sworn) throws Exception {
    String route = sworn.config().kafka().topics().route("siem");
    try (Admin admin = Admin.create(sworn.kafka(KafkaRole.BROKER))) {
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      admin
          .describeTopics(List.of(route))
          .topicNameValues()
          .get(route)
          .get()
          .partitions()
          .forEach(p -> ends.put(new TopicPartition(route, p.partition()), OffsetSpec.latest()));
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      admin
          .listOffsets(ends)
          .all()
          .get()
          .forEach((lane, end) -> all.put(lane, RecordsToDelete.beforeOffset(end.offset())));
      admin.deleteRecords(all).all().get();
    }
  }

  private static void sendUnreadable(Sworn sworn) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            sworn.config().kafka().topics().deliveries(),
            "siem".getBytes(UTF_8),
            "{".getBytes(UTF_8));
    record.headers().add(AccountHeaders.KIND, LostRange.KIND.getBytes(UTF_8));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            sworn.kafka(KafkaRole.EXPORTERS),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(record).get();
    }
  }

  private static DestinationFlow await(Sworn sworn, Predicate<DestinationFlow> wanted)
      throws InterruptedException {
    return Objects.requireNonNull(
        sworn
            .meter()
            .await(
                () -> true,
                now -> now.destinations().containsKey("siem") && wanted.test(siem(now)),
                LIMIT)
            .destinations()
            .get("siem"));
  }

  private static DestinationFlow siem(FlowSnapshot flow) {
    return Objects.requireNonNull(flow.destinations().get("siem"));
  }

  private static void awaitOnRecord(Sworn sworn, String type, long events) {
    List<AuditEvent> found = new ArrayList<>();
    TopicReader.read(
        sworn.kafka(KafkaRole.OPERATOR),
        sworn.config().kafka().topics().events(),
        Instant.EPOCH,
        true,
        record -> {
          AuditEvent event = AuditEventCodec.decode(record.value());
          if (event.type().equals(type)) {
            found.add(event);
          }
          return found.isEmpty();
        });
    assertThat(found.get(0).param().toDocument().getInt64("events").getValue()).isEqualTo(events);
    assertThat(found.get(0).result()).isZero();
  }

  private void refused(String why, String... arguments) {
    List<String> all = new ArrayList<>(List.of("acknowledge"));
    all.addAll(List.of(arguments));
    Ran ran = run(all.toArray(String[]::new));
    assertThat(ran.code).as(ran.err).isEqualTo(2);
    assertThat(ran.err).contains(why);
  }

  private record Ran(int code, String out, String err) {}

  private Ran run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("losses"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--config", directory.resolve("sworn.yaml").toString()));
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
    return new Ran(code, out.toString(), err.toString());
  }
}
