package io.sworn.filter;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The filter definitions in their compacted topic; two changes at once cannot both succeed on the
 * same version. Not thread-safe.
 */
public final class FilterStore implements DefinitionStore<FilterDefinition> {

  private static final int TEXT_MAX = 1000;
  private static final VersionStore.Kind<FilterDefinition> KIND =
      new VersionStore.Kind<>("filter", DefinitionKey.Kind.FILTER, FilterDefinition::fromBytes);

  private final VersionStore<FilterDefinition> store;

  private FilterStore(VersionStore<FilterDefinition> store) {
    this.store = store;
  }

  /** Opens the store; the topic of filters must exist. */
  public static FilterStore connect(Map<String, Object> kafka, Topics topics) {
    return new FilterStore(VersionStore.connect(kafka, topics, KIND));
  }

  @Override
  public void before(Consumer<? super FilterDefinition> notice) {
    store.before(notice);
  }

  /**
   * Writes a new version, whatever the current one is.
   *
   * @throws InvalidFilterException if filter, name or routes are wrong; nothing is written
   */
  public FilterDefinition put(
      String name, String filterText, List<String> routes, String author, String reason) {
    return put(name, filterText, routes, false, author, reason, OptionalInt.empty());
  }

  /**
   * Writes a new version that judges and counts, but because of which nothing travels, until it is
   * put without a shadow.
   *
   * @throws InvalidFilterException if filter, name or routes are wrong; nothing is written
   */
  public FilterDefinition putShadow(
      String name, String filterText, List<String> routes, String author, String reason) {
    return put(name, filterText, routes, true, author, reason, OptionalInt.empty());
  }

  /**
   * Writes a new version over exactly {@code expectedVersion} (0 = the filter must be new).
   *
   * @throws SwornException if another version is current
   */
  public FilterDefinition put(
      String name,
      String filterText,
      List<String> routes,
      String author,
      String reason,
      OptionalInt expectedVersion) {
    return put(name, filterText, routes, false, author, reason, expectedVersion);
  }

  private FilterDefinition put(
      String name,
      String filterText,
      List<String> routes,
      boolean shadow,
      String author,
      String reason,
      OptionalInt expectedVersion) {
    AuditFilter.compile(filterText);
    FilterDefinition draft =
        new FilterDefinition(
            name, 1, true, shadow, filterText, routes, shown(author), shown(reason), Instant.EPOCH);
    return store.write(name, Optional.empty(), true, expectedVersion, all -> Optional.of(draft));
  }

  /** Writes a version that keeps nothing, unless the current one is such. */
  @Override
  public FilterDefinition disable(String name, String author, String reason) {
    return store.write(
        name,
        Optional.empty(),
        false,
        OptionalInt.empty(),
        all ->
            Optional.of(VersionStore.newest(all))
                .filter(FilterDefinition::enabled)
                .map(current -> again(current, false, author, reason)));
  }

  @Override
  public FilterDefinition rollback(String name, int version, String author, String reason) {
    return store.write(
        name,
        Optional.empty(),
        false,
        OptionalInt.empty(),
        all -> {
          FilterDefinition d = all.get(version);
          if (d == null) {
            throw new SwornException(
                ErrorCode.INPUT,
                "filter '" + name + "' has no version " + version + "; there are " + all.keySet());
          }
          AuditFilter.compile(d.filter());
          return Optional.of(again(d, d.enabled(), author, reason));
        });
  }

  /** An earlier definition for another version, whose number and time the store gives. */
  private static FilterDefinition again(
      FilterDefinition d, boolean enabled, String author, String reason) {
    return new FilterDefinition(
        d.name(),
        1,
        enabled,
        d.shadow(),
        d.filter(),
        d.routes(),
        shown(author),
        shown(reason),
        d.at());
  }

  @Override
  public List<FilterDefinition> list() {
    return store.list();
  }

  /** The current version of one filter. */
  public Optional<FilterDefinition> show(String name) {
    return list().stream().filter(d -> d.name().equals(name)).findFirst();
  }

  @Override
  public List<FilterDefinition> versions(String name) {
    return store.versions(name);
  }

  static String shown(String text) {
    return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) : text;
  }

  @Override
  public void close() {
    store.close();
  }
}
