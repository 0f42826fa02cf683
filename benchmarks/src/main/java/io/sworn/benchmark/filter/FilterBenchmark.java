package io.sworn.benchmark.filter;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.benchmark.EventMix;
import io.sworn.benchmark.Spread;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.SourcePosition;
import io.sworn.event.mongo.ExtendedJson;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.matcher.FilterMatcher;
import io.sworn.filter.matcher.Judging;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import software.amazon.event.ruler.Machine;

/**
 * From an event's bytes to the filters that keep it, on one thread, beside Event Ruler with the
 * same filters and the same events as compact JSON. Before anything is measured both must name the
 * same filters for every event. Both are warm and take turns.
 */
public final class FilterBenchmark {

  private static final int[] SIZES = {1, 100, 1_000, 10_000};
  private static final int EVENTS = 2_000;
  private static final int ROUNDS = Integer.getInteger("rounds", 5);
  private static final long WARM_NANOS = 2_000_000_000L;
  private static final long TURN_NANOS = Long.getLong("turn_ms", 1_000L) * 1_000_000L;

  /** What one side does with event {@code i}; returns how many filters keep it. */
  private interface Side {
    int judge(int i) throws Exception;
  }

  /** One number of filters: both sides, and what was measured of each. */
  private record Contest(
      int size,
      Judging judging,
      Side own,
      Side checked,
      Side ruler,
      List<Double> ownPerSecond,
      List<Double> checkedPerSecond,
      List<Double> rulerPerSecond) {}

  private final byte[][] frames = new byte[EVENTS][];
  private final String[] texts = new String[EVENTS];
  private long sink;

  private FilterBenchmark() throws Exception {
    EventMix mix = new EventMix(20_260_302);
    ObjectMapper json = new ObjectMapper();
    for (int i = 0; i < EVENTS; i++) {
      AuditEvent event = mix.next(SourcePosition.at("bench/0", i + 1));
      frames[i] = AuditEventCodec.encode(event);
      String message = ExtendedJson.write(MongoAuditMessage.toMessage(event));
      texts[i] = json.writeValueAsString(json.readTree(message));
    }
  }

  /** Prints a table and, as the last line, one JSON object. */
  public static void main(String[] args) throws Exception {
    Map<String, Object> result = new FilterBenchmark().measure();
    System.out.println(new ObjectMapper().writeValueAsString(result));
  }

  private static FilterMatcher compile(List<FilterMix.Pair> pairs) {
    return AuditFilter.matcher(
        pairs.stream().map(pair -> AuditFilter.compile(pair.mongo())).toList());
  }

  private Map<String, Object> measure() throws Exception {
    List<FilterMix.Pair> all = FilterMix.of(SIZES[SIZES.length - 1]);
    long begin = System.nanoTime();
    compile(all); // the first of this process, nothing is warm: as at a start
    double build = (System.nanoTime() - begin) / 1e9;
    List<Contest> contests = new ArrayList<>();
    for (int size : SIZES) {
      Contest contest = contest(size, all.subList(0, size));
      verify(contest);
      contests.add(contest);
    }
    for (int turn = 0; turn < 2; turn++) {
      for (Contest contest : contests) {
        perSecond(contest.own, WARM_NANOS);
        perSecond(contest.checked, WARM_NANOS / 2);
        perSecond(contest.ruler, WARM_NANOS);
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Contest contest : contests) {
        contest.ownPerSecond.add(perSecond(contest.own, TURN_NANOS));
        contest.rulerPerSecond.add(perSecond(contest.ruler, TURN_NANOS));
        contest.checkedPerSecond.add(perSecond(contest.checked, TURN_NANOS / 2));
      }
    }
    return report(contests, build, allocated(contests.get(contests.size() - 1)));
  }

  private Contest contest(int size, List<FilterMix.Pair> pairs) throws Exception {
    Judging judging = compile(pairs).judging();
    Machine machine = Machine.builder().build();
    for (int i = 0; i < size; i++) {
      machine.addRule(Integer.toString(i), pairs.get(i).ruler());
    }
    return new Contest(
        size,
        judging,
        i -> {
          judging.judge(frames[i]);
          return judging.kept();
        },
        i -> {
          judging.read(frames[i]);
          judging.judge();
          return judging.kept();
        },
        i -> machine.rulesForJSONEvent(texts[i]).size(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>());
  }

  /** Both sides must name the same filters for each event. */
  private void verify(Contest contest) throws Exception {
    Machine machine = Machine.builder().build();
    List<FilterMix.Pair> pairs = FilterMix.of(contest.size);
    for (int i = 0; i < contest.size; i++) {
      machine.addRule(Integer.toString(i), pairs.get(i).ruler());
    }
    int dropped = 0;
    long matches = 0;
    for (int i = 0; i < EVENTS; i++) {
      contest.judging.judge(frames[i]);
      TreeSet<String> own = new TreeSet<>();
      for (int k = 0; k < contest.judging.kept(); k++) {
        own.add(Integer.toString(contest.judging.kept(k)));
      }
      TreeSet<String> ruler = new TreeSet<>(machine.rulesForJSONEvent(texts[i]));
      if (!own.equals(ruler)) {
        throw new IllegalStateException(
            "verdicts differ: " + own + " and " + ruler + " for " + texts[i]);
      }
      dropped += own.isEmpty() ? 1 : 0;
      matches += own.size();
    }
    System.err.printf(
        Locale.ROOT,
        "%,d filters: same verdicts for %,d events, %,d dropped, %,d matches%n",
        contest.size,
        EVENTS,
        dropped,
        matches);
  }

  /** By the thread's own time: what else runs on the machine does not count, for neither side. */
  private double perSecond(Side side, long nanos) throws Exception {
    var threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    long judged = 0;
    long now = begin;
    while (now - begin < nanos) {
      for (int i = 0; i < EVENTS; i++) {
        sink += side.judge(i);
      }
      judged += EVENTS;
      now = threads.getCurrentThreadCpuTime();
    }
    return judged / ((now - begin) / 1e9);
  }

  /** Bytes that judging makes for each event that no filter keeps. */
  private double allocated(Contest contest) throws Exception {
    List<Integer> dropped = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      if (contest.own.judge(i) == 0) {
        dropped.add(i);
      }
    }
    int[] places = dropped.stream().mapToInt(i -> i).toArray();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int times = 500;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int n = 0; n < times; n++) {
      for (int place : places) {
        sink += contest.own.judge(place);
      }
    }
    long made = threads.getCurrentThreadAllocatedBytes() - before;
    long events = (long) times * places.length;
    // The two readings of the counter make some objects themselves: below a byte in a thousand.
    return made < events / 1_000 ? 0 : (double) made / events;
  }

  private Map<String, Object> report(List<Contest> contests, double build, double allocated) {
    double bytes = 0;
    double chars = 0;
    for (int i = 0; i < EVENTS; i++) {
      bytes += frames[i].length;
      chars += texts[i].length();
    }
    System.out.printf(
        Locale.ROOT,
        "%,d events of %.0f bytes (as JSON %.0f); one thread; %d rounds in turns%n%n",
        EVENTS,
        bytes / EVENTS,
        chars / EVENTS,
        ROUNDS);
    System.out.printf(
        Locale.ROOT,
        "%8s %14s %14s %14s %8s%n",
        "filters",
        "events/s",
        "with check",
        "Event Ruler",
        "ratio");
    Map<String, Object> ratios = new LinkedHashMap<>();
    Map<String, Object> speeds = new LinkedHashMap<>();
    for (Contest contest : contests) {
      Spread own = Spread.of(contest.ownPerSecond);
      Spread checked = Spread.of(contest.checkedPerSecond);
      Spread ruler = Spread.of(contest.rulerPerSecond);
      double ratio = own.median() / ruler.median();
      System.out.printf(
          Locale.ROOT,
          "%,8d %,14.0f %,14.0f %,14.0f %8.1f%n",
          contest.size,
          own.median(),
          checked.median(),
          ruler.median(),
          ratio);
      ratios.put(Integer.toString(contest.size), Spread.round(ratio));
      speeds.put(
          Integer.toString(contest.size),
          Map.of("sworn", own, "sworn_with_check", checked, "ruler", ruler));
    }
    double growth =
        Spread.of(contests.get(0).ownPerSecond).median()
            / Spread.of(contests.get(contests.size() - 1).ownPerSecond).median();
    System.out.printf(
        Locale.ROOT,
        "%n10,000 filters cost %.2f times one; built from text in %.2f s; %.3f bytes made for each"
            + " dropped event (%d)%n",
        growth,
        build,
        allocated,
        sink & 1);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", "filter");
    result.put("ruler_ratio", ratios);
    result.put("growth_10000", Spread.round(growth));
    result.put("build_10000_s", Spread.round(build));
    result.put("alloc_bytes_per_dropped_event", Spread.round(allocated));
    result.put("event_bytes", Spread.round(bytes / EVENTS));
    result.put("events_per_second", speeds);
    return result;
  }
}
