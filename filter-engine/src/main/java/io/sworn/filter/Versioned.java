package io.sworn.filter;

import java.time.Instant;

/**
 * One version of something that is defined live, in the compacted topic of definitions.
 *
 * @param <D> itself
 */
public interface Versioned<D extends Versioned<D>> {

  /** Its name, which all versions share. */
  String name();

  /** From 1; each change is a new one. */
  int version();

  /** {@code name@version}. */
  default String label() {
    return name() + "@" + version();
  }

  /** The JSON that travels in the topic. */
  byte[] toBytes();

  /** The same as another version, written at that time. */
  D as(int version, Instant at);
}
