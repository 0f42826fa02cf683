package io.sworn.server.cli;

import io.sworn.event.DeadLetters;
import io.sworn.event.SwornJson;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.TrailEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a destination refused for good. */
@Command(
    name = "dead-letters",
    description = "What a destination refused for good, one JSON object a line, with the reason.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn dead-letters list"})
final class DeadLettersCommand implements Callable<Integer> {

  /** What to do with them. */
  enum Action {
    /** One line each. */
    LIST
  }

  @Mixin private InstanceOptions instance = new InstanceOptions();

  @Parameters(description = "${COMPLETION-CANDIDATES}")
  private Action action = Action.LIST;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  DeadLettersCommand() {}

  @Override
  public Integer call() {
    SwornConfig config = instance.load();
    Map<String, Object> kafka = InstanceOptions.operator(config);
    OwnTrail.record(config, TrailEntry.deadLettersList(config.kafka().topics().deadLetters()));
    switch (action) {
      case LIST ->
          TopicReader.read(
              kafka, config.kafka().topics().deadLetters(), Instant.EPOCH, false, this::print);
    }
    return Main.OK;
  }

  private boolean print(ConsumerRecord<byte[], byte[]> record) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("partition", record.partition());
    line.put("offset", record.offset());
    line.put("destination", header(record, DeadLetters.DESTINATION));
    line.put("reason", header(record, DeadLetters.REASON));
    line.put("answer", header(record, DeadLetters.ANSWER));
    line.put("attempt", header(record, DeadLetters.ATTEMPT));
    line.put("source", header(record, DeadLetters.SOURCE));
    line.put("event", header(record, DeadLetters.EVENT_ID));
    spec.commandLine().getOut().println(new String(SwornJson.write(line), StandardCharsets.UTF_8));
    return true;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }
}
