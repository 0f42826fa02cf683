package io.sworn.evidence.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.evidence.bundle.BundleVerdict;
import io.sworn.evidence.bundle.BundleVerifier;
import io.sworn.evidence.bundle.EvidenceBundle;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prints rates, with bounds only against a collapse; SWORN_SPEED_EVENTS sets the number of events.
 */
class ArchiveSpeedTest {

  private static final Logger LOG = LoggerFactory.getLogger(ArchiveSpeedTest.class);

  @Test
  void appendReadVerifyAndBundleStayWithinReach(@TempDir Path dir) {
    int events = Integer.parseInt(System.getenv().getOrDefault("SWORN_SPEED_EVENTS", "10000"));
    int batch = 500;
    long start = System.nanoTime();
    try (Archive archive = Archive.open(dir.resolve("a"), Samples.KEY, Samples.ORIGIN)) {
      for (int i = 0; i < events; i += batch) {
        archive.append(Samples.records("db/1", i + 1, i + batch), Map.of(0, i + batch + 1L));
      }
      report("append, one fsync per " + batch, events, start);
      start = System.nanoTime();
      try (ArchiveReader reader = archive.reader()) {
        EvidenceBundle.over(reader, archive.checkpoint(), Samples.KEY)
            .events(0, events)
            .write(dir.resolve("b.zip"));
      }
      report("write bundle", events, start);
    }
    start = System.nanoTime();
    Archive.open(dir.resolve("a"), Samples.KEY, Samples.ORIGIN).close();
    report("open", events, start);
    start = System.nanoTime();
    assertThat(
            ArchiveVerifier.verify(
                    dir.resolve("a"), Optional.of(Samples.KEY.verifier(Samples.ORIGIN)))
                .events())
        .isEqualTo(events);
    report("verify archive", events, start);
    start = System.nanoTime();
    BundleVerdict verdict = BundleVerifier.verify(dir.resolve("b.zip"), Optional.empty());
    assertThat(verdict.outcome()).isEqualTo(BundleVerdict.Outcome.SOUND);
    report("verify bundle", events, start);
  }

  private static void report(String what, int events, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    LOG.warn(
        "{}: {} events in {} s = {} events/s", what, events, seconds, (long) (events / seconds));
    assertThat(seconds).as(what).isLessThan(120);
  }
}
