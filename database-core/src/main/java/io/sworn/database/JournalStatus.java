package io.sworn.database;

/**
 * Where the audit journal stands.
 *
 * @param trail names all its events
 * @param lastSequence events emitted so far
 * @param shippedSequence events that Kafka has acknowledged
 * @param bytes on disk
 */
public record JournalStatus(String trail, long lastSequence, long shippedSequence, long bytes) {}
