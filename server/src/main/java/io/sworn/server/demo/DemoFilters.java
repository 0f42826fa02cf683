package io.sworn.server.demo;

import io.sworn.server.identity.OwnerOnly;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The audit filter of the demonstration: its three parts, and the whole of it. */
final class DemoFilters {

  static final String FAILED_LOGINS = "failed-logins";
  static final String SCHEMA_CHANGES = "schema-changes";
  static final String PATIENT_WRITES = "patient-writes";

  /** Parts and what each of them matches, in MongoDB's query language. */
  static final Map<String, String> PARTS = parts();

  private DemoFilters() {}

  private static Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put(
        FAILED_LOGINS,
        """
        {"atype": "authenticate", "param.mechanism": {"$exists": true}, "result": {"$ne": 0}}""");
    parts.put(
        SCHEMA_CHANGES,
        """
        {"atype": {"$in": ["createCollection", "dropCollection", "dropDatabase",
          "renameCollection", "createIndex", "dropIndex"]}}""");
    parts.put(
        PATIENT_WRITES,
        """
        {"atype": "authCheck", "param.ns": {"$regex": "^mydb\\\\.patients"},
          "param.command": {"$in": ["update", "delete", "insert"]}}""");
    return parts;
  }

  /** Writes one file for each definition; the server puts those that are missing. */
  static Path write(Path directory) {
    OwnerOnly.directory(directory);
    PARTS.forEach(
        (name, filter) ->
            OwnerOnly.write(directory.resolve(name + ".json"), definition(filter, "splunk")));
    OwnerOnly.write(
        directory.resolve("whole.json"),
        definition("{\"$or\": [" + String.join(",\n", PARTS.values()) + "]}", "guardium"));
    OwnerOnly.write(directory.resolve("everything.json"), definition("{}", "file"));
    return directory;
  }

  private static String definition(String filter, String route) {
    return "{\"filter\": " + filter + ",\n \"routes\": [\"" + route + "\"]}\n";
  }
}
