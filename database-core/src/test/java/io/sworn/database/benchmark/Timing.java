package io.sworn.database.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/**
 * What one phase took.
 *
 * @param perSecond operations in a second, all threads together
 * @param p50Millis half of the operations took no longer
 * @param p99Millis 99 of 100 operations took no longer
 * @param operations how many there were
 * @param cpuMicros CPU time of the server for one, if it was measured
 */
record Timing(
    double perSecond, double p50Millis, double p99Millis, long operations, double cpuMicros) {

  private static final int OPERATIONS_MAX = 1_000_000;

  static Timing of(int threads, Duration length, Work work)
      throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long start = System.nanoTime();
      List<Future<long[]>> parts = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        parts.add(pool.submit(() -> nanos(thread, start + length.toNanos(), work)));
      }
      List<long[]> done = new ArrayList<>();
      for (Future<long[]> part : parts) {
        done.add(part.get());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long[] all = done.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      return new Timing(all.length / seconds, at(all, 0.50), at(all, 0.99), all.length, 0);
    } finally {
      pool.shutdownNow();
    }
  }

  private static long[] nanos(int thread, long end, Work work) {
    long[] nanos = new long[1024];
    int n = 0;
    long before = System.nanoTime();
    while (before < end && n < OPERATIONS_MAX) {
      work.run(thread, n);
      long after = System.nanoTime();
      if (n == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * n);
      }
      nanos[n++] = after - before;
      before = after;
    }
    return Arrays.copyOf(nanos, n);
  }

  private static double at(long[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[(int) ((sorted.length - 1) * share)] / 1e6;
  }

  /** The same time for more operations. */
  Timing times(int factor) {
    return new Timing(perSecond * factor, p50Millis, p99Millis, operations * factor, cpuMicros);
  }

  Timing withCpu(double micros) {
    return new Timing(perSecond, p50Millis, p99Millis, operations, micros);
  }

  static double median(List<Timing> timings, ToDoubleFunction<Timing> value) {
    double[] sorted = timings.stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
