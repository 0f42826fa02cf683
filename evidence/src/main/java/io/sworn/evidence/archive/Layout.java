package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Names of the files of an archive. */
record Layout(Path directory) {

  Path segment(int number) {
    return directory.resolve(String.format(java.util.Locale.ROOT, "segment-%08d.log", number));
  }

  Path hashes() {
    return directory.resolve("hashes");
  }

  Path index() {
    return directory.resolve("index");
  }

  Path indexNote() {
    return directory.resolve("index.note");
  }

  /** Where a file is made before it takes the place of {@code file}. */
  Path part(Path file) {
    return file.resolveSibling(file.getFileName() + ".part");
  }

  Path head() {
    return directory.resolve("head");
  }

  Path checkpoints() {
    return directory.resolve("checkpoints.log");
  }

  Path lock() {
    return directory.resolve("lock");
  }

  Path aside() {
    return directory.resolve("set-aside");
  }

  /** Number of segments; a hole in the numbering is damage. */
  int segments() throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files
            .map(file -> String.valueOf(file.getFileName()))
            .filter(name -> name.startsWith("segment-") && name.endsWith(".log"))
            .forEach(names::add);
      }
    }
    for (int i = 0; i < names.size(); i++) {
      if (!Files.exists(segment(i))) {
        throw new SwornException(ErrorCode.INTEGRITY, segment(i) + ": this segment is missing");
      }
    }
    return names.size();
  }

  /** What is told when the disk fails somewhere in the archive. */
  SwornException failed(IOException e) {
    return new SwornException(
        ErrorCode.STORAGE, "archive " + directory + ": " + LocalFiles.reason(e, directory), e);
  }

  /** What is told when the disk fails at one file. */
  static SwornException failed(Path file, IOException e) {
    return new SwornException(ErrorCode.STORAGE, file + ": " + LocalFiles.reason(e, file), e);
  }

  void syncDirectory() throws IOException {
    sync(directory);
  }

  /** Creates a directory and what is missing above it, so that the names survive a power cut. */
  static void createDurably(Path directory) throws IOException {
    Path missing = directory.toAbsolutePath();
    Path parent = missing.getParent();
    if (parent == null || Files.isDirectory(missing)) {
      return;
    }
    createDurably(parent);
    Files.createDirectories(missing);
    sync(parent);
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
