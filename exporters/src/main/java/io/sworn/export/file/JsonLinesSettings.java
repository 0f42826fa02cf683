package io.sworn.export.file;

import io.sworn.event.LocalFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * Where to write.
 *
 * @param path of the file; its directory is created
 * @param rotateBytes size above which a file is set aside; 0 = never
 * @param window newest events whose ids are remembered, so that they are not written twice
 */
record JsonLinesSettings(Path path, long rotateBytes, int window) {

  static final String PREFIX = "file.";
  static final String PATH = PREFIX + "path";
  static final String ROTATE_BYTES = PREFIX + "rotate.bytes";
  static final String WINDOW = PREFIX + "window.events";

  static ConfigDef definition() {
    return new ConfigDef()
        .define(
            PATH,
            Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new NonEmptyString(),
            Importance.HIGH,
            "File to append to; its directory is created if it is missing.")
        .define(
            ROTATE_BYTES,
            Type.LONG,
            0L,
            Range.atLeast(0L),
            Importance.LOW,
            "Size above which the file is set aside as <path>.<number> and a new one begun; 0: never.")
        .define(
            WINDOW,
            Type.INT,
            200_000,
            Range.between(1_000, 10_000_000),
            Importance.LOW,
            "Newest events whose ids are remembered and read back at start, so that what Kafka"
                + " hands out again after a crash is not written twice. About 100 bytes each.");
  }

  static JsonLinesSettings from(Map<String, String> settings) {
    AbstractConfig config = new AbstractConfig(definition(), settings, false);
    return new JsonLinesSettings(
        Path.of(config.getString(PATH)).toAbsolutePath(),
        config.getLong(ROTATE_BYTES),
        config.getInt(WINDOW));
  }

  Map<String, String> problems() {
    Map<String, String> problems = new LinkedHashMap<>();
    LocalFiles.obstacle(path)
        .ifPresent(
            obstacle ->
                problems.put(
                    PATH,
                    path
                        + " cannot be written: "
                        + obstacle
                        + "; name a file that can be made, or make way for it"));
    return problems;
  }
}
