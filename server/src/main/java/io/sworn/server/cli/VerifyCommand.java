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
    description = "Checks a bundle offline: neither an instance nor a network is needed.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Sound: every row follows from the events, and all are under a signed checkpoint.",
      "1:Tampered: what does not fit is named, the event where it can be.",
      "2:Unusable: no bundle, unreadable, or an option that makes no sense."
    },
    footer = {"", "Example: sworn verify out/evidence.zip"})
final class VerifyCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "BUNDLE",
      description = "The zip file that a report left, such as out/evidence.zip.")
  private Path bundle = Path.of("");

  @Option(
      names = "--key",
      paramLabel = "VKEY",
      description =
          "Verifier key that you know from elsewhere, as 'sworn up' shows it: name+hash+key. A bundle"
              + " of anybody else is then tampered. Without it, the key in the bundle is believed.")
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
