package io.sworn.server.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a destination has taken, on disk, so that it outlives a run as a real one would. */
final class Received {

  /** In each of our formats the event's id is the only word of 32 hexadecimal digits. */
  private static final Pattern ID =
      Pattern.compile("\"(?:swornId|event_id|id)\"\\s*:\\s*\"([0-9a-f]{32})\"");

  private final Path file;

  Received(Path file) {
    this.file = file;
  }

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

  /** Distinct ids, read from the bytes that arrived. */
  synchronized Set<String> ids() throws IOException {
    Set<String> ids = new HashSet<>();
    if (Files.exists(file)) {
      try (Stream<String> lines = Files.lines(file)) {
        lines.forEach(
            line -> {
              Matcher id = ID.matcher(line);
              if (id.find()) {
                ids.add(id.group(1));
              }
            });
      }
    }
    return ids;
  }

  Path file() {
    return file;
  }
}
