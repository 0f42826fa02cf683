/**
 * Hosts any {@link io.sworn.export.Exporter} as a Kafka Connect sink.
 *
 * <p>Enter through {@link io.sworn.export.connect.ExporterSinkTask}: it commits only what is
 * settled, sends refused events to the dead letters one by one, waits for a destination that is
 * away, and writes a receipt for every settled range.
 */
@NullMarked
package io.sworn.export.connect;

import org.jspecify.annotations.NullMarked;
