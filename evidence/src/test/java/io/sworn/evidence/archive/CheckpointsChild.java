package io.sworn.evidence.archive;

import java.nio.file.Path;

/**
 * Opens an archive and reads its checkpoints, for a test that bounds its heap: arguments are the
 * archive and another file of checkpoints.
 */
public final class CheckpointsChild {

  private CheckpointsChild() {}

  /** Prints the sizes that were seen. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    try (Archive archive = Archive.open(directory, Samples.KEY, Samples.ORIGIN);
        ArchiveReader reader = archive.reader()) {
      System.out.println("writer " + archive.checkpoint().size());
      System.out.println("reader " + reader.checkpoint().orElseThrow().size());
      System.out.println("bundle " + reader.checkpoints(reader.size(), 1000).size());
    }
    Path file = Path.of(args[1]);
    System.out.println("newest " + CheckpointFile.newest(file).orElseThrow().size());
    long streamed = 0;
    try (CheckpointFile.Stream all = new CheckpointFile.Stream(file)) {
      while (all.next() != null) {
        streamed++;
      }
    }
    System.out.println("stream " + streamed);
  }
}
