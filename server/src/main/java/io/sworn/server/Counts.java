package io.sworn.server;

import io.sworn.database.DatabaseServer;
import io.sworn.event.FlowSnapshot;
import io.sworn.evidence.archive.ArchiveStatus;
import io.sworn.filter.stream.AlertEngine;
import io.sworn.server.trail.SwornTrail;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is counted at the begin of the flow: the events of the trails that are written here - the
 * database's, Sworn's own, the alerts -, and how many of them lie in the archive. If the database
 * runs elsewhere, all trails of the archive count.
 */
final class Counts {

  private final @Nullable DatabaseServer database;
  private final SwornTrail trail;
  private final @Nullable AlertEngine alerts;
  private final @Nullable RunningArchive archive;

  Counts(
      @Nullable DatabaseServer database,
      SwornTrail trail,
      @Nullable AlertEngine alerts,
      @Nullable RunningArchive archive) {
    this.database = database;
    this.trail = trail;
    this.alerts = alerts;
    this.archive = archive;
  }

  /** Events that are written here. */
  long emitted() {
    long found = alertTrails().values().stream().mapToLong(Long::longValue).sum();
    return (database == null ? 0 : database.journal().lastSequence())
        + trail.lastSequence()
        + found;
  }

  /** Whether every alert is made that the events so far can make. */
  boolean alerted() {
    return alerts == null
        || (alerts.caughtUp(trail.name(), trail.lastSequence())
            && (database == null
                || alerts.caughtUp(database.journal().trail(), database.journal().lastSequence())));
  }

  /** Distinct events of these trails, or of all trails if the database runs elsewhere. */
  long archived() {
    if (archive == null) {
      return 0;
    }
    ArchiveStatus status = archive.archive().status();
    if (database == null) {
      return status.distinct();
    }
    long found = 0;
    for (String name : alertTrails().keySet()) {
      found += count(status, name);
    }
    return count(status, database.journal().trail()) + count(status, trail.name()) + found;
  }

  /** What other processes count. */
  Set<FlowSnapshot.End> uncounted() {
    Set<FlowSnapshot.End> ends = EnumSet.noneOf(FlowSnapshot.End.class);
    if (database == null) {
      ends.add(FlowSnapshot.End.EMITTED);
    }
    if (archive == null) {
      ends.add(FlowSnapshot.End.ARCHIVED);
    }
    return ends;
  }

  /** Whether the events of trail {@code name} are counted. */
  boolean counts(String name) {
    return database == null
        || name.equals(database.journal().trail())
        || name.equals(trail.name())
        || alertTrails().containsKey(name);
  }

  private SortedMap<String, Long> alertTrails() {
    return alerts == null ? new TreeMap<>() : alerts.trails();
  }

  private static long count(ArchiveStatus status, String name) {
    ArchiveStatus.TrailStatus counted = status.trails().get(name);
    return counted == null ? 0 : counted.count();
  }
}
