package io.sworn.filter.stream;

import io.sworn.event.Client;
import org.jspecify.annotations.Nullable;

/** What is known of one connection. */
final class Session {

  /** Which connection. */
  record Key(String trail, long high, long low) {}

  static final Client UNKNOWN = new Client(null, null, null, null);

  final Key key;
  Client client = UNKNOWN;

  /** When an event of it was last seen, milliseconds since 1970. */
  long seen;

  /** What {@link #seen} was when it was last written down. */
  long stored;

  /** Where it was last written down; null if nowhere yet, or if it is forgotten. */
  SessionLog.@Nullable Block block;

  /** It has changed since it was written down. */
  boolean changed;

  Session(Key key) {
    this.key = key;
  }
}
