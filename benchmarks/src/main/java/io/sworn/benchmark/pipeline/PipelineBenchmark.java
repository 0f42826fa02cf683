package io.sworn.benchmark.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.benchmark.Spread;
import io.sworn.event.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How much slower than bare Kafka Streams the judging is. Both sides read the same topic with one
 * thread and exactly_once_v2, in turns, each in a new process; the clock starts when a fifth is
 * committed (warm) and ends when everything is.
 */
public final class PipelineBenchmark {

  private static final int EVENTS = Integer.getInteger("events", 1_000_000);
  private static final int ROUNDS = Integer.getInteger("rounds", 3);
  private static final Duration SIDE_MAX = Duration.ofMinutes(5);

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
    double bytes = bench.fill(EVENTS);
    System.out.printf(
        Locale.ROOT,
        "%,d events of %.0f bytes; measured after the first fifth; %d rounds in turns%n%n",
        EVENTS,
        bytes,
        ROUNDS);
    System.out.printf(
        Locale.ROOT,
        "%-14s %-6s %12s %14s %16s%n",
        "filter",
        "side",
        "events/s",
        "CPU s/million",
        "broker CPU s/M");
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", "pipeline");
    result.put("events", EVENTS);
    result.put("event_bytes", Spread.round(bytes));
    double fastest = compare("acceptance", resource("/acceptance-filter.json"), result, "");
    compare("keep-all", "{}", result, "keep_all_");
    bench.onlyFilter("keep-all", "{}");
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

  private double compare(String name, String filter, Map<String, Object> result, String prefix)
      throws Exception {
    bench.onlyFilter(name, filter);
    List<Run> judged = new ArrayList<>();
    List<Run> passed = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      // The order changes, so that neither side always finds the warmer machine.
      for (boolean judge :
          round % 2 == 0 ? new boolean[] {true, false} : new boolean[] {false, true}) {
        Run run = run(judge ? "judge" : "pass");
        (judge ? judged : passed).add(run);
        System.out.printf(
            Locale.ROOT,
            "%-14s %-6s %,12.0f %14.2f %16.2f%n",
            name,
            judge ? "sworn" : "bare",
            run.perSecond(),
            run.cpuPerMillion(),
            run.brokerCpuPerMillion());
      }
    }
    List<Double> throughput = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
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
        prefix + "pass_through_events_per_second",
        Spread.of(passed.stream().map(Run::perSecond).toList()));
    return rate.median();
  }

  private static String application(Topics topics, String side) {
    return topics.prefix()
        + (side.equals("judge") ? "filter-engine" : StreamsProcess.PASS_APPLICATION);
  }

  private Process start(String side, Path directory) throws IOException {
    return Java.start(
        List.of("-Xms512m", "-Xmx512m"),
        StreamsProcess.class,
        List.of(
            side,
            Objects.toString(broker.client().get("bootstrap.servers")),
            bench.topics().prefix(),
            Bench.ROUTE,
            directory.resolve("state").toString()),
        directory);
  }

  private Run run(String side) throws Exception {
    bench.reset(Set.of(application(bench.topics(), "judge"), application(bench.topics(), "pass")));
    Path directory = Files.createTempDirectory(scratch, side);
    Process process = start(side, directory);
    try {
      String group = application(bench.topics(), side);
      long warm = awaitCommitted(process, group, EVENTS / 5);
      long begin = System.nanoTime();
      double cpu = Java.cpuSeconds(process.pid());
      double brokerCpu = Java.cpuSeconds(broker.pid());
      long end = awaitCommitted(process, group, EVENTS);
      double seconds = (System.nanoTime() - begin) / 1e9;
      double millions = (end - warm) / 1e6;
      return new Run(
          millions * 1e6 / seconds,
          (Java.cpuSeconds(process.pid()) - cpu) / millions,
          (Java.cpuSeconds(broker.pid()) - brokerCpu) / millions);
    } finally {
      stop(process);
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
    Process process = start("judge", directory);
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
