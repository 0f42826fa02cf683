package io.sworn.report;

import io.sworn.event.AuditEvent;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.evidence.archive.ArchivedEvent;
import io.sworn.evidence.bundle.EvidenceBundle;
import io.sworn.report.Report.Coverage;
import io.sworn.report.Report.Integrity;
import io.sworn.report.sql.EventDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The signed part of an archive, its events of one period, and what was checked on the way. */
final class ArchiveSnapshot implements AutoCloseable {

  private static final Set<String> KNOWN_TYPES =
      Set.of(
          "authenticate",
          "authCheck",
          "clientMetadata",
          "logout",
          "createUser",
          "updateUser",
          "dropUser",
          "grantRolesToUser",
          "revokeRolesFromUser",
          "createRole",
          "dropRole",
          "createCollection",
          "createDatabase",
          "createIndex",
          "dropCollection",
          "dropDatabase",
          "dropIndex",
          "renameCollection",
          "startup",
          "shutdown",
          "auditConfigure");

  private static final int TYPES_MAX = 1000;
  private static final String STARTUP = "startup";
  private static final Set<String> LIFE = Set.of(STARTUP, "shutdown");
  private static final long EARLIER_EVENTS_MAX = 5_000_000;
  private static final long EARLIER_WINDOW = 4096;

  private final Period period;
  private final Runnable check;
  private final EventDatabase database;

  /** Places in the log as begin and end (excluded): neighbours join, so a day is few ranges. */
  private final List<long[]> ranges = new ArrayList<>();

  private final SortedMap<String, Long> types = new TreeMap<>();

  /** First start or stop of each trail in the period. */
  private final SortedMap<String, LifeEvent> firsts = new TreeMap<>();

  private final List<Long> carried = new ArrayList<>();
  private final SortedMap<Framework.Need, Boolean> classes = new TreeMap<>();
  private @Nullable ArchiveReader reader;
  private @Nullable Checkpoint checkpoint;
  private @Nullable Instant first;
  private @Nullable Instant last;
  private @Nullable String problem;
  private long events;
  private long unsigned;

  private record LifeEvent(String trail, long sequence, String type, long index) {}

  private ArchiveSnapshot(Period period, Path scratch, Runnable check) {
    this.period = period;
    this.check = check;
    database = EventDatabase.open(scratch);
    for (Framework.Need need : Framework.Need.values()) {
      classes.put(need, false);
    }
  }

  /**
   * Reads and checks; damage is a fact of the snapshot, not an exception.
   *
   * @param scratch directory for what does not fit into memory; whoever calls deletes it
   * @param check called before each event; what it throws ends the reading
   */
  static ArchiveSnapshot read(
      Path directory, Period period, SigningKey key, Path scratch, Runnable check) {
    ArchiveSnapshot snapshot = new ArchiveSnapshot(period, scratch, check);
    try {
      snapshot.load(directory, key);
    } catch (SwornException e) {
      if (e.code() != ErrorCode.INTEGRITY) {
        snapshot.close();
        throw e;
      }
      snapshot.problem = e.getMessage();
    }
    return snapshot;
  }

  private void load(Path directory, SigningKey key) {
    ArchiveReader archive = ArchiveReader.openReadOnly(directory);
    reader = archive;
    Checkpoint newest = archive.checkpoint().orElse(null);
    if (newest == null) {
      throw new SwornException(ErrorCode.INTEGRITY, "the archive holds no signed checkpoint");
    }
    checkpoint = newest;
    if (!newest.verify(key.verifier(archive.origin()))) {
      throw new SwornException(
          ErrorCode.INTEGRITY, "the newest checkpoint is not signed by this installation's key");
    }
    if (!archive.root(newest.size()).equals(newest.root())) {
      throw new SwornException(
          ErrorCode.INTEGRITY, "the tree over " + newest.size() + " events is not the signed one");
    }
    for (ArchivedEvent archived :
        archive.iterate(period.from(), period.to(), newest, key.verifier(archive.origin()))) {
      check.run();
      add(archived);
    }
    for (ArchivedEvent archived : archive.iterate(newest.size(), archive.size())) {
      check.run();
      Instant time = archived.event().time();
      if (!time.isBefore(period.from()) && time.isBefore(period.to())) {
        unsigned++;
      }
    }
    for (LifeEvent one : firsts.values()) {
      if (one.type().equals(STARTUP)) {
        carryOver(archive, newest, one);
      }
    }
  }

  /**
   * What the trail was doing before its first start of the period. The last events of a trail that
   * was shut down are near; of one that was killed, the search ends at its start before or after so
   * many events.
   */
  private void carryOver(ArchiveReader archive, Checkpoint signed, LifeEvent start) {
    if (start.sequence() <= 1) {
      return; // a new trail: nothing came before
    }
    String state = null;
    long end = start.index();
    long bound = Math.max(0, end - EARLIER_EVENTS_MAX);
    while (end > bound) {
      long begin = Math.max(bound, end - EARLIER_WINDOW);
      ArchivedEvent latest = null;
      check.run();
      for (ArchivedEvent earlier : archive.iterate(begin, end, signed)) {
        AuditEvent event = earlier.event();
        if (event.trail().equals(start.trail()) && event.sequence() < start.sequence()) {
          state = state == null ? "running" : state;
          if (LIFE.contains(event.type())
              && (latest == null || latest.event().sequence() < event.sequence())) {
            latest = earlier;
          }
        }
      }
      if (latest != null) {
        database.addEarlier(start.trail(), latest.event().type(), latest.event().id());
        carried.add(latest.index());
        return;
      }
      end = begin;
    }
    if (state != null && bound > 0) {
      // It ran for longer than the search goes back, and no shutdown ended that.
      database.addEarlier(start.trail(), state, null);
    }
  }

  private void add(ArchivedEvent archived) {
    AuditEvent event = archived.event();
    database.add(archived.index(), event);
    events++;
    note(archived.index());
    // A source may invent types without end; the report names so many of them.
    boolean named = types.containsKey(event.type()) || types.size() < TYPES_MAX;
    types.merge(named ? event.type() : "(other types)", 1L, Long::sum);
    if (LIFE.contains(event.type())) {
      firsts.merge(
          event.trail(),
          new LifeEvent(event.trail(), event.sequence(), event.type(), archived.index()),
          (one, other) -> one.sequence() <= other.sequence() ? one : other);
    }
    first = first == null || event.time().isBefore(first) ? event.time() : first;
    last = last == null || event.time().isAfter(last) ? event.time() : last;
    if (event.type().equals("authenticate") && event.result() == 0) {
      classes.put(Framework.Need.AUTH, true);
    } else if (event.type().equals("authCheck") && event.result() == 0) {
      classes.put(Framework.Need.ALLOWED, true);
    } else if (event.type().equals("authCheck") && event.result() == 13) {
      classes.put(Framework.Need.DENIED, true);
    }
  }

  EventDatabase database() {
    return database;
  }

  private void note(long index) {
    long[] newest = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
    if (newest != null && newest[1] == index) {
      newest[1]++;
    } else {
      ranges.add(new long[] {index, index + 1});
    }
  }

  /** Adds the events of the period, and the earlier ones that rows name, to their bundle. */
  void into(EvidenceBundle bundle) {
    ranges.forEach(range -> bundle.events(range[0], range[1]));
    bundle.events(carried);
  }

  @Nullable ArchiveReader reader() {
    return reader;
  }

  @Nullable Checkpoint checkpoint() {
    return checkpoint;
  }

  /** Events of the period that no checkpoint covers yet; they are not in the report. */
  long unsigned() {
    return unsigned;
  }

  Integrity integrity(SigningKey key) {
    ArchiveReader archive = reader;
    Checkpoint signed = checkpoint;
    String origin = archive == null ? "unknown" : archive.origin();
    return new Integrity(
        problem == null,
        problem,
        origin,
        signed == null ? 0 : signed.size(),
        signed == null ? "" : signed.root().base64(),
        signed == null ? "" : signed.toString(),
        archive == null ? "" : key.verifier(origin).toString());
  }

  Coverage coverage() {
    Set<String> notSeen = new TreeSet<>(KNOWN_TYPES);
    notSeen.removeAll(types.keySet());
    return new Coverage(events, first, last, types, List.copyOf(notSeen), classes);
  }

  @Override
  public void close() {
    database.close();
    if (reader != null) {
      reader.close();
    }
  }
}
