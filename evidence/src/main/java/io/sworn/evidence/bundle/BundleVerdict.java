package io.sworn.evidence.bundle;

/**
 * What the verifier says of a bundle.
 *
 * @param outcome sound, tampered or unusable
 * @param text one sentence for a person; names the first bad item
 */
public record BundleVerdict(Outcome outcome, String text) {

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
