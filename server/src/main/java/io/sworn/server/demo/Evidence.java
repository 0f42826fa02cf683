package io.sworn.server.demo;

import io.sworn.evidence.bundle.BundleVerdict;
import io.sworn.evidence.bundle.BundleVerifier;
import io.sworn.report.Period;
import io.sworn.report.ReportResult;
import io.sworn.report.Verdict;
import io.sworn.server.Sworn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The report over the run and its bundle, left in DIR, and what the verifier says of that bundle.
 *
 * @param report page in DIR
 * @param bundle zip in DIR
 * @param verdict of the verifier, with the archive's key known from elsewhere
 * @param counts controls by verdict
 */
record Evidence(Path report, Path bundle, BundleVerdict verdict, Map<Verdict, Integer> counts) {

  private static final String FRAMEWORK = "pci-dss-4.0.1";

  /** Reports on everything since {@code begin} and checks what was written. */
  static Evidence leave(Sworn sworn, Instant begin, Path out) throws IOException {
    Instant end = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    ReportResult result =
        sworn.runReport(FRAMEWORK, new Period(begin.truncatedTo(ChronoUnit.SECONDS), end));
    Path bundle = out.resolve("evidence.zip");
    Files.deleteIfExists(bundle);
    Files.copy(result.json(), out.resolve("report.json"), StandardCopyOption.REPLACE_EXISTING);
    Path report = out.resolve("report.html");
    Files.copy(result.html(), report, StandardCopyOption.REPLACE_EXISTING);
    if (Files.exists(result.bundle())) {
      Files.copy(result.bundle(), bundle);
    }
    BundleVerdict verdict =
        BundleVerifier.verify(bundle, Optional.of(sworn.archive().orElseThrow().verifier()));
    return new Evidence(report, bundle, verdict, new TreeMap<>(result.counts()));
  }

  /** Whether the bundle is what was signed. */
  boolean sound() {
    return verdict.outcome() == BundleVerdict.Outcome.SOUND;
  }
}
