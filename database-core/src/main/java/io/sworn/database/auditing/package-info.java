/**
 * The journal of audit events and its way to Kafka.
 *
 * <p>{@link io.sworn.database.auditing.AuditJournal} puts an event on disk before the command that
 * it tells of is answered; {@link io.sworn.database.auditing.AuditShipper} sends the journal to
 * Kafka in order, as often as it takes. Who writes which message when is decided elsewhere.
 */
@NullMarked
package io.sworn.database.auditing;

import org.jspecify.annotations.NullMarked;
