package io.sworn.server;

import io.sworn.event.Topics;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.Archive;
import io.sworn.evidence.archive.ArchiveIngest;
import java.nio.file.Path;
import java.util.Map;

/** The archive and the thread that fills it. */
record RunningArchive(Archive archive, ArchiveIngest ingest) implements AutoCloseable {

  static RunningArchive start(
      Path directory, Path key, String origin, Map<String, Object> kafka, Topics topics) {
    Archive archive = Archive.open(directory, SigningKey.loadOrCreate(key), origin);
    try {
      return new RunningArchive(archive, ArchiveIngest.start(kafka, topics, archive));
    } catch (RuntimeException | Error e) {
      archive.close();
      throw e;
    }
  }

  @Override
  public void close() {
    ingest.close();
    archive.close();
  }
}
