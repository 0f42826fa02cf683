package io.sworn.evidence.bundle;

import io.sworn.evidence.VerifierKey;

/** {@code README.txt} of a bundle. */
final class BundleReadme {

  private BundleReadme() {}

  static String text(VerifierKey key) {
    return """
        Evidence bundle, format 1

        report.*                      what was asked and found, if a report was handed in
        evidence/events.ndjson        one event per line: index in the log, id, the original bytes
                                      in base64, and the message in MongoDB's JSON for reading
        integrity/checkpoint.txt      signed statement: the log had this many events under this root
        integrity/proofs.ndjson       for each event the hashes from its leaf to that root
        integrity/consistency.ndjson  earlier checkpoints and proofs that this one continues them
        keys/                         the public key of the log, as vkey and as PEM
        custody.ndjson                who touched the evidence; each line names the hash of the last
        MANIFEST.json, MANIFEST.sig   every file with its SHA-256, and a signature over that list

        With the program: sworn verify THIS.zip --key VKEY
        Compare the key with one that you got on another way than with this bundle:
        %s

        By hand, in an unpacked bundle, with openssl and coreutils:

        1. The files are those of the manifest: compare with MANIFEST.json
             sha256sum report.json evidence/events.ndjson
        2. The manifest is the signed one: line 2 of MANIFEST.sig must be
             sha256sum MANIFEST.json
        3. A note is signed (here the checkpoint; MANIFEST.sig the same way). The signed text is
           everything above the empty line; a signature is the last 64 of the 68 bytes behind the
           signer's name
             sed '/^$/,$d' integrity/checkpoint.txt > text
             tail -n 1 integrity/checkpoint.txt | awk '{print $3}' | base64 -d | tail -c 64 > sig
             openssl pkeyutl -verify -pubin -inkey keys/log.pem -rawin -in text -sigfile sig
        4. An event is in the log: its leaf hash is
             (printf '\\000'; sed -n 1p evidence/events.ndjson |
               sed 's/.*"bytes":"\\([^"]*\\)".*/\\1/' | base64 -d) | sha256sum
           Combine it with each hash of its line in proofs.ndjson, node = SHA-256(01 left right) as
           RFC 9162 section 2.1.3.2 says; the result is the root in the checkpoint.

        What is proved: the events are, byte for byte, those that were in the log when the
        checkpoint was signed. What is not: that the database reported everything that happened, and,
        without a checkpoint that somebody else kept, that the holder of the signing key did not
        write a whole new log.
        """
        .formatted(key);
  }
}
