package io.sworn.server.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.database.InitialAdministrator;
import io.sworn.event.ErrorCode;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import io.sworn.export.loopback.HecReceiver;
import io.sworn.export.loopback.SyslogReceiver;
import io.sworn.server.Sworn;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.identity.OwnerOnly;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts everything with destinations on loopback and lets clients work. */
@Command(
    name = "demo",
    description = "Starts everything, lets honest and hostile clients work, and counts.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: sworn demo --once --out out"})
public final class DemoCommand implements Callable<Integer> {

  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);
  private static final String TOKEN = "00000000-0000-4000-8000-000000000001";

  @Option(names = "--once", description = "Runs one round, prints the balance, stops.")
  private boolean once;

  @Option(names = "--out", paramLabel = "DIR", description = "Where the results are left.")
  private Path out = Path.of("out");

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DIR",
      description = "Data directory.")
  private Path data = Path.of("data");

  @Spec private @Nullable CommandSpec spec;

  /** For picocli. */
  public DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    long begin = System.nanoTime();
    Path own = OwnerOnly.directory(data.toAbsolutePath()).resolve("demo");
    OwnerOnly.directory(own);
    Map<String, Received> received = new TreeMap<>();
    for (String name : List.of("splunk", "guardium", "file")) {
      received.put(name, new Received(own.resolve(name + ".jsonl")));
    }
    Received splunk = java.util.Objects.requireNonNull(received.get("splunk"));
    Received guardium = java.util.Objects.requireNonNull(received.get("guardium"));
    try (HecReceiver hec =
            HecReceiver.start(0, new HecReceiver.Token(TOKEN, true), null, splunk::add);
        SyslogReceiver syslog = SyslogReceiver.start(0, null, false, guardium::add);
        Sworn sworn = Sworn.start(config(own, hec.port(), syslog.port()))) {
      InitialAdministrator administrator = administrator(sworn, own);
      Ledger ledger = new Ledger();
      SSLContext tls = trust(sworn.authority());
      FlowSnapshot flow;
      do {
        new Workload(sworn.databaseAddress(), tls, ledger)
            .run(administrator.user(), administrator.password());
        flow = sworn.awaitSettled(SETTLE_LIMIT);
        say(flow);
      } while (!once);
      return report(flow, received, ledger, (System.nanoTime() - begin) / 1e9);
    }
  }

  /** Settled, and the route that keeps everything holds all of it: no event waits to be judged. */
  private static boolean judged(FlowSnapshot flow) {
    FlowSnapshot.DestinationFlow everything = flow.destinations().get("file");
    return flow.settled() && everything != null && everything.kept() == flow.emitted();
  }

  private SwornConfig config(Path own, int hec, int syslog) {
    SwornConfig base = SwornConfig.defaults(data);
    InetSocketAddress loopback = new InetSocketAddress("127.0.0.1", 0);
    return new SwornConfig(
        base.data(),
        base.kafka(),
        new SwornConfig.Database("db-1", loopback, base.database().access(), true),
        Optional.of(DemoFilters.write(own.resolve("filters"))),
        List.of(
            new ExporterSpec(
                "splunk",
                "splunk",
                "splunk",
                Map.of("splunk.url", "http://127.0.0.1:" + hec, "splunk.token", TOKEN)),
            new ExporterSpec(
                "guardium",
                "guardium",
                "guardium",
                Map.of(
                    "guardium.host",
                    "127.0.0.1",
                    "guardium.port",
                    String.valueOf(syslog),
                    "guardium.tls",
                    "false")),
            new ExporterSpec(
                "file", "file", "file", Map.of("file.path", own.resolve("file.jsonl").toString()))),
        base.archive(),
        new SwornConfig.WebPage(true, loopback),
        List.of());
  }

  /** The generated administrator; kept, owner-only, for the next run on the same data. */
  private static InitialAdministrator administrator(Sworn sworn, Path own) throws Exception {
    Path file = own.resolve("administrator");
    Optional<InitialAdministrator> first = sworn.initialAdministrator();
    if (first.isPresent()) {
      OwnerOnly.write(file, first.get().user() + "\n" + first.get().password() + "\n");
      return first.get();
    }
    if (!Files.exists(file)) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "the database was not made by the demonstration: name another directory with --data");
    }
    List<String> lines = Files.readAllLines(file);
    return new InitialAdministrator(lines.get(0), lines.get(1));
  }

  private static SSLContext trust(Path authority) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(authority)) {
      store.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private int report(
      FlowSnapshot flow, Map<String, Received> received, Ledger ledger, double seconds)
      throws Exception {
    Files.createDirectories(out);
    PrintWriter stdout = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    boolean balanced = judged(flow);
    long lost = Math.max(0, flow.emitted() - flow.archived()) + flow.gaps();
    Map<String, Object> routes = new LinkedHashMap<>();
    for (Map.Entry<String, FlowSnapshot.DestinationFlow> entry : flow.destinations().entrySet()) {
      FlowSnapshot.DestinationFlow counted = entry.getValue();
      Received there = java.util.Objects.requireNonNull(received.get(entry.getKey()));
      long ids = there.ids().size();
      boolean same = ids == counted.delivered();
      balanced &= same;
      stdout.printf(
          "%-10s kept %d, receipts %d, found there %d, dead letters %d%s%n",
          entry.getKey(),
          counted.kept(),
          counted.delivered(),
          ids,
          counted.deadLetters(),
          same ? "" : "   NOT EQUAL");
      if (Files.exists(there.file())) {
        Files.copy(
            there.file(),
            out.resolve("delivered-" + entry.getKey() + ".jsonl"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      Map<String, Object> route = new LinkedHashMap<>();
      route.put("kept", counted.kept());
      route.put("delivered", counted.delivered());
      route.put("deadLetters", counted.deadLetters());
      route.put("inFlight", counted.inFlight());
      routes.put(entry.getKey(), route);
    }
    DemoFilters.PARTS
        .keySet()
        .forEach(part -> stdout.printf("%-16s caused by clients: %d%n", part, ledger.of(part)));
    Map<String, Object> last = new LinkedHashMap<>();
    last.put("emitted", flow.emitted());
    last.put("duplicates", flow.duplicates());
    last.put("archived", flow.archived());
    last.put("undecidable", flow.undecidable());
    last.put("routes", routes);
    last.put("lost", lost);
    last.put("seconds", Math.round(seconds * 10) / 10.0);
    stdout.println(new ObjectMapper().writeValueAsString(last));
    stdout.flush();
    return balanced && lost == 0 ? 0 : 1;
  }

  private void say(FlowSnapshot flow) {
    PrintWriter stderr = java.util.Objects.requireNonNull(spec).commandLine().getErr();
    stderr.printf(
        "emitted %d, archived %d, %s%n",
        flow.emitted(), flow.archived(), flow.settled() ? "balanced" : "not settled");
    flow.destinations()
        .forEach(
            (name, to) ->
                stderr.printf(
                    "  %-10s kept %d, delivered %d, in flight %d%n",
                    name, to.kept(), to.delivered(), to.inFlight()));
    stderr.flush();
  }
}
