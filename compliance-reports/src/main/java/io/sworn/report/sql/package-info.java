/** Metrics: SQL files over the events of a period, run in a closed in-memory database. */
@NullMarked
package io.sworn.report.sql;

import org.jspecify.annotations.NullMarked;
