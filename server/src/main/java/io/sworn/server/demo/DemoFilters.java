package io.sworn.server.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.server.identity.OwnerOnly;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The filters of the demonstration: the parts of {@code audit_filter.json}, each under a name of
 * its own, the whole of it, and one that keeps everything.
 */
final class DemoFilters {

  private DemoFilters() {}

  /** Writes one file for each definition; the server puts those that are missing. */
  static Path write(Path directory, Collection<String> unfiltered) {
    OwnerOnly.directory(directory);
    JsonNode whole = whole();
    Map<String, String> files = new LinkedHashMap<>();
    for (Part part : Part.values()) {
      files.put(
          part.filter(),
          definition(whole.path("$or").path(part.ordinal()).toString(), Destinations.SPLUNK));
    }
    files.put("whole", definition(whole.toString(), Destinations.GUARDIUM));
    unfiltered.forEach(route -> files.put("everything-" + route, definition("{}", route)));
    removeOthers(directory, files);
    files.forEach((name, text) -> OwnerOnly.write(directory.resolve(name + ".json"), text));
    return directory;
  }

  private static void removeOthers(Path directory, Map<String, String> files) {
    try (java.util.stream.Stream<Path> there = Files.list(directory)) {
      for (Path file : there.toList()) {
        String name = String.valueOf(file.getFileName());
        if (!files.containsKey(name.replaceFirst("\\.json$", ""))) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode whole() {
    try (InputStream in = DemoFilters.class.getResourceAsStream("audit_filter.json")) {
      return new JsonMapper().readTree(Objects.requireNonNull(in, "audit_filter.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String definition(String filter, String route) {
    return "{\"filter\": " + filter + ",\n \"routes\": [\"" + route + "\"]}\n";
  }
}
