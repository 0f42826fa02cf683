/**
 * What an audit event is, and how it travels.
 *
 * <p>Enter through {@link io.sworn.event.AuditEvent}; {@link io.sworn.event.AuditEventCodec} turns
 * it into the bytes of a Kafka record and back, {@link io.sworn.event.Topics} names the topics.
 * Messages in MongoDB's own shape are read and written in {@code io.sworn.event.mongo}.
 */
@NullMarked
package io.sworn.event;

import org.jspecify.annotations.NullMarked;
