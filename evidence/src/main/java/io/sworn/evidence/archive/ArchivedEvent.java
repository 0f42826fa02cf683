package io.sworn.evidence.archive;

import io.sworn.event.AuditEvent;

/** An event in the archive: its place in the tree, what it says, and its original bytes. */
public final class ArchivedEvent {

  private final long index;
  private final AuditEvent event;
  private final byte[] bytes;

  ArchivedEvent(long index, AuditEvent event, byte[] bytes) {
    this.index = index;
    this.event = event;
    this.bytes = bytes;
  }

  /** Index of the leaf, from 0. */
  public long index() {
    return index;
  }

  /** The decoded event. */
  public AuditEvent event() {
    return event;
  }

  /** The bytes that the leaf hash covers; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }
}
