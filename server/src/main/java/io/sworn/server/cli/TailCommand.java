package io.sworn.server.cli;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.TrailEntry;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows events as they come. */
@Command(
    name = "tail",
    description = "Events as MongoDB's JSON, one a line, as they come.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn tail --from-beginning --count 10"})
final class TailCommand implements Callable<Integer> {

  @Mixin private InstanceOptions instance = new InstanceOptions();

  @Option(names = "--from-beginning", description = "Begin with the oldest event that is kept.")
  private boolean fromBeginning;

  @Option(names = "--count", paramLabel = "N", description = "Stop after N events; 0: never.")
  private long count;

  @Spec private CommandSpec spec;
  private long shown;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  TailCommand() {}

  @Override
  public Integer call() {
    SwornConfig config = instance.load();
    Map<String, Object> kafka = InstanceOptions.operator(config);
    OwnTrail.record(config, TrailEntry.tail(config.kafka().topics().events()));
    TopicReader.read(
        kafka,
        config.kafka().topics().events(),
        fromBeginning ? Instant.EPOCH : null,
        true,
        record -> {
          try {
            spec.commandLine()
                .getOut()
                .println(
                    ExtendedJson.write(
                        MongoAuditMessage.toMessage(AuditEventCodec.decode(record.value()))));
          } catch (UnreadableEventException e) {
            spec.commandLine()
                .getErr()
                .println("record at " + record.offset() + ": " + e.getMessage());
          }
          return ++shown != count;
        });
    return Main.OK;
  }
}
