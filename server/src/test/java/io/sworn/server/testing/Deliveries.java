package io.sworn.server.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.evidence.archive.ArchivedEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What has arrived at one end, read from that end alone.
 *
 * @param ids of all events, in their order, repeated if they came twice
 * @param actions names of an {@link InsertingClient}'s inserts
 */
public record Deliveries(List<String> ids, List<String> actions) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ACTION = Pattern.compile("action-\\d{6}");

  /** Reads the file destination. */
  public static Deliveries ofLines(Path file) throws IOException {
    Deliveries all = new Deliveries(new ArrayList<>(), new ArrayList<>());
    for (String line : Files.readAllLines(file)) {
      all.add(JSON.readTree(line).get("id").asText(), line);
    }
    return all;
  }

  /** Reads an archive, also while it is written; its hashes are checked on the way. */
  public static Deliveries ofArchive(Path directory) {
    Deliveries all = new Deliveries(new ArrayList<>(), new ArrayList<>());
    try (ArchiveReader archive = ArchiveReader.openReadOnly(directory)) {
      for (ArchivedEvent event : archive.iterate(0, archive.size())) {
        all.add(event.event().id().toString(), event.event().param().toDocument().toJson());
      }
    }
    return all;
  }

  private void add(String id, String text) {
    ids.add(id);
    Matcher action = ACTION.matcher(text);
    if (action.find()) {
      actions.add(action.group());
    }
  }
}
