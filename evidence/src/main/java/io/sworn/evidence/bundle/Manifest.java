package io.sworn.evidence.bundle;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * {@code MANIFEST.json}: every other file of the bundle, and what it is about.
 *
 * @param format always {@link #FORMAT}
 * @param version always {@link #VERSION}
 * @param origin log that the events are from
 * @param treeSize size of the tree that the proofs lead to
 * @param events number of events in the bundle
 * @param files sorted by path
 */
record Manifest(
    @JsonProperty("format") String format,
    @JsonProperty("version") int version,
    @JsonProperty("origin") String origin,
    @JsonProperty("treeSize") long treeSize,
    @JsonProperty("events") long events,
    @JsonProperty("files") List<Item> files) {

  static final String FORMAT = "sworn-evidence-bundle";
  static final int VERSION = 1;
  static final String PATH = "MANIFEST.json";
  static final String SIGNATURE = "MANIFEST.sig";
  static final String README = "README.txt";
  static final String EVENTS = "evidence/events.ndjson";
  static final String PROOFS = "integrity/proofs.ndjson";
  static final String CHECKPOINT = "integrity/checkpoint.txt";
  static final String CONSISTENCY = "integrity/consistency.ndjson";
  static final String CUSTODY = "custody.ndjson";
  static final String VKEY = "keys/log.vkey";
  static final String PEM = "keys/log.pem";

  /** First line of the signed text; it can be no origin of a log. */
  static final String SIGNED_TITLE = "sworn evidence bundle manifest v1\n";

  /** Files that every bundle has. */
  static final List<String> ALWAYS =
      List.of(PATH, SIGNATURE, README, EVENTS, PROOFS, CHECKPOINT, CONSISTENCY, CUSTODY, VKEY);

  /** Text below which the signer puts its name. */
  static String signedText(String sha256) {
    return SIGNED_TITLE + sha256 + "\n";
  }

  /**
   * One file.
   *
   * @param path inside the zip
   * @param size in bytes
   * @param sha256 in hexadecimal
   * @param mediaType for whoever opens it
   */
  record Item(
      @JsonProperty("path") String path,
      @JsonProperty("size") long size,
      @JsonProperty("sha256") String sha256,
      @JsonProperty("mediaType") String mediaType) {}
}
