package io.sworn.report;

/** What the evidence says of a control, the worst first but for the last. */
public enum Verdict {
  /** The evidence speaks against the control. */
  FAIL,
  /** The events that would decide were never captured, or cannot be trusted. Never a PASS. */
  NO_DATA,
  /** Only a person can decide. */
  NEEDS_REVIEW,
  /** The evidence supports the control. */
  PASS,
  /** The control does not concern this system. */
  NOT_APPLICABLE
}
