package io.sworn.server.cli;

import io.sworn.event.AccountHeaders;
import io.sworn.event.ErrorCode;
import io.sworn.event.LossAcknowledgement;
import io.sworn.event.LostRange;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.flow.LossBook;
import io.sworn.server.flow.LossBook.Loss;
import io.sworn.server.topics.KafkaAdmin;
import io.sworn.server.trail.TrailEntry;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What was deleted from Kafka before a destination had it, and who has dealt with that. */
@Command(
    name = "losses",
    description = "What was deleted from Kafka before a destination had it; answers for it.",
    mixinStandardHelpOptions = true,
    subcommands = {LossesCommand.Enumerate.class, LossesCommand.Acknowledge.class},
    footer = {"", "Example: sworn losses list"})
final class LossesCommand implements Runnable {

  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
  private static final int REASON_CHARS_MAX = 1000;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  LossesCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name what to do, or ask with --help.");
  }

  /** What cannot be read is told and passed over, as the meter does. */
  private static List<Loss> read(SwornConfig config, PrintWriter err) {
    LossBook book = new LossBook();
    TopicReader.read(
        InstanceOptions.operator(config),
        config.kafka().topics().deliveries(),
        Instant.EPOCH,
        false,
        record -> {
          try {
            book.read(record);
          } catch (SwornException e) {
            err.println(
                record.topic()
                    + "-"
                    + record.partition()
                    + "@"
                    + record.offset()
                    + " cannot be counted: "
                    + e.getMessage());
          }
          return true;
        });
    return book.losses();
  }

  private static String line(Loss loss) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("destination", loss.range().destination());
    line.put("topic", loss.range().topic());
    line.put("partition", loss.range().partition());
    line.put("from", loss.range().from());
    line.put("to", loss.range().to());
    line.put("noticed", Instant.ofEpochMilli(loss.range().noticedAt()).toString());
    loss.acknowledged()
        .ifPresent(
            acknowledgement -> {
              line.put("acknowledged", Instant.ofEpochMilli(acknowledgement.at()).toString());
              line.put("by", acknowledgement.by());
              line.put("reason", acknowledgement.reason());
            });
    return new String(SwornJson.write(line), StandardCharsets.UTF_8);
  }

  /** Shows all of it. */
  @Command(
      name = "list",
      description = "Each lost range of offsets, one JSON object a line; exit 0, also if none.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn losses list --config sworn.yaml"})
  static final class Enumerate implements Callable<Integer> {

    @Mixin private InstanceOptions instance = new InstanceOptions();
    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Enumerate() {}

    @Override
    public Integer call() {
      read(instance.load(), spec.commandLine().getErr())
          .forEach(loss -> spec.commandLine().getOut().println(line(loss)));
      spec.commandLine().getOut().flush();
      return Main.OK;
    }
  }

  /** Answers for what is known now; a later loss is trouble again. */
  @Command(
      name = "acknowledge",
      description = {
        "Answers for what a destination has lost so far: status is healthy again.",
        "The lost events stay counted. It is on record before it happens."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example: sworn losses acknowledge splunk --reason \"sent again by hand\""})
  static final class Acknowledge implements Callable<Integer> {

    @Mixin private InstanceOptions instance = new InstanceOptions();

    @Parameters(paramLabel = "DESTINATION", description = "Name of the exporter.")
    private String destination;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        required = true,
        description = "What was done about it, at most " + REASON_CHARS_MAX + " characters.")
    private String reason;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Acknowledge() {}

    @Override
    public Integer call() {
      if (reason.isBlank() || reason.length() > REASON_CHARS_MAX) {
        throw new SwornException(
            ErrorCode.INPUT,
            "--reason has "
                + reason.strip().length()
                + " characters, expected 1 to "
                + REASON_CHARS_MAX
                + ": say what was done about the loss");
      }
      SwornConfig config = instance.load();
      List<Loss> all = read(config, spec.commandLine().getErr());
      List<Loss> ours =
          all.stream().filter(loss -> loss.range().destination().equals(destination)).toList();
      if (ours.isEmpty()) {
        TreeSet<String> names = new TreeSet<>();
        all.forEach(loss -> names.add(loss.range().destination()));
        throw new SwornException(
            ErrorCode.INPUT,
            "no loss of '"
                + destination
                + "' is known; "
                + (names.isEmpty() ? "there is none at all" : "there are losses of " + names));
      }
      List<LostRange> open =
          ours.stream().filter(l -> l.acknowledged().isEmpty()).map(Loss::range).toList();
      if (open.isEmpty()) {
        spec.commandLine()
            .getErr()
            .println("all of '" + destination + "' is acknowledged already: nothing was changed");
        return Main.OK;
      }
      LossAcknowledgement acknowledgement =
          new LossAcknowledgement(
              destination,
              open,
              LiveCommand.Change.author(),
              reason.strip(),
              System.currentTimeMillis());
      OwnTrail.changing(
          config,
          TrailEntry.lossAcknowledged(destination, open, acknowledgement.reason()),
          record -> {
            record.run();
            write(config, acknowledgement);
            return acknowledgement;
          });
      open.forEach(
          range ->
              spec.commandLine()
                  .getOut()
                  .println(line(new Loss(range, Optional.of(acknowledgement)))));
      spec.commandLine().getOut().flush();
      return Main.OK;
    }

    private static void write(SwornConfig config, LossAcknowledgement acknowledgement) {
      Map<String, Object> kafka = new HashMap<>(InstanceOptions.operator(config));
      kafka.put(ProducerConfig.ACKS_CONFIG, "all");
      ProducerRecord<byte[], byte[]> note =
          new ProducerRecord<>(
              config.kafka().topics().deliveries(),
              acknowledgement.destination().getBytes(StandardCharsets.UTF_8),
              SwornJson.write(acknowledgement));
      note.headers()
          .add(AccountHeaders.KIND, LossAcknowledgement.KIND.getBytes(StandardCharsets.UTF_8));
      try (KafkaAdmin admin = new KafkaAdmin(kafka, ANSWER_MAX);
          KafkaProducer<byte[], byte[]> producer =
              new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
        admin.await("acknowledgement of a loss", producer.send(note));
      }
    }
  }
}
