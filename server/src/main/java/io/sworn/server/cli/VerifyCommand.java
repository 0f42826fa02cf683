package io.sworn.server.cli;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.evidence.VerifierKey;
import io.sworn.evidence.bundle.BundleVerdict;
import io.sworn.evidence.bundle.BundleVerifier;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks an evidence bundle, offline. */
@Command(
    name = "verify",
    description = "Checks a bundle offline. Exit 0 sound, 1 tampered, 2 unusable.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn verify out/bundle.zip"})
final class VerifyCommand implements Callable<Integer> {

  @Parameters(paramLabel = "BUNDLE")
  private Path bundle = Path.of("");

  @Option(
      names = "--key",
      paramLabel = "VKEY",
      description =
          "Verifier key that you know from elsewhere; without it, the bundle's own is believed.")
  private @Nullable String key;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  VerifyCommand() {}

  @Override
  public Integer call() {
    BundleVerdict verdict = BundleVerifier.verify(bundle, pinned());
    verdict
        .findings()
        .forEach(f -> spec.commandLine().getOut().println(verdict.outcome() + ": " + f));
    return verdict.exitCode();
  }

  private Optional<VerifierKey> pinned() {
    if (key == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(VerifierKey.parse(key));
    } catch (IllegalArgumentException e) {
      throw new SwornException(
          ErrorCode.INPUT, "--key: '" + key + "' is no verifier key: " + e.getMessage(), e);
    }
  }
}
