package io.sworn.filter;

import java.util.List;
import java.util.function.Consumer;

/**
 * Definitions that change while they are in force, each change a new version. Two changes at once
 * cannot both succeed on the same version. Not thread-safe.
 *
 * @param <D> what is defined
 */
public interface DefinitionStore<D extends Versioned<D>> extends AutoCloseable {

  /**
   * From now on {@code notice} hears of each version that has passed every check and is about to be
   * written. What it throws prevents the change; a change that is refused it never hears of.
   */
  void before(Consumer<? super D> notice);

  /** The current version of each, disabled ones included, by name. */
  List<D> list();

  /** Every version of one, oldest first; empty if there is none. */
  List<D> versions(String name);

  /**
   * Writes a version that is switched off. One that is off already stays as it is.
   *
   * @return the version that is current now
   * @throws io.sworn.event.SwornException if there is none of this name
   */
  D disable(String name, String author, String reason);

  /**
   * Writes {@code version} again as the newest one.
   *
   * @throws io.sworn.event.SwornException if there is no such name or version
   */
  D rollback(String name, int version, String author, String reason);

  @Override
  void close();
}
