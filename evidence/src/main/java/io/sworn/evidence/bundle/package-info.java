/**
 * What an auditor takes home: {@link io.sworn.evidence.bundle.EvidenceBundle} writes a
 * deterministic zip of a report, its events and their proofs; {@link
 * io.sworn.evidence.bundle.BundleVerifier} checks it offline, from the bundle and a pinned key
 * alone.
 */
@NullMarked
package io.sworn.evidence.bundle;

import org.jspecify.annotations.NullMarked;
