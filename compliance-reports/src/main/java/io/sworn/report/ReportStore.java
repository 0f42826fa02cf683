package io.sworn.report;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The reports in a directory; sees complete ones only. Safe for any thread and process. */
public final class ReportStore {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,120}");

  private final Path directory;

  /** What was read; a report never changes once it is there. */
  private final Map<String, ReportSummary> known = new ConcurrentHashMap<>();

  /** The reports below {@code directory}, which need not exist yet. */
  public ReportStore(Path directory) {
    this.directory = directory;
  }

  /** All reports, the newest run first. */
  public List<ReportSummary> list() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(directory)) {
      return children
          .map(child -> find(child.getFileName().toString()))
          .flatMap(Optional::stream)
          .sorted(
              Comparator.comparing(ReportSummary::at)
                  .reversed()
                  .thenComparing(ReportSummary::id, Comparator.reverseOrder()))
          .toList();
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "reports " + directory + ": " + LocalFiles.reason(e, directory), e);
    }
  }

  /** The report of this id; a hostile id finds nothing. */
  public Optional<ReportSummary> find(String id) {
    Path home = ID.matcher(id).matches() ? directory.resolve(id) : null;
    if (home == null || !Files.isRegularFile(home.resolve("report.json"))) {
      return Optional.empty();
    }
    return Optional.of(known.computeIfAbsent(id, key -> read(home)));
  }

  private static ReportSummary read(Path home) {
    Report report = ReportJson.read(home.resolve("report.json"));
    return new ReportSummary(
        report.id(),
        report.title(),
        report.period(),
        report.at(),
        report.occasion(),
        report.counts(),
        home);
  }
}
