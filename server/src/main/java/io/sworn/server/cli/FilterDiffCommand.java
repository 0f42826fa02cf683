package io.sworn.server.cli;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.AuditFileReader;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.FilterStore;
import io.sworn.filter.FilterVerdicts;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.filters.FilterFile;
import io.sworn.server.trail.TrailEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a change of a filter would newly keep and newly drop, on traffic that really happened. */
@Command(
    name = "diff",
    description = {
      "Replays recorded events through an old and a new filter. One JSON line for each event that",
      "would be newly kept or newly dropped, then one with the counts."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: sworn filter diff new.json --name failed-logins --hours 24",
      "         sworn filter diff new.json --old old.json --events auditLog.json"
    })
final class FilterDiffCommand implements Callable<Integer> {

  /** What the new filter is compared with. */
  static final class Former {
    @Option(names = "--name", paramLabel = "NAME", description = "The newest version of a filter.")
    private @Nullable String name;

    @Option(names = "--old", paramLabel = "FILE", description = "A filter in a file.")
    private @Nullable Path file;
  }

  @Parameters(paramLabel = "FILE", description = "The new filter.")
  private Path file = Path.of("");

  @ArgGroup(multiplicity = "1")
  private Former former = new Former();

  @Option(
      names = "--events",
      paramLabel = "FILE",
      description = "Audit file, JSON lines or BSON; default: the events of a running instance.")
  private @Nullable Path events;

  @Option(
      names = "--hours",
      paramLabel = "N",
      description =
          "How far to go back in a running instance, 1 to 8784; default: ${DEFAULT-VALUE}.")
  private int hours = 24;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Lines of each sort at most, 0 to 10000; default: ${DEFAULT-VALUE}.")
  private int samples = 10;

  @Mixin private InstanceOptions instance = new InstanceOptions();
  @Spec private CommandSpec spec;

  private long read;
  private long unreadable;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  FilterDiffCommand() {}

  @Override
  public Integer call() throws IOException {
    if (hours < 1 || hours > 8784 || samples < 0 || samples > 10_000) {
      throw new ParameterException(
          spec.commandLine(), "--hours is 1 to 8784 and --samples 0 to 10000");
    }
    FilterFile definition = FilterCommand.definition(file);
    AuditFilter after = FilterCommand.compile(file, definition, false);
    Path old = former.file;
    Path recorded = events;
    if (old != null && recorded != null) { // the caller's own files, no instance
      FilterVerdicts verdicts = new FilterVerdicts(FilterCommand.compile(old), after);
      file(recorded, verdicts);
      summary(verdicts);
      return Main.OK;
    }
    SwornConfig config = instance.load();
    FilterVerdicts verdicts =
        new FilterVerdicts(old == null ? live(config) : FilterCommand.compile(old), after);
    if (recorded == null) {
      OwnTrail.record(config, TrailEntry.filterDiff(former.name, definition.filter(), hours));
      topic(config, verdicts);
    } else {
      file(recorded, verdicts);
    }
    summary(verdicts);
    return Main.OK;
  }

  private AuditFilter live(SwornConfig config) {
    String name = String.valueOf(former.name);
    try (FilterStore store =
        FilterStore.connect(InstanceOptions.operator(config), config.kafka().topics())) {
      return AuditFilter.compile(
          store
              .show(name)
              .orElseThrow(
                  () ->
                      new SwornException(
                          ErrorCode.INPUT,
                          "no filter '" + name + "': 'sworn filter list' shows all"))
              .filter());
    }
  }

  private void topic(SwornConfig config, FilterVerdicts verdicts) {
    TopicReader.read(
        InstanceOptions.operator(config),
        config.kafka().topics().events(),
        Instant.now().minus(Duration.ofHours(hours)),
        false,
        record -> {
          try {
            judge(verdicts, MongoAuditMessage.toMessage(AuditEventCodec.decode(record.value())));
          } catch (UnreadableEventException e) {
            unreadable(
                record.topic() + "-" + record.partition() + "@" + record.offset(), e.getMessage());
          }
          return true;
        });
  }

  private void file(Path source, FilterVerdicts verdicts) throws IOException {
    try (AuditFileReader reader = RecordedEvents.open(source)) {
      for (AuditFileReader.Entry entry = reader.next(); entry != null; entry = reader.next()) {
        BsonDocument message = entry.message();
        if (message == null) {
          unreadable(source + ", line " + entry.number(), entry.error());
        } else {
          judge(verdicts, message);
        }
      }
    }
  }

  private void judge(FilterVerdicts verdicts, BsonDocument message) {
    read++;
    FilterVerdicts.Change change = verdicts.judge(message);
    if (change != FilterVerdicts.Change.NONE && verdicts.count(change) <= samples) {
      spec.commandLine()
          .getOut()
          .println(
              "{\"change\":\""
                  + (change == FilterVerdicts.Change.KEPT ? "kept" : "dropped")
                  + "\",\"event\":"
                  + ExtendedJson.write(message)
                  + "}");
    }
  }

  private void unreadable(String place, @Nullable String reason) {
    unreadable++;
    spec.commandLine().getErr().println(place + ": " + reason);
  }

  private void summary(FilterVerdicts verdicts) {
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("events", read);
    numbers.put("unreadable", unreadable);
    numbers.put("keptBefore", verdicts.keptBefore());
    numbers.put("keptAfter", verdicts.keptAfter());
    numbers.put("newlyKept", verdicts.count(FilterVerdicts.Change.KEPT));
    numbers.put("newlyDropped", verdicts.count(FilterVerdicts.Change.DROPPED));
    numbers.put("undecidable", verdicts.undecidable());
    spec.commandLine()
        .getOut()
        .println(new String(SwornJson.write(numbers), StandardCharsets.UTF_8));
    spec.commandLine().getOut().flush();
  }
}
