package io.sworn.report;

import io.sworn.event.AuditEvent;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.evidence.archive.ArchivedEvent;
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

  private final Period period;
  private final EventDatabase database = EventDatabase.open();
  private final List<Long> indices = new ArrayList<>();
  private final SortedMap<String, Long> types = new TreeMap<>();
  private final SortedMap<Framework.Need, Boolean> classes = new TreeMap<>();
  private @Nullable ArchiveReader reader;
  private @Nullable Checkpoint checkpoint;
  private @Nullable Instant first;
  private @Nullable Instant last;
  private @Nullable String problem;
  private long unsigned;

  private ArchiveSnapshot(Period period) {
    this.period = period;
    for (Framework.Need need : Framework.Need.values()) {
      classes.put(need, false);
    }
  }

  /** Reads and checks; damage is a fact of the snapshot, not an exception. */
  static ArchiveSnapshot read(Path directory, Period period, SigningKey key) {
    ArchiveSnapshot snapshot = new ArchiveSnapshot(period);
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
    for (ArchivedEvent archived : archive.iterate(period.from(), period.to())) {
      if (archived.index() < newest.size()) {
        add(archived);
      } else {
        unsigned++;
      }
    }
  }

  private void add(ArchivedEvent archived) {
    AuditEvent event = archived.event();
    database.add(archived.index(), event);
    indices.add(archived.index());
    types.merge(event.type(), 1L, Long::sum);
    first = first == null || event.time().isBefore(first) ? event.time() : first;
    last = last == null || event.time().isAfter(last) ? event.time() : last;
    if (event.type().equals("authenticate")) {
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

  List<Long> indices() {
    return indices;
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
    return new Coverage(indices.size(), first, last, types, List.copyOf(notSeen), classes);
  }

  @Override
  public void close() {
    database.close();
    if (reader != null) {
      reader.close();
    }
  }
}
