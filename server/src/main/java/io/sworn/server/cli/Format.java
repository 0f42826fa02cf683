package io.sworn.server.cli;

/** How results are written. */
enum Format {
  /** For people. */
  TEXT,
  /** For programs. */
  JSON
}
