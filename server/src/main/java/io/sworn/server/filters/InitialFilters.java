package io.sworn.server.filters;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterStore;
import io.sworn.filter.InvalidFilterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the filters of a directory into the store, unless one of that name is there: what was
 * changed live is not set back by a restart.
 *
 * <p>A file is a {@link FilterFile}; without routes the filter feeds every one. Its name is the
 * filter's name. What {@code filter put} warns of is warned of here, too; a start is not refused
 * for it. Without a directory, an empty store gets one filter that keeps everything, so that a
 * first start shows events at every destination.
 */
public final class InitialFilters {

  private static final Logger LOG = LoggerFactory.getLogger(InitialFilters.class);
  private static final String AUTHOR = "sworn";
  private static final String REASON = "from the filter directory";
  private static final String SUFFIX = ".json";

  private InitialFilters() {}

  /**
   * Puts what is missing.
   *
   * @param notice told of each that is about to be put; what it throws prevents it
   * @throws SwornException with every file that is no filter
   */
  public static void put(
      FilterStore store,
      Optional<Path> directory,
      Collection<String> routes,
      Consumer<FilterDefinition> notice) {
    store.before(notice);
    List<FilterDefinition> present = store.list();
    if (directory.isEmpty()) {
      if (present.isEmpty()) {
        put(
            store,
            "everything",
            FilterFile.parse("{}"),
            routes,
            "kept until somebody says otherwise");
      }
      return;
    }
    Set<String> names = new HashSet<>();
    present.forEach(definition -> names.add(definition.name()));
    List<String> problems = new ArrayList<>();
    for (Path file : files(directory.get())) {
      String fileName = String.valueOf(file.getFileName());
      String name = fileName.substring(0, fileName.length() - SUFFIX.length());
      if (!names.contains(name)) {
        try {
          FilterFile read = FilterFile.parse(Files.readString(file));
          AuditFilter.compile(read.filter())
              .warnings()
              .forEach(warning -> LOG.warn("{}: warning {}", file, warning));
          put(store, name, read, routes, REASON);
        } catch (InvalidFilterException e) {
          problems.add(file + ": " + e.getMessage());
        } catch (IOException e) {
          problems.add(file + " cannot be read: " + LocalFiles.reason(e, file));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new SwornException(ErrorCode.CONFIGURATION, String.join("\n", problems));
    }
  }

  private static void put(
      FilterStore store, String name, FilterFile file, Collection<String> routes, String reason) {
    List<String> wanted = file.routes().orElse(List.copyOf(routes));
    if (file.shadow()) {
      store.putShadow(name, file.filter(), wanted, AUTHOR, reason);
    } else {
      store.put(name, file.filter(), wanted, AUTHOR, reason);
    }
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          directory + " cannot be listed: " + LocalFiles.reason(e, directory),
          e);
    }
  }
}
