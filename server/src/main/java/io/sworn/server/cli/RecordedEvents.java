package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.event.mongo.AuditFileReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The audit file that {@code --events} names. */
final class RecordedEvents {

  private RecordedEvents() {}

  /**
   * Opens a file.
   *
   * @param file JSON lines or BSON; null: standard input
   * @throws SwornException naming the file that cannot be read
   */
  static AuditFileReader open(@Nullable Path file) {
    if (file == null) {
      return new AuditFileReader(System.in);
    }
    try {
      return new AuditFileReader(new BufferedInputStream(Files.newInputStream(file)));
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.INPUT, file + " cannot be read: " + LocalFiles.reason(e, file), e);
    }
  }
}
