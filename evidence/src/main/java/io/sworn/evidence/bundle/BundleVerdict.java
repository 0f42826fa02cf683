package io.sworn.evidence.bundle;

import java.util.List;

/**
 * What the verifier says of a bundle.
 *
 * @param outcome sound, tampered or unusable
 * @param findings one sentence each for a person, never empty; of a tampered bundle each begins
 *     with the name of a bad item, the first one first
 */
public record BundleVerdict(Outcome outcome, List<String> findings) {

  /** Copies the findings. */
  public BundleVerdict {
    findings = List.copyOf(findings);
  }

  static BundleVerdict of(Outcome outcome, String finding) {
    return new BundleVerdict(outcome, List.of(finding));
  }

  /** The first finding. */
  public String text() {
    return findings.get(0);
  }

  /** The three answers; their exit codes are 0, 1 and 2. */
  public enum Outcome {
    /** Everything in the bundle is what was signed. */
    SOUND,
    /** Something is not what was signed. */
    TAMPERED,
    /** It cannot be checked: no bundle, an unknown version, or beyond the bounds. */
    UNUSABLE
  }

  /** Exit code of {@code sworn verify}. */
  public int exitCode() {
    return outcome.ordinal();
  }
}
