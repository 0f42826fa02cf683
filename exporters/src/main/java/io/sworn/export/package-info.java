/**
 * Delivery of audit events to where people look at them.
 *
 * <p>Enter through {@link io.sworn.export.Exporter}: a destination that answers for each event. An
 * {@link io.sworn.export.ExporterFactory} makes one from settings; {@code io.sworn.export.connect}
 * hosts any of them in Kafka Connect. {@link io.sworn.export.DeliveryLedger} adds receipts up.
 */
@NullMarked
package io.sworn.export;

import org.jspecify.annotations.NullMarked;
