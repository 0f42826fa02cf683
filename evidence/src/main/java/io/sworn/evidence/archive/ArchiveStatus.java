package io.sworn.evidence.archive;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an archive holds, in numbers.
 *
 * @param distinct events in the tree
 * @param duplicates records whose event was there already with the same bytes; dropped
 * @param conflicts records whose event was there already with <em>other</em> bytes: an integrity
 *     incident, both are kept
 * @param gaps sequences that were skipped and have not arrived since, over all trails
 * @param unreadable records that are no audit event; their coordinates are kept
 * @param trails by name
 */
public record ArchiveStatus(
    long distinct,
    long duplicates,
    long conflicts,
    long gaps,
    long unreadable,
    SortedMap<String, TrailStatus> trails) {

  /** Copies the trails. */
  public ArchiveStatus {
    trails = Collections.unmodifiableSortedMap(new TreeMap<>(trails));
  }

  /**
   * One trail.
   *
   * @param first lowest sequence in the archive
   * @param last highest sequence in the archive
   * @param count distinct events
   * @param gaps sequences that are missing before {@code last}
   */
  public record TrailStatus(long first, long last, long count, long gaps) {}
}
