package io.sworn.evidence.archive;

import io.sworn.event.Topics;
import java.nio.file.Path;
import java.util.Map;

/** An ingesting process that a test can kill: arguments are directory and bootstrap servers. */
public final class IngestChild {

  private IngestChild() {}

  /** Ingests until standard input ends or the process is killed. */
  public static void main(String[] args) throws Exception {
    try (Archive archive = Archive.open(Path.of(args[0]), Samples.KEY, Samples.ORIGIN);
        ArchiveIngest ingest =
            ArchiveIngest.start(
                Map.of("bootstrap.servers", args[1], "max.partition.fetch.bytes", 20_000),
                Topics.standard(),
                archive)) {
      while (System.in.read() >= 0 && ingest.healthy()) {
        continue;
      }
    }
  }
}
