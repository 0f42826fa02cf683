package io.sworn.evidence.archive;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;

/**
 * Bounds of an archive.
 *
 * @param segmentBytesMax a segment that reaches this size is followed by a new one; 4 KiB to 1 GiB
 */
public record ArchiveSettings(long segmentBytesMax) {

  /** Segments of 64 MiB. */
  public static final ArchiveSettings DEFAULT = new ArchiveSettings(64L << 20);

  /** Checks the bounds. */
  public ArchiveSettings {
    if (segmentBytesMax < 4096 || segmentBytesMax > 1L << 30) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "archive segment size " + segmentBytesMax + ": 4096 to 1073741824 bytes expected");
    }
  }
}
