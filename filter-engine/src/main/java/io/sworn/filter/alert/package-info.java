/**
 * Stateful rules over audit events: thresholds, distinct values, sequences, values seen for the
 * first time, absence and office hours. Knows neither topics nor Kafka.
 *
 * <p>Enter through {@link io.sworn.filter.alert.RuleReader} (text to rules), {@link
 * io.sworn.filter.alert.AlertMatcher} (event to hits) and {@link io.sworn.filter.alert.AlertBook}
 * (hits to alerts).
 */
@NullMarked
package io.sworn.filter.alert;

import org.jspecify.annotations.NullMarked;
