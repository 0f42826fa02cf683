package io.sworn.evidence.bundle;

import java.time.Instant;

/**
 * One touch of the evidence, for {@code custody.ndjson}.
 *
 * @param event what happened: collected, rendered, signed, exported, ...
 * @param at when
 * @param actor who or what did it
 * @param reason why
 */
public record CustodyRecord(String event, Instant at, String actor, String reason) {}
