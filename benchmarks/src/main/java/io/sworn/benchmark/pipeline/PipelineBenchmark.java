package io.sworn.benchmark.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.benchmark.Spread;
import io.sworn.event.Topics;
import io.sworn.filter.AuditFilter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How much slower than bare Kafka Streams the judging is. All sides read the same topic with one
 * thread and exactly_once_v2, in turns, each in a new process; the clock starts when a quarter is
 * committed (warm) and ends when everything is. Afterwards, off the clock, the copies in the route
 * are counted and compared with what the plain evaluator says of the same events.
 *
 * <p>A filter that drops events writes less than a pass-through that copies all. So two more
 * comparisons: a filter that keeps everything, and a pass-through that copies as many events as the
 * acceptance filter keeps ({@code same_output}). The routes get the events unchanged, but for a
 * last comparison in which the arguments of all commands are masked, as they are unless configured
 * otherwise ({@code masking}).
 */
public final class PipelineBenchmark {

  private static final int EVENTS = Integer.getInteger("events", 2_000_000);
  private static final int ROUNDS = Integer.getInteger("rounds", 3);

  /** More options for the Java of both sides, a profiler's for example. */
  private static final String SIDE_OPTIONS = System.getProperty("side.options", "");

  private static final Duration SIDE_MAX = Duration.ofMinutes(5);

  /**
   * One of the compared topologies.
   *
   * @param name what {@link StreamsProcess} calls it
   * @param passes how many of the events a bare side copies
   * @param copies how many must lie in the route afterwards
   */
  private record Side(String name, long passes, long copies) {
    String label() {
      return switch (name) {
        case "judge" -> "sworn";
        case "redact" -> "masking";
        default -> passes < EVENTS ? "thin" : "bare";
      };
    }
  }

  /** What one side did with the measured share of the events. */
  private record Run(double perSecond, double cpuPerMillion, double brokerCpuPerMillion) {}

  private final Path scratch;
  private final BrokerProcess broker;
  private final Bench bench;

  private PipelineBenchmark(Path scratch, BrokerProcess broker, Bench bench) {
    this.scratch = scratch;
    this.broker = broker;
    this.bench = bench;
  }

  /** Prints a table and, as the last line, one JSON object. */
  public static void main(String[] args) throws Exception {
    Path scratch = Files.createTempDirectory("sworn-pipeline-");
    Map<String, Object> result;
    try (BrokerProcess broker = BrokerProcess.start(scratch);
        Bench bench = new Bench(broker.client(), Topics.standard())) {
      result = new PipelineBenchmark(scratch, broker, bench).measure();
    } finally {
      delete(scratch);
    }
    System.out.println(new ObjectMapper().writeValueAsString(result));
  }

  private Map<String, Object> measure() throws Exception {
    String acceptance = resource("/acceptance-filter.json");
    Bench.Filled filled = bench.fill(EVENTS, AuditFilter.compile(acceptance));
    System.out.printf(
        Locale.ROOT,
        "%,d events of %.0f bytes, of which the acceptance filter keeps %,d;%n"
            + "measured after the first quarter; %d rounds in turns%n%n",
        EVENTS,
        filled.meanBytes(),
        filled.kept(),
        ROUNDS);
    System.out.printf(
        Locale.ROOT,
        "%-14s %-8s %12s %14s %16s%n",
        "filter",
        "side",
        "events/s",
        "CPU s/million",
        "broker CPU s/M");
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", "pipeline");
    result.put("events", EVENTS);
    result.put("event_bytes", Spread.round(filled.meanBytes()));
    result.put("acceptance_keeps", filled.kept());
    bench.onlyFilter("acceptance", acceptance);
    Side judge = new Side("judge", EVENTS, filled.kept());
    Side pass = new Side("pass", EVENTS, EVENTS);
    Side thin = new Side("pass", filled.kept(), filled.kept());
    Map<Side, List<Run>> runs = inTurns("acceptance", List.of(judge, pass, thin));
    compare(runs, judge, pass, result, "");
    compare(runs, judge, thin, result, "same_output_");
    bench.onlyFilter("keep-all", "{}");
    Side all = new Side("judge", EVENTS, EVENTS);
    Side redact = new Side("redact", EVENTS, EVENTS);
    runs = inTurns("keep-all", List.of(all, redact, pass));
    double fastest = compare(runs, all, pass, result, "keep_all_");
    compare(runs, redact, pass, result, "masking_");
    Map<String, Object> latency = new LinkedHashMap<>();
    System.out.printf(
        Locale.ROOT,
        "%n%10s %10s %10s %10s   append to route, ms%n",
        "events/s",
        "p50",
        "p99",
        "n");
    for (int rate : new int[] {1_000, 10_000, (int) (fastest / 2)}) {
      latency.put(Integer.toString(rate), latency(rate));
    }
    result.put("latency_ms", latency);
    return result;
  }

  /** Every side once per round; the order changes, so that none always finds the warmer machine. */
  private Map<Side, List<Run>> inTurns(String filter, List<Side> sides) throws Exception {
    Map<Side, List<Run>> runs = new HashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      List<Side> order = new ArrayList<>(sides);
      Collections.rotate(order, round);
      for (Side side : order) {
        Run run = run(side);
        runs.computeIfAbsent(side, key -> new ArrayList<>()).add(run);
        System.out.printf(
            Locale.ROOT,
            "%-14s %-8s %,12.0f %14.2f %16.2f%n",
            filter,
            side.label(),
            run.perSecond(),
            run.cpuPerMillion(),
            run.brokerCpuPerMillion());
      }
    }
    return runs;
  }

  /** Adds the ratios of each round to the result; returns the judging side's events per second. */
  private static double compare(
      Map<Side, List<Run>> runs, Side judge, Side bare, Map<String, Object> result, String prefix) {
    List<Run> judged = Objects.requireNonNull(runs.get(judge));
    List<Run> passed = Objects.requireNonNull(runs.get(bare));
    List<Double> throughput = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int round = 0; round < judged.size(); round++) {
      throughput.add(judged.get(round).perSecond() / passed.get(round).perSecond());
      cpu.add(judged.get(round).cpuPerMillion() / passed.get(round).cpuPerMillion());
    }
    Spread rate = Spread.of(judged.stream().map(Run::perSecond).toList());
    result.put(prefix + "throughput_ratio", Spread.of(throughput).median());
    result.put(prefix + "throughput_ratio_spread", Spread.of(throughput));
    result.put(prefix + "cpu_ratio", Spread.of(cpu).median());
    result.put(prefix + "cpu_ratio_spread", Spread.of(cpu));
    result.put(prefix + "events_per_second", rate);
    result.put(
        prefix + "bare_events_per_second", Spread.of(passed.stream().map(Run::perSecond).toList()));
    return rate.median();
  }

  private static String application(Topics topics, String side) {
    return topics.prefix()
        + (side.equals("pass") ? StreamsProcess.PASS_APPLICATION : "filter-engine");
  }

  private Process start(Side side, Path directory) throws IOException {
    List<String> options = new ArrayList<>(List.of("-Xms512m", "-Xmx512m"));
    if (!SIDE_OPTIONS.isEmpty()) {
      options.addAll(
          List.of(SIDE_OPTIONS.replace("{run}", "" + directory.getFileName()).split(" ")));
    }
    return Java.start(
        options,
        StreamsProcess.class,
        List.of(
            side.name(),
            Objects.toString(broker.client().get("bootstrap.servers")),
            bench.topics().prefix(),
            Bench.ROUTE,
            directory.resolve("state").toString(),
            Double.toString((double) side.passes() / EVENTS)),
        directory);
  }

  private Run run(Side side) throws Exception {
    bench.reset(Set.of(application(bench.topics(), "judge"), application(bench.topics(), "pass")));
    Path directory = Files.createTempDirectory(scratch, side.name());
    Process process = start(side, directory);
    try {
      String group = application(bench.topics(), side.name());
      long warm = awaitCommitted(process, group, EVENTS / 4);
      long begin = System.nanoTime();
      double cpu = Java.cpuSeconds(process.pid());
      double brokerCpu = Java.cpuSeconds(broker.pid());
      long end = awaitCommitted(process, group, EVENTS);
      double seconds = (System.nanoTime() - begin) / 1e9;
      double millions = (end - warm) / 1e6;
      Run run =
          new Run(
              millions * 1e6 / seconds,
              (Java.cpuSeconds(process.pid()) - cpu) / millions,
              (Java.cpuSeconds(broker.pid()) - brokerCpu) / millions);
      checkCopies(side);
      return run;
    } finally {
      stop(process);
    }
  }

  private void checkCopies(Side side) throws Exception {
    long copies = bench.copies();
    // A bare side that thins out passes a share of the offsets, not an exact number.
    long slack = side.passes() < EVENTS ? EVENTS / 500 : 0;
    if (Math.abs(copies - side.copies()) > slack) {
      throw new IllegalStateException(
          side.label() + " copied " + copies + " events, not " + side.copies());
    }
  }

  /** Asks until so many events are committed; how many were seen then. */
  private long awaitCommitted(Process process, String group, long count) throws Exception {
    long deadline = System.nanoTime() + SIDE_MAX.toNanos();
    while (true) {
      long committed = bench.committed(group);
      if (committed >= count) {
        return committed;
      }
      if (System.nanoTime() > deadline || !process.isAlive()) {
        throw new IllegalStateException(
            group
                + " committed "
                + committed
                + " of "
                + count
                + " events; alive: "
                + process.isAlive());
      }
      TimeUnit.MILLISECONDS.sleep(20); // not to load the broker with questions
    }
  }

  private static void stop(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  private Map<String, Object> latency(int rate) throws Exception {
    bench.reset(Set.of(application(bench.topics(), "judge"), application(bench.topics(), "pass")));
    Path directory = Files.createTempDirectory(scratch, "latency");
    Process process = start(new Side("judge", EVENTS, EVENTS), directory);
    try {
      awaitCommitted(process, application(bench.topics(), "judge"), bench.total());
      long[] sorted = Spread.sorted(new LatencyProbe(broker.client(), bench).measure(rate));
      double p50 = Spread.percentile(sorted, 0.5);
      double p99 = Spread.percentile(sorted, 0.99);
      System.out.printf(Locale.ROOT, "%,10d %10.0f %10.0f %,10d%n", rate, p50, p99, sorted.length);
      Map<String, Object> numbers = new LinkedHashMap<>();
      numbers.put("p50", p50);
      numbers.put("p99", p99);
      numbers.put("events", sorted.length);
      return numbers;
    } finally {
      stop(process);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PipelineBenchmark.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
