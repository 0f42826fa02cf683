/**
 * The durable log of every event: an append-only, fsynced archive with its Merkle tree. {@link
 * io.sworn.evidence.archive.Archive} writes (one process), {@link
 * io.sworn.evidence.archive.ArchiveReader} reads beside it, {@link
 * io.sworn.evidence.archive.ArchiveIngest} fills it from Kafka exactly once, {@link
 * io.sworn.evidence.archive.ArchiveVerifier} recomputes everything.
 */
@NullMarked
package io.sworn.evidence.archive;

import org.jspecify.annotations.NullMarked;
