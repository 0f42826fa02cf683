package io.sworn.filter.alert;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Rules in files: YAML or JSON, several to a file. */
public final class RuleFiles {

  private static final int FILES_MAX = 10_000;
  private static final long FILE_BYTES_MAX = 4L << 20;

  private RuleFiles() {}

  /**
   * The texts of a file, or of all {@code *.yaml}, {@code *.yml} and {@code *.json} below a
   * directory, by name.
   *
   * @throws SwornException if something cannot be read
   */
  public static Map<String, String> texts(Path path) {
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.isDirectory(path) ? Files.walk(path, 8) : Stream.of(path)) {
      for (Path file : (Iterable<Path>) files.filter(f -> isRules(f, path)).sorted()::iterator) {
        if (Files.size(file) > FILE_BYTES_MAX || texts.size() >= FILES_MAX) {
          throw new SwornException(
              ErrorCode.INPUT,
              file + ": at most " + FILE_BYTES_MAX + " bytes and " + FILES_MAX + " files expected");
        }
        texts.put(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.INPUT, path + " cannot be read: " + LocalFiles.reason(e, path), e);
    }
    return texts;
  }

  private static boolean isRules(Path file, Path root) {
    String name = file.toString();
    return Files.isRegularFile(file)
        && (file.equals(root)
            || name.endsWith(".yaml")
            || name.endsWith(".yml")
            || name.endsWith(".json"));
  }

  /**
   * All rules of some files and directories.
   *
   * @throws SwornException with every file that holds no rules, and every name that stands twice
   */
  public static List<AlertRule> read(Collection<Path> paths) {
    Map<String, AlertRule> rules = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (Path path : paths) {
      texts(path)
          .forEach(
              (file, text) -> {
                try {
                  for (AlertRule rule : RuleReader.read(text)) {
                    if (rules.put(rule.name(), rule) != null) {
                      problems.add(file + ": rule '" + rule.name() + "' stands there twice");
                    }
                  }
                } catch (InvalidRuleException e) {
                  problems.add(file + (e.place().isEmpty() ? ": " : ":") + e.getMessage());
                }
              });
    }
    if (!problems.isEmpty()) {
      throw new SwornException(ErrorCode.CONFIGURATION, String.join("\n", problems));
    }
    return List.copyOf(rules.values());
  }

  /** {@code base}, with rules of the same name replaced by those of {@code own}, and the others. */
  public static List<AlertRule> merge(Collection<AlertRule> base, Collection<AlertRule> own) {
    Map<String, AlertRule> rules = new LinkedHashMap<>();
    base.forEach(rule -> rules.put(rule.name(), rule));
    own.forEach(rule -> rules.put(rule.name(), rule));
    return List.copyOf(rules.values());
  }
}
