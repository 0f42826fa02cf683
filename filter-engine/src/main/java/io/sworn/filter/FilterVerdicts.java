package io.sworn.filter;

import org.bson.BsonDocument;

/** Counts what two filters say of the same messages. Not thread-safe. */
public final class FilterVerdicts {

  /** What the new filter does differently with one message. */
  public enum Change {
    /** Both keep it or both drop it. */
    NONE,
    /** Newly kept. */
    KEPT,
    /** Newly dropped. */
    DROPPED
  }

  private final AuditFilter before;
  private final AuditFilter after;
  private long keptBefore;
  private long keptAfter;
  private long newlyKept;
  private long newlyDropped;
  private long undecidable;

  /** Nothing judged yet. */
  public FilterVerdicts(AuditFilter before, AuditFilter after) {
    this.before = before;
    this.after = after;
  }

  /** Judges by both; what cannot be decided travels, as in the pipeline. */
  public Change judge(BsonDocument message) {
    Decision old = before.judge(message);
    Decision now = after.judge(message);
    keptBefore += old.travels() ? 1 : 0;
    keptAfter += now.travels() ? 1 : 0;
    undecidable += now == Decision.UNDECIDABLE ? 1 : 0;
    if (old.travels() == now.travels()) {
      return Change.NONE;
    }
    if (now.travels()) {
      newlyKept++;
      return Change.KEPT;
    }
    newlyDropped++;
    return Change.DROPPED;
  }

  /** Messages that the old filter keeps. */
  public long keptBefore() {
    return keptBefore;
  }

  /** Messages that the new filter keeps. */
  public long keptAfter() {
    return keptAfter;
  }

  /** Messages with such a change; {@link Change#NONE} is not counted. */
  public long count(Change change) {
    return switch (change) {
      case NONE -> 0;
      case KEPT -> newlyKept;
      case DROPPED -> newlyDropped;
    };
  }

  /** Messages that the new filter cannot decide. */
  public long undecidable() {
    return undecidable;
  }
}
