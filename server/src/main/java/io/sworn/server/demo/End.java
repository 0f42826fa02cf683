package io.sworn.server.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;

/** What a destination itself says that it holds; counted without asking the pipeline. */
interface End {

  /** Looks again. */
  End refresh();

  /** Events, each counted once, as of the last look. */
  long distinct();

  /** How often an event came again, as of the last look. */
  long repeated();

  /** Which of these events it holds, as of the last look. */
  Set<String> among(Collection<String> ids);

  /** Writes what it holds, one event a line; nothing if it has never held anything. */
  void leave(Path target) throws IOException;
}
