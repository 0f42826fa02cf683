package io.sworn.server.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a destination has on its disk, one event a line, counted by reading the bytes back. It
 * outlives a run, as a real destination does. Remembers the newest {@value #WINDOW} ids; an id that
 * comes again later than that counts as new.
 */
final class Received implements End {

  /** How a line names its event. */
  enum Format {
    /** Sworn's JSON lines. */
    LINES,
    /** Splunk's envelopes. */
    HEC,
    /** Guardium's syslog lines. */
    SYSLOG
  }

  private static final int WINDOW = 200_000;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final JsonMapper JSON = new JsonMapper();

  private final Path file;
  private final Format format;
  private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
  private final Map<String, Long> byFilter = new TreeMap<>();
  private final Map<String, List<String>> filters =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<String>> eldest) {
          return size() > WINDOW;
        }
      };
  private long position;
  private long total;
  private long distinct;
  private long damaged;

  Received(Path file, Format format) {
    this.file = file;
    this.format = format;
  }

  /** Takes one event as a receiver hands it out. */
  synchronized void add(String text) {
    try {
      Files.writeString(
          file,
          text.replace('\n', ' ') + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Counts the lines that have come since the last call. */
  @Override
  public synchronized Received refresh() {
    if (Files.notExists(file)) {
      return this;
    }
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
      for (int read = in.read(chunk, position); read > 0; read = in.read(chunk, position)) {
        position += read;
        lines(chunk.array(), read);
        chunk.clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private void lines(byte[] bytes, int length) {
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        rest.write(bytes, start, i - start);
        take(rest.toString(StandardCharsets.UTF_8));
        rest.reset();
        start = i + 1;
      }
    }
    rest.write(bytes, start, length - start);
  }

  private void take(String line) {
    String id = "";
    List<String> by = new ArrayList<>();
    try {
      JsonNode json = JSON.readTree(format == Format.SYSLOG ? line.substring(body(line)) : line);
      id =
          switch (format) {
            case LINES -> json.path("id").asText();
            case HEC -> json.path("fields").path("event_id").asText();
            case SYSLOG -> json.path("swornId").asText();
          };
      JsonNode named = format == Format.HEC ? json.path("fields") : json;
      named.path("filters").forEach(filter -> by.add(filter.asText().replaceFirst("@.*", "")));
    } catch (JsonProcessingException e) {
      id = ""; // cut off when a receiver was killed; the event was never acknowledged
    }
    if (id.isEmpty()) {
      damaged++;
      return;
    }
    total++;
    if (filters.putIfAbsent(id, List.copyOf(by)) == null) {
      distinct++;
      by.forEach(filter -> byFilter.merge(filter, 1L, Long::sum));
    }
  }

  private static int body(String line) {
    return Math.max(0, line.indexOf('{'));
  }

  @Override
  public synchronized long distinct() {
    return distinct;
  }

  @Override
  public synchronized long repeated() {
    return total - distinct;
  }

  /** Lines that are no event. */
  synchronized long damaged() {
    return damaged;
  }

  @Override
  public synchronized Set<String> among(Collection<String> ids) {
    Set<String> found = new HashSet<>(ids);
    found.retainAll(filters.keySet());
    return found;
  }

  /** The filters that an event names; empty if it is not there or the format names none. */
  synchronized List<String> filters(String id) {
    return filters.getOrDefault(id, List.of());
  }

  /** Distinct events by the filter that they name. */
  synchronized Map<String, Long> byFilter() {
    return new TreeMap<>(byFilter);
  }

  Path file() {
    return file;
  }

  @Override
  public void leave(Path target) throws IOException {
    if (Files.exists(file)) {
      Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
