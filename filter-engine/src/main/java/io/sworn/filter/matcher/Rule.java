package io.sworn.filter.matcher;

import org.jspecify.annotations.Nullable;

/**
 * One way in which a filter can match. Several rules with one id are the same way, met by different
 * values.
 */
final class Rule {

  final int id;
  final int filter;

  /** What must hold beyond the index entries that led here; null = nothing. */
  final @Nullable Node rest;

  Rule(int id, int filter, @Nullable Node rest) {
    this.id = id;
    this.filter = filter;
    this.rest = rest;
  }
}
