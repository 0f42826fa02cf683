package io.sworn.server.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.sworn.event.BsonBytes;
import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.AuditFileReader;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.Decision;
import io.sworn.filter.InvalidFilterException;
import io.sworn.filter.matcher.Judging;
import io.sworn.server.filters.FilterFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bson.BSONException;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Everything about filters. */
@Command(
    name = "filter",
    description = "Checks filters, tries them on recorded events, changes live ones.",
    mixinStandardHelpOptions = true,
    subcommands = {
      FilterCommand.Check.class,
      FilterCommand.Try.class,
      LiveFilterCommands.Put.class,
      LiveFilterCommands.Enumerate.class,
      LiveFilterCommands.Show.class,
      LiveFilterCommands.Rollback.class,
      LiveFilterCommands.Disable.class,
      FilterDiffCommand.class
    },
    footer = {"", "Example: sworn filter check my-filter.json"})
final class FilterCommand implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  FilterCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name what to do, or ask with --help.");
  }

  /** Whether a file is a filter. */
  @Command(
      name = "check",
      description =
          "Says of each file whether it is a valid filter; if not, where and why, with exit 2.",
      mixinStandardHelpOptions = true,
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {"0:every file is a valid filter", "2:some file is none; all were checked"},
      footer = {"", "Example: sworn filter check filters/*.json"})
  static final class Check implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files, each with one filter.")
    private List<Path> files = List.of();

    @Option(names = "--strict", description = "Refuses what only Sworn knows, such as $$cidr.")
    private boolean strict;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Check() {}

    @Override
    public Integer call() {
      int worst = Main.OK;
      for (Path file : files) {
        try {
          check(file);
        } catch (SwornException e) {
          spec.commandLine().getErr().println(e.getMessage());
          worst = Main.BAD_INPUT;
        }
      }
      return worst;
    }

    private void check(Path file) {
      AuditFilter filter = compile(file, strict);
      String place = files.size() == 1 ? "" : file + ": ";
      filter
          .warnings()
          .forEach(warning -> spec.commandLine().getErr().println(place + "warning " + warning));
      spec.commandLine().getOut().println(file + " is a valid filter");
      spec.commandLine().getOut().println("cost: " + filter.cost().text());
    }
  }

  /** What a filter keeps. */
  @Command(
      name = "test",
      description = {
        "Judges recorded events, one JSON line for each line: matched or not, or why not readable.",
        "What a filter cannot decide counts as matched, as in the pipeline, and is told with its"
            + " reason."
      },
      mixinStandardHelpOptions = true,
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {
        "0:every event was judged; undecidable ones are told",
        "1:some line is no event; the others were judged",
        "2:a filter or a file cannot be used"
      },
      footer = {"", "Example: sworn filter test --filter my-filter.json < auditLog.json"})
  static final class Try implements Callable<Integer> {

    /** Verdicts and lines told one by one on the error stream; the rest is only counted there. */
    private static final int TOLD_MAX = 20;

    private static final JsonFactory JSON =
        JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    /** One filter or a directory of filters. */
    static final class Which {
      @Option(names = "--filter", paramLabel = "FILE", description = "One filter.")
      private @Nullable Path filter;

      @Option(
          names = "--filters",
          paramLabel = "DIR",
          description = "All *.json of a directory, named after their files.")
      private @Nullable Path filters;
    }

    @ArgGroup(multiplicity = "1")
    private Which which = new Which();

    @Option(
        names = "--events",
        paramLabel = "FILE",
        description = "Audit file, JSON lines or BSON; default: standard input.")
    private @Nullable Path file;

    @Option(names = "--strict", description = "Refuses what only Sworn knows, such as $$cidr.")
    private boolean strict;

    @Spec private CommandSpec spec;

    /** Filters that would only count. */
    private final Set<String> shadows = new HashSet<>();

    private long events;
    private long unreadable;
    private long undecidable;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    Try() {}

    @Override
    public Integer call() throws IOException {
      SortedMap<String, AuditFilter> filters = filters();
      List<AuditFilter> compiled = List.copyOf(filters.values());
      List<String> names = List.copyOf(filters.keySet());
      Judging judging = AuditFilter.matcher(compiled).judging();
      PrintWriter out = spec.commandLine().getOut();
      try (AuditFileReader reader = RecordedEvents.open(file)) {
        for (AuditFileReader.Entry entry = reader.next(); entry != null; entry = reader.next()) {
          events++;
          out.println(line(entry, names, compiled, judging));
        }
      }
      out.flush();
      if (unreadable + undecidable > 0) {
        spec.commandLine()
            .getErr()
            .printf(
                "%d events, %d unreadable, %d undecidable verdicts%n",
                events - unreadable, unreadable, undecidable);
      }
      return unreadable == 0 ? Main.OK : Main.FAILED;
    }

    private SortedMap<String, AuditFilter> filters() {
      SortedMap<String, AuditFilter> filters = new TreeMap<>();
      if (which.filter != null) {
        filters.put("", filter("", which.filter));
      } else if (which.filters != null) {
        List<Path> files = json(which.filters);
        if (files.isEmpty()) {
          throw new SwornException(
              ErrorCode.INPUT,
              which.filters
                  + ": no file that ends in .json: put filters there, or name one with --filter");
        }
        files.forEach(path -> filters.put(name(path), filter(name(path), path)));
      }
      return filters;
    }

    private AuditFilter filter(String name, Path file) {
      FilterFile definition = definition(file);
      if (definition.shadow()) {
        shadows.add(name);
      }
      return compile(file, definition, strict);
    }

    private String line(
        AuditFileReader.Entry entry, List<String> names, List<AuditFilter> filters, Judging judging)
        throws IOException {
      java.io.StringWriter text = new java.io.StringWriter();
      try (JsonGenerator json = JSON.createGenerator(text)) {
        json.writeStartObject();
        json.writeNumberField("line", entry.number());
        String error = judge(entry, judging);
        if (error != null) {
          json.writeStringField("error", error);
          if (++unreadable <= TOLD_MAX) {
            spec.commandLine().getErr().println("line " + entry.number() + ": " + error);
          }
        } else if (which.filter != null) {
          // What cannot be decided travels as kept, here as in the pipeline.
          json.writeBooleanField("matched", judging.kept() > 0);
          if (!shadows.isEmpty()) {
            json.writeBooleanField("shadow", true);
          }
        } else {
          int[] kept = new int[judging.kept()];
          Arrays.setAll(kept, judging::kept);
          Arrays.sort(kept);
          List<String> all = Arrays.stream(kept).mapToObj(names::get).toList();
          array(json, "matched", all.stream().filter(name -> !shadows.contains(name)).toList());
          if (!shadows.isEmpty()) {
            array(json, "shadow", all.stream().filter(shadows::contains).toList());
          }
        }
        if (error == null && judging.undecidable()) {
          undecidable(json, entry, names, filters, judging);
        }
        json.writeEndObject();
      }
      return text.toString();
    }

    private void undecidable(
        JsonGenerator json,
        AuditFileReader.Entry entry,
        List<String> names,
        List<AuditFilter> filters,
        Judging judging)
        throws IOException {
      json.writeArrayFieldStart("undecidable");
      for (int number = 0; number < filters.size(); number++) {
        if (judging.decision(number) != Decision.UNDECIDABLE) {
          continue;
        }
        String name = names.get(number);
        String reason = reason(filters.get(number), entry.message());
        json.writeStartObject();
        if (!name.isEmpty()) {
          json.writeStringField("filter", name);
        }
        json.writeStringField("reason", reason);
        json.writeEndObject();
        if (++undecidable <= TOLD_MAX) {
          spec.commandLine()
              .getErr()
              .println(
                  "line "
                      + entry.number()
                      + (name.isEmpty() ? "" : ": filter " + name)
                      + ": undecidable, counts as matched: "
                      + reason);
        }
      }
      json.writeEndArray();
    }

    /** A search that was given up is the only thing that keeps a filter from deciding. */
    private static String reason(AuditFilter filter, @Nullable BsonDocument message) {
      List<String> places = message == null ? List.of() : filter.undecided(message);
      return (places.isEmpty() ? "a regular expression" : String.join(", ", places))
          + ": search given up after "
          + filter.cost().stepsMax()
          + " looks at a character; make the pattern simpler, or anchor it with ^";
    }

    private static void array(JsonGenerator json, String name, List<String> texts)
        throws IOException {
      json.writeArrayFieldStart(name);
      for (String text : texts) {
        json.writeString(text);
      }
      json.writeEndArray();
    }

    /** Judges what was read; returns why it could not be, or null. */
    private static @Nullable String judge(AuditFileReader.Entry entry, Judging judging) {
      BsonDocument message = entry.message();
      if (message == null) {
        return entry.error();
      }
      try {
        judging.judgeMessage(BsonBytes.of(message).array());
        return null;
      } catch (UnreadableEventException | BSONException e) {
        return String.valueOf(e.getMessage());
      }
    }

    private static String name(Path file) {
      String name = String.valueOf(file.getFileName());
      return name.substring(0, name.length() - ".json".length());
    }

    private static List<Path> json(Path directory) {
      try (Stream<Path> files = Files.list(directory)) {
        return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
      } catch (IOException e) {
        throw new SwornException(
            ErrorCode.INPUT,
            directory + " cannot be listed: " + LocalFiles.reason(e, directory),
            e);
      }
    }
  }

  /** Compiles a file; an error names the file, the place in it and the reason. */
  static AuditFilter compile(Path file) {
    return compile(file, false);
  }

  /** As {@link #compile(Path)}; strict: without what MongoDB does not know. */
  static AuditFilter compile(Path file, boolean strict) {
    return compile(file, definition(file), strict);
  }

  /** What a file says; an error names the file and the reason. */
  static FilterFile definition(Path file) {
    try {
      return FilterFile.parse(Files.readString(file));
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.INPUT, file + " cannot be read: " + LocalFiles.reason(e, file), e);
    } catch (InvalidFilterException e) {
      throw new SwornException(ErrorCode.INPUT, file + ": " + e.getMessage(), e);
    }
  }

  /** Compiles what was read from {@code file}. */
  static AuditFilter compile(Path file, FilterFile definition, boolean strict) {
    try {
      AuditFilter filter = AuditFilter.compile(definition.filter());
      return strict ? filter.strict() : filter;
    } catch (InvalidFilterException e) {
      throw new SwornException(ErrorCode.INPUT, file + ": " + e.getMessage(), e);
    }
  }
}
