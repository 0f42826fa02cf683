package io.sworn.database.engine;

import java.nio.file.Path;

/** Stands in until the engine lands. */
final class DocumentEngine {
  private DocumentEngine() {}

  static Engine open(Path directory, byte[] key, Runnable writeBarrier) {
    throw new UnsupportedOperationException(directory + " " + key.length + writeBarrier);
  }
}
