package io.sworn.export.splunk;

/** Events {@code [from, to)} of a batch. */
record Span(int from, int to) {
  int size() {
    return to - from;
  }
}
