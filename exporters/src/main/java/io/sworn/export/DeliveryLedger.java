package io.sworn.export;

import io.sworn.event.DeliveryReceipt;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adds receipts up, each offset once, however often and in whatever overlap they arrive.
 *
 * <p>After a crash, records that were settled but not committed are delivered again, and their
 * receipts come again, cut differently. Exact counts are possible because a receipt speaks of
 * consecutive offsets with one common outcome: {@code to - from + 1} is {@code delivered} or is
 * {@code rejected}, and the other is zero. Where transaction markers or removed records leave holes
 * between offsets, one receipt ends and the next begins. An offset that was once rejected and once
 * delivered counts as delivered: the destination has it.
 *
 * <p>Memory is bounded: of each partition the newest {@value #RUNS_MAX} runs are kept, older ones
 * only as numbers. A receipt is written before its offsets are committed, so what comes for a
 * partition below its kept runs is a repetition and changes nothing.
 *
 * <p>Not thread-safe.
 */
public final class DeliveryLedger {

  /** Runs of equal outcome that are kept per destination and partition. */
  static final int RUNS_MAX = 10_000;

  /** Partition of a route topic as one destination sees it. */
  private record Lane(String destination, String topic, int partition) {}

  /**
   * What became of the records of one destination.
   *
   * @param delivered records that the destination confirmed, each once
   * @param rejected records in the dead letters, each once
   */
  public record Totals(long delivered, long rejected) {

    /** Delivered or rejected. */
    public long settled() {
      return delivered + rejected;
    }
  }

  private final Map<Lane, Runs> lanes = new HashMap<>();

  /**
   * Takes one receipt.
   *
   * @throws IllegalArgumentException if it does not speak of consecutive offsets with one outcome
   */
  public void add(DeliveryReceipt receipt) {
    long length = receipt.to() - receipt.from() + 1;
    boolean delivered = receipt.delivered() == length && receipt.rejected() == 0;
    boolean rejected = receipt.rejected() == length && receipt.delivered() == 0;
    if (receipt.from() < 0 || length < 1 || !(delivered || rejected)) {
      throw new IllegalArgumentException(
          "a receipt covers consecutive offsets with one outcome, got " + receipt);
    }
    lanes
        .computeIfAbsent(
            new Lane(receipt.destination(), receipt.topic(), receipt.partition()),
            lane -> new Runs())
        .add(receipt.from(), receipt.to(), delivered);
  }

  /**
   * Says that a partition begins at {@code offset}: what receipts tell of earlier records, which
   * retention has removed, is not counted. To be called before receipts of the partition are added.
   */
  public void begin(String destination, String topic, int partition, long offset) {
    Runs runs = lanes.computeIfAbsent(new Lane(destination, topic, partition), lane -> new Runs());
    runs.floor = Math.max(runs.floor, offset);
  }

  /** Totals of one destination over all its partitions. */
  public Totals totals(String destination) {
    long delivered = 0;
    long rejected = 0;
    for (Map.Entry<Lane, Runs> lane : lanes.entrySet()) {
      if (lane.getKey().destination().equals(destination)) {
        delivered += lane.getValue().delivered;
        rejected += lane.getValue().rejected;
      }
    }
    return new Totals(delivered, rejected);
  }

  /** Totals of every destination, by name. */
  public SortedMap<String, Totals> totals() {
    SortedMap<String, Totals> all = new TreeMap<>();
    lanes.keySet().forEach(lane -> all.computeIfAbsent(lane.destination(), this::totals));
    return all;
  }

  /** The offset behind the last settled one of a partition; 0 if nothing is settled. */
  public long settledOffset(String destination, String topic, int partition) {
    Runs runs = lanes.get(new Lane(destination, topic, partition));
    return runs == null ? 0 : runs.next;
  }

  /** Disjoint runs of offsets; delivered wins over rejected. */
  private static final class Runs {
    private record Run(long to, boolean delivered) {}

    /** First offset of a run to the run. */
    private final TreeMap<Long, Run> runs = new TreeMap<>();

    private long floor;
    private long next;
    private long delivered;
    private long rejected;

    void add(long from, long to, boolean isDelivered) {
      next = Math.max(next, to + 1);
      long position = Math.max(from, floor);
      ArrayDeque<long[]> fresh = new ArrayDeque<>();
      ArrayDeque<long[]> upgraded = new ArrayDeque<>();
      Map.Entry<Long, Run> run = runs.floorEntry(position);
      if (run == null || run.getValue().to() < position) {
        run = runs.higherEntry(position);
      }
      while (position <= to) {
        if (run == null || run.getKey() > to) {
          fresh.add(new long[] {position, to});
          break;
        }
        if (run.getKey() > position) {
          fresh.add(new long[] {position, run.getKey() - 1});
          position = run.getKey();
        }
        long end = Math.min(to, run.getValue().to());
        if (isDelivered && !run.getValue().delivered()) {
          upgraded.add(new long[] {position, end});
        }
        position = end + 1;
        run = runs.higherEntry(run.getKey());
      }
      upgraded.forEach(span -> upgrade(span[0], span[1]));
      fresh.forEach(span -> insert(span[0], span[1], isDelivered));
      fold();
    }

    private void upgrade(long from, long to) {
      Map.Entry<Long, Run> run = runs.floorEntry(from);
      if (run == null) {
        throw new IllegalStateException("no run at " + from);
      }
      long start = run.getKey();
      long end = run.getValue().to();
      runs.remove(start);
      rejected -= end - start + 1;
      if (start < from) {
        insert(start, from - 1, false);
      }
      if (end > to) {
        insert(to + 1, end, false);
      }
      insert(from, to, true);
    }

    private void insert(long from, long to, boolean isDelivered) {
      if (isDelivered) {
        delivered += to - from + 1;
      } else {
        rejected += to - from + 1;
      }
      long start = from;
      long end = to;
      Map.Entry<Long, Run> before = runs.lowerEntry(from);
      if (before != null
          && before.getValue().to() == from - 1
          && before.getValue().delivered() == isDelivered) {
        start = before.getKey();
        runs.remove(start);
      }
      Run behind = runs.get(to + 1);
      if (behind != null && behind.delivered() == isDelivered) {
        end = behind.to();
        runs.remove(to + 1);
      }
      runs.put(start, new Run(end, isDelivered));
    }

    private void fold() {
      Iterator<Map.Entry<Long, Run>> oldest = runs.entrySet().iterator();
      for (int surplus = runs.size() - RUNS_MAX; surplus > 0; surplus--) {
        floor = oldest.next().getValue().to() + 1;
        oldest.remove();
      }
    }
  }
}
