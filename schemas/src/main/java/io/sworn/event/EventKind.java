package io.sworn.event;

/** Which sort of source an audit event came from. Order and names are part of the Avro schema. */
public enum EventKind {
  /** Written by a newer schema than this reader knows. */
  UNKNOWN,
  /** Our own database core. */
  DATABASE,
  /** MongoDB's {@code mongo} audit schema. */
  MONGODB,
  /** MongoDB's OCSF audit schema (8.0 and later). */
  MONGODB_OCSF,
  /** Percona Server for MongoDB. */
  PERCONA,
  /** An Atlas activity feed. */
  ATLAS,
  /** Sworn itself: a changed filter, a console login, a report run, a posture snapshot. */
  SWORN
}
