/**
 * What makes recorded events provable: an RFC 6962 Merkle tree over their original bytes and signed
 * checkpoints (C2SP signed notes). Enter through {@link io.sworn.evidence.MerkleProofs} and {@link
 * io.sworn.evidence.Checkpoint}; the durable log is in {@code archive}, what an auditor takes home
 * in {@code bundle}.
 */
@NullMarked
package io.sworn.evidence;

import org.jspecify.annotations.NullMarked;
