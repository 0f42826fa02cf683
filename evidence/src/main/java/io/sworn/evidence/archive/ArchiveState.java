package io.sworn.evidence.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.AuditEvent;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.evidence.Hash;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Everything that an archive knows apart from the events; rebuilt by replaying a segment. */
final class ArchiveState {

  private static final int TRAILS_MAX = 100_000;

  private final String origin;
  private final SortedMap<String, TrailLedger> trails = new TreeMap<>();
  private SortedMap<Integer, Long> offsets = new TreeMap<>();
  private String source = "";
  private long size;
  private Hash root = Hash.EMPTY_TREE;
  private long duplicates;
  private long conflicts;
  private long unreadable;

  ArchiveState(String origin) {
    this.origin = origin;
  }

  String origin() {
    return origin;
  }

  long size() {
    return size;
  }

  Hash root() {
    return root;
  }

  String source() {
    return source;
  }

  SortedMap<Integer, Long> offsets() {
    return new TreeMap<>(offsets);
  }

  void source(String name) {
    if (!name.equals(source)) {
      source = name;
      offsets = new TreeMap<>();
    }
  }

  void offsets(Map<Integer, Long> next) {
    offsets.putAll(next);
  }

  boolean seen(AuditEvent event) {
    TrailLedger ledger = trails.get(event.trail());
    return ledger != null && ledger.seen(event.sequence());
  }

  void admit(AuditEvent event) {
    TrailLedger ledger = trails.get(event.trail());
    if (ledger == null) {
      if (trails.size() >= TRAILS_MAX) {
        throw new SwornException(
            ErrorCode.STORAGE, "archive: more than " + TRAILS_MAX + " trails; start another one");
      }
      ledger = new TrailLedger();
      trails.put(event.trail(), ledger);
    }
    ledger.admit(event.sequence(), event.previous());
    size++;
  }

  void duplicate() {
    duplicates++;
  }

  void conflict() {
    conflicts++;
  }

  void unreadable() {
    unreadable++;
  }

  void root(Hash hash) {
    root = hash;
  }

  Commit commit(long batchStart) {
    return new Commit(batchStart, size, root, duplicates, conflicts, unreadable, source, offsets());
  }

  /** Takes over the end of a batch whose events were admitted. */
  void apply(Commit commit) {
    if (commit.size() != size) {
      throw new SwornException(
          ErrorCode.INTEGRITY, "archive: a batch ends at " + commit.size() + ", counted " + size);
    }
    root = commit.root();
    duplicates = commit.duplicates();
    conflicts = commit.conflicts();
    unreadable = commit.unreadable();
    source = commit.source();
    offsets = new TreeMap<>(commit.offsets());
  }

  ArchiveStatus status() {
    SortedMap<String, ArchiveStatus.TrailStatus> byTrail = new TreeMap<>();
    trails.forEach((trail, ledger) -> byTrail.put(trail, ledger.status()));
    long gaps = trails.values().stream().mapToLong(TrailLedger::missing).sum();
    return new ArchiveStatus(size, duplicates, conflicts, gaps, unreadable, byTrail);
  }

  byte[] encode() {
    SortedMap<String, TrailLedger.Saved> ledgers = new TreeMap<>();
    trails.forEach((trail, ledger) -> ledgers.put(trail, ledger.save()));
    return SwornJson.write(
        new Saved(
            1,
            origin,
            source,
            size,
            root.toString(),
            duplicates,
            conflicts,
            unreadable,
            offsets,
            ledgers));
  }

  static ArchiveState decode(byte[] json) {
    Saved saved = SwornJson.read(json, Saved.class);
    if (saved == null
        || saved.origin() == null
        || saved.source() == null
        || saved.root() == null
        || saved.offsets() == null
        || saved.trails() == null) {
      throw new SwornException(
          ErrorCode.INTEGRITY, "archive: the beginning of a segment is damaged");
    }
    if (saved.version() != 1) {
      throw new SwornException(
          ErrorCode.INPUT, "archive: format " + saved.version() + " is unknown to this version");
    }
    ArchiveState state = new ArchiveState(saved.origin());
    state.source = saved.source();
    state.size = saved.size();
    state.root = Hash.parseHex(saved.root());
    state.duplicates = saved.duplicates();
    state.conflicts = saved.conflicts();
    state.unreadable = saved.unreadable();
    state.offsets = new TreeMap<>(saved.offsets());
    saved.trails().forEach((trail, t) -> state.trails.put(trail, TrailLedger.restore(t)));
    return state;
  }

  private record Saved(
      @JsonProperty("version") int version,
      @JsonProperty("origin") String origin,
      @JsonProperty("source") String source,
      @JsonProperty("size") long size,
      @JsonProperty("root") String root,
      @JsonProperty("duplicates") long duplicates,
      @JsonProperty("conflicts") long conflicts,
      @JsonProperty("unreadable") long unreadable,
      @JsonProperty("offsets") SortedMap<Integer, Long> offsets,
      @JsonProperty("trails") SortedMap<String, TrailLedger.Saved> trails) {}
}
