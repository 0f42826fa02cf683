package io.sworn.server.demo;

import io.sworn.database.InitialAdministrator;
import io.sworn.event.AuditEvent;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import io.sworn.evidence.archive.Archive;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.evidence.archive.ArchivedEvent;
import io.sworn.filter.alert.Alert;
import io.sworn.server.Sworn;
import io.sworn.server.cli.LogFile;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.identity.KafkaRole;
import io.sworn.server.identity.OwnerOnly;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * Everything in one process with its destinations, and clients that work in rounds. One thread
 * drives it.
 */
final class Demonstration implements AutoCloseable {

  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);
  private static final Duration STEP_LIMIT = Duration.ofSeconds(20);

  /** Each large event lies in eight places; an endless demonstration shall not fill the disk. */
  private static final int LARGE_EVERY = 20;

  private static final Duration TICK = Duration.ofSeconds(1);

  private final Optional<ElasticsearchNode> node;
  private final Destinations destinations;
  private final Sworn sworn;
  private final Archive archive;
  private final DeadLetterBox deadLetters;
  private final InitialAdministrator administrator;
  private final SSLContext trust;
  private final boolean alone;
  private final SortedMap<String, Long> alerts = new TreeMap<>();
  private Ledger ledger = new Ledger();
  private long from;
  private boolean agreed = true;
  private long rounds;

  private Demonstration(Path data, Path own, Wish wish, Consumer<String> say) throws IOException {
    this.alone = wish.alone();
    node = wish.node() ? Optional.of(ElasticsearchNode.start(own, say)) : Optional.empty();
    try {
      Optional<URI> url =
          node.isPresent() ? node.map(ElasticsearchNode::url) : wish.elasticsearch();
      destinations =
          Destinations.start(
              own,
              url.map(
                  there -> ElasticsearchEnd.connect(there, own, wish.cluster(), System::getenv)));
    } catch (RuntimeException | Error e) {
      node.ifPresent(ElasticsearchNode::close);
      throw e;
    }
    try {
      sworn = Sworn.start(config(data, own, destinations), () -> LogFile.open(data));
    } catch (RuntimeException | Error e) {
      closeDestinations();
      throw e;
    }
    try {
      archive = sworn.archive().orElseThrow();
      administrator = administrator(sworn, own);
      trust = ReceiverTls.trusting(sworn.authority());
      deadLetters =
          new DeadLetterBox(
              sworn.kafka(KafkaRole.OPERATOR), sworn.config().kafka().topics().deadLetters());
    } catch (IOException | RuntimeException | Error e) {
      sworn.close();
      closeDestinations();
      throw e;
    }
  }

  /**
   * What is wanted.
   *
   * @param alone whether nobody else may work on the database
   * @param node whether an Elasticsearch node is started as one more destination
   * @param elasticsearch one that runs elsewhere, instead
   */
  record Wish(boolean alone, boolean node, Optional<URI> elasticsearch) {

    /** Which Elasticsearch it is; that of the demonstration's own node changes its port. */
    String cluster() {
      return elasticsearch.map(URI::toString).orElse("node");
    }
  }

  /**
   * Starts everything.
   *
   * @param data data directory; what belongs to the demonstration alone lies in {@code demo} there
   * @param say told of what takes time
   */
  static Demonstration start(Path data, Wish wish, Consumer<String> say) throws IOException {
    Path own = OwnerOnly.directory(OwnerOnly.directory(data).resolve("demo"));
    return new Demonstration(data, own, wish, say);
  }

  private static SwornConfig config(Path data, Path own, Destinations destinations) {
    SwornConfig base = SwornConfig.defaults(data);
    InetSocketAddress loopback = new InetSocketAddress("127.0.0.1", 0);
    return new SwornConfig(
        base.data(),
        base.kafka(),
        new SwornConfig.Database("db-1", loopback, base.database().access(), true),
        Optional.of(DemoFilters.write(own.resolve("filters"), destinations.unfiltered())),
        base.redactions(),
        base.alerts(),
        destinations.exporters(),
        base.archive(),
        new SwornConfig.WebPage(true, loopback),
        List.of());
  }

  /** The generated administrator; kept, owner-only, for the next run on the same data. */
  private static InitialAdministrator administrator(Sworn sworn, Path own) throws IOException {
    Path file = own.resolve("administrator");
    Optional<InitialAdministrator> first = sworn.initialAdministrator();
    if (first.isPresent()) {
      OwnerOnly.write(file, first.get().user() + "\n" + first.get().password() + "\n");
      return first.get();
    }
    if (!Files.exists(file)) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "the administrator of the database in "
              + sworn.config().data()
              + " is not known here, because it was not started by the demonstration or its first"
              + " start was cut off: name another directory with --data");
    }
    List<String> lines = Files.readAllLines(file);
    return new InitialAdministrator(lines.get(0), lines.get(1));
  }

  /**
   * One round: clients work while Splunk is away for a while, then everything is compared.
   *
   * @param say told of each step
   */
  Reckoning round(Consumer<String> say) throws IOException, InterruptedException {
    awaitArchived();
    from = archive.size();
    ledger = new Ledger();
    work(say);
    say.accept("waiting until everything has arrived");
    awaitExplained();
    return reckon();
  }

  private void work(Consumer<String> say) throws IOException, InterruptedException {
    Workload work =
        new Workload(new DemoClient.Access(sworn.databaseAddress(), trust, ledger), administrator);
    work.prepare();
    destinations.splunkGoesAway();
    say.accept("Splunk is away; honest clients work: patients, visits, a shop");
    try {
      work.honest(rounds++ % LARGE_EVERY == 0);
      work.administer();
      awaitSomethingWaits(say);
    } finally {
      destinations.splunkComesBack();
    }
    say.accept("Splunk is back; hostile clients: guesses, theft, malformed messages");
    work.hostile();
    work.tidy();
  }

  /**
   * Waits until everything has arrived and compares the last round with it; again after anything
   * that leaves events of Sworn's own, such as a report.
   */
  Reckoning reckon() throws InterruptedException {
    FlowSnapshot flow = sworn.awaitSettled(SETTLE_LIMIT);
    destinations.all().values().forEach(End::refresh);
    deadLetters.refresh();
    Reckoning reckoning =
        Reckoning.of(ledger, archived(), flow, destinations, deadLetters, sworn.troubles(), alone);
    agreed &= reckoning.agrees();
    return reckoning;
  }

  /** Everything emitted before this moment is in the archive. */
  private void awaitArchived() throws InterruptedException {
    long deadline = System.nanoTime() + STEP_LIMIT.toNanos();
    FlowSnapshot flow = sworn.flow();
    while (flow.emitted() != flow.archived() && System.nanoTime() < deadline) {
      flow = sworn.meter().fresh(TICK);
    }
  }

  private void awaitSomethingWaits(Consumer<String> say) throws InterruptedException {
    long deadline = System.nanoTime() + STEP_LIMIT.toNanos();
    long waiting = 0;
    while (waiting == 0 && System.nanoTime() < deadline) {
      FlowSnapshot.DestinationFlow splunk =
          sworn.meter().fresh(TICK).destinations().get(Destinations.SPLUNK);
      waiting = splunk == null ? 0 : splunk.inFlight();
    }
    say.accept(waiting + " events wait for Splunk");
  }

  /** The archive has what the clients caused; the last events come when connections close. */
  private void awaitExplained() throws InterruptedException {
    long deadline = System.nanoTime() + STEP_LIMIT.toNanos();
    while (!ledger
            .compare(archived().stream().map(Reckoning.Archived::caused).toList())
            .missing()
            .isEmpty()
        && System.nanoTime() < deadline) {
      FlowSnapshot flow = sworn.meter().fresh(TICK);
      if (flow.emitted() == flow.archived()) {
        sworn.meter().fresh(TICK);
      }
    }
  }

  private List<Reckoning.Archived> archived() {
    List<Reckoning.Archived> events = new ArrayList<>();
    alerts.clear();
    try (ArchiveReader reader = archive.reader()) {
      for (ArchivedEvent event : reader.iterate(from, reader.size())) {
        if (event.event().kind() == EventKind.SWORN) {
          alert(event.event());
          continue; // Sworn audits itself too; that is not what the clients caused
        }
        events.add(new Reckoning.Archived(event.event().id().toString(), Caused.of(event.event())));
      }
    }
    return events;
  }

  private void alert(AuditEvent own) {
    if (own.type().equals(Alert.EVENT_TYPE)) {
      alerts.merge(own.param().toDocument().getString("rule").getValue(), 1L, Long::sum);
    }
  }

  /** Alerts of the last round, by rule. */
  SortedMap<String, Long> alerts() {
    return alerts;
  }

  Sworn sworn() {
    return sworn;
  }

  Destinations destinations() {
    return destinations;
  }

  DeadLetterBox deadLetters() {
    return deadLetters;
  }

  InitialAdministrator administrator() {
    return administrator;
  }

  /** Whether all ends have agreed in every round so far. */
  boolean agreed() {
    return agreed;
  }

  /** Where the generated administrator and his password are kept, one a line. */
  Path administratorFile() {
    return sworn.config().data().resolve("demo").resolve("administrator");
  }

  /** Stops the pipeline first, so that it can hand on what it holds. */
  @Override
  public void close() {
    deadLetters.close();
    sworn.close();
    closeDestinations();
  }

  private void closeDestinations() {
    destinations.close();
    node.ifPresent(ElasticsearchNode::close);
  }
}
