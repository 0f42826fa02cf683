package io.sworn.benchmark;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Collection;

/** Least, middle and greatest of several runs. */
public record Spread(
    @JsonProperty("min") double min,
    @JsonProperty("median") double median,
    @JsonProperty("max") double max,
    @JsonProperty("runs") int runs) {

  /** The spread of at least one value, rounded to four significant digits. */
  public static Spread of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(
        round(sorted[0]), round(median), round(sorted[sorted.length - 1]), sorted.length);
  }

  /** The value below which {@code share} (0 to 1) of the sorted values lie. */
  public static double percentile(long[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.min(sorted.length - 1, (int) Math.ceil(share * sorted.length) - 1)];
  }

  /** Sorts a copy. */
  public static long[] sorted(long[] values) {
    long[] copy = values.clone();
    Arrays.sort(copy);
    return copy;
  }

  /** Four significant digits. */
  public static double round(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value;
    }
    double scale = Math.pow(10, 3 - Math.floor(Math.log10(Math.abs(value))));
    return Math.round(value * scale) / scale;
  }
}
