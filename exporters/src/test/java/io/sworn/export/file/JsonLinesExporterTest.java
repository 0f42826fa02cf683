package io.sworn.export.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.testing.Events;
import io.sworn.export.testing.ExporterContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesExporterTest extends ExporterContract {

  private static final Pattern ID = Pattern.compile("^\\{\"id\":\"([0-9a-f]{32})\"");

  @TempDir private Path directory;

  private Path path() {
    return directory.resolve("out/events.jsonl");
  }

  @Override
  protected Exporter exporter() {
    return exporter(Map.of());
  }

  @Override
  protected Exporter exporterToNowhere() throws IOException {
    Path file = Files.writeString(directory.resolve("a-file"), "");
    return exporter(Map.of("file.path", file.resolve("events.jsonl").toString()));
  }

  @Override
  protected Set<String> received() throws IOException {
    return Set.copyOf(ids(path()));
  }

  private Exporter exporter(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("file.path", path().toString());
    settings.putAll(more);
    return new JsonLinesExporterFactory().create(settings);
  }

  private static List<String> ids(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(ID::matcher)
        .peek(id -> assertThat(id.find()).isTrue())
        .map(id -> id.group(1))
        .collect(Collectors.toList());
  }

  @Test
  void aRestartWritesNoLineTwice() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 100);
    try (Exporter exporter = exporter()) {
      exporter.deliver(batch.subList(0, 70));
    }
    try (Exporter exporter = exporter()) {
      assertThat(exporter.deliver(batch)).isEqualTo(delivered(100));
    }
    assertThat(ids(path())).doesNotHaveDuplicates().hasSize(100);
  }

  @Test
  void aTornLastLineIsCutOffAndWrittenAgain() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 3);
    try (Exporter exporter = exporter()) {
      exporter.deliver(batch.subList(0, 2));
    }
    String line = Files.readAllLines(path()).get(0);
    Files.writeString(path(), line.substring(0, 50), StandardOpenOption.APPEND);
    try (Exporter exporter = exporter()) {
      exporter.deliver(batch);
    }
    assertThat(ids(path())).doesNotHaveDuplicates().hasSize(3);
  }

  @Test
  void aFileOfOneTornLineBeginsAnew() throws Exception {
    Files.createDirectories(path().getParent());
    Files.writeString(path(), "{\"id\":\"00", StandardCharsets.UTF_8);
    try (Exporter exporter = exporter()) {
      exporter.deliver(Events.inserts(trail(), 1, 1));
    }
    assertThat(ids(path())).hasSize(1);
  }

  @Test
  void rotationLosesAndRepeatsNothing() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 60);
    for (int i = 0; i < 60; i += 10) {
      try (Exporter exporter = exporter(Map.of("file.rotate.bytes", "5000"))) {
        exporter.deliver(batch.subList(Math.max(0, i - 5), i + 10));
      }
    }
    List<String> all = new java.util.ArrayList<>();
    try (var files = Files.list(path().getParent())) {
      for (Path file : files.toList()) {
        all.addAll(ids(file));
      }
    }
    assertThat(all).doesNotHaveDuplicates().hasSize(60);
  }

  @Test
  void aSecondWriterWaits() throws Exception {
    try (Exporter first = exporter();
        Exporter second = exporter()) {
      first.deliver(Events.inserts(trail(), 1, 1));
      assertThat(second.deliver(Events.inserts(trail(), 1, 1)).outcomes())
          .allMatch(EventOutcome.Deferred.class::isInstance);
    }
  }

  @Test
  void aFileThatWasMovedAwayIsBegunAgain() throws Exception {
    List<RoutedEvent> batch = Events.inserts(trail(), 1, 2);
    try (Exporter exporter = exporter()) {
      exporter.deliver(batch.subList(0, 1));
      Files.move(path(), directory.resolve("moved"));
      exporter.deliver(batch.subList(1, 2));
    }
    assertThat(ids(path())).hasSize(1);
    assertThat(ids(directory.resolve("moved"))).hasSize(1);
  }
}
