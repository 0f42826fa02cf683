package io.sworn.export.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sworn.event.EventId;
import io.sworn.event.LocalFiles;
import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.format.JsonLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends events to a file.
 *
 * <p>Delivered means: the line is on disk (fsync). The ids of the newest lines are read back at the
 * start, so that what Kafka hands out again after a crash is not written twice.
 */
final class JsonLinesExporter implements Exporter {

  private static final Logger LOG = LoggerFactory.getLogger(JsonLinesExporter.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final int ROTATED_MAX = 1_000_000;

  /** Typical line; the window is read back by bytes, so long lines only make it shorter. */
  private static final long LINE_BYTES = 1_500;

  private final JsonLinesSettings settings;
  private final IdWindow seen;
  private @Nullable LineFile file;
  private boolean windowIsRead;
  private int notOurs;

  JsonLinesExporter(JsonLinesSettings settings) {
    this.settings = settings;
    this.seen = new IdWindow(settings.window());
  }

  @Override
  public DeliveryReport deliver(List<RoutedEvent> batch) {
    List<byte[]> lines = new ArrayList<>();
    Set<EventId> fresh = new HashSet<>();
    try {
      LineFile open = opened();
      for (RoutedEvent routed : batch) {
        EventId id = routed.event().id();
        if (!seen.contains(id) && fresh.add(id)) {
          lines.add(JsonLine.write(routed));
        }
      }
      open.append(lines);
    } catch (IOException e) {
      LOG.debug("{} took no lines", settings.path(), e);
      closeFile();
      return DeliveryReport.all(
          batch.size(),
          EventOutcome.deferred(
              settings.path() + " cannot be written: " + LocalFiles.reason(e, settings.path())));
    }
    batch.forEach(routed -> seen.add(routed.event().id()));
    return DeliveryReport.all(batch.size(), EventOutcome.DELIVERED);
  }

  private LineFile opened() throws IOException {
    LineFile open = file;
    if (open != null && !open.inPlace()) {
      LOG.info("{} was moved away: beginning a new file", settings.path());
      closeFile();
      open = null;
    }
    if (open == null) {
      open = LineFile.open(settings.path());
      file = open;
      readWindow(open);
    }
    if (settings.rotateBytes() > 0 && open.length() > settings.rotateBytes()) {
      closeFile();
      rotate();
      open = LineFile.open(settings.path());
      file = open;
    }
    return open;
  }

  private void readWindow(LineFile open) throws IOException {
    if (windowIsRead) {
      return;
    }
    notOurs = 0;
    long bytes = settings.window() * LINE_BYTES;
    int newest = lastRotated();
    if (open.length() < bytes && newest > 0) {
      try (LineFile older = LineFile.open(rotated(newest))) {
        older.tail(bytes - open.length(), this::remember);
      }
    }
    open.tail(bytes, this::remember);
    windowIsRead = true;
    if (notOurs > 0) {
      LOG.warn("{} holds {} lines that are not ours, left as they are", settings.path(), notOurs);
    }
  }

  private void remember(byte[] line) {
    try (JsonParser parser = JSON.createParser(line)) {
      boolean startsWithId =
          parser.nextToken() == JsonToken.START_OBJECT
              && Objects.equals(parser.nextFieldName(), "id");
      String id = startsWithId ? parser.nextTextValue() : null;
      if (id != null) {
        seen.add(EventId.parse(id));
      }
    } catch (IOException | IllegalArgumentException e) {
      notOurs++;
    }
  }

  private void rotate() throws IOException {
    Path target = rotated(lastRotated() + 1);
    Files.move(settings.path(), target);
    LineFile.sync(Objects.requireNonNull(target.getParent()));
    LOG.info("{} set aside as {}", settings.path(), target.getFileName());
  }

  private Path rotated(int number) {
    return settings.path().resolveSibling(settings.path().getFileName() + "." + number);
  }

  /** Rotated files are numbered from 1 without holes at the upper end. */
  private int lastRotated() throws IOException {
    String prefix = settings.path().getFileName() + ".";
    int last = 0;
    Path directory = Objects.requireNonNull(settings.path().getParent());
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path other : files) {
        String name = String.valueOf(other.getFileName());
        String number = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        if (number.matches("[1-9][0-9]{0,5}")) {
          last = Math.max(last, Integer.parseInt(number));
        }
      }
    }
    if (last >= ROTATED_MAX - 1) {
      throw new IOException("no number left to set " + settings.path() + " aside");
    }
    return last;
  }

  private void closeFile() {
    LineFile open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("{} did not close cleanly", settings.path(), e);
      }
    }
  }

  @Override
  public void close() {
    closeFile();
  }
}
