package io.sworn.export.connect;

import io.sworn.export.RoutedEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Records between Kafka and the destination, in the order of their arrival, and how far each
 * partition is settled. Connect's thread adds, closes partitions and asks; the delivery thread
 * takes and settles. All methods may be called from both.
 */
final class Backlog {

  /** A record on its way. */
  static final class Entry {
    final TopicPartition partition;
    final long offset;
    final byte[] key;
    final byte[] value;
    final @Nullable RoutedEvent event;
    final String unreadable;
    int attempts;
    private long epoch;

    /**
     * @param event null if the bytes could not be read; then {@code unreadable} says why
     */
    Entry(
        TopicPartition partition,
        long offset,
        byte[] key,
        byte[] value,
        @Nullable RoutedEvent event,
        String unreadable) {
      this.partition = partition;
      this.offset = offset;
      this.key = key;
      this.value = value;
      this.event = event;
      this.unreadable = unreadable;
    }

    int bytes() {
      return value.length + 200;
    }
  }

  private static final class Lane {
    final long epoch;
    long settled = -1;

    Lane(long epoch) {
      this.epoch = epoch;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private final Map<TopicPartition, Lane> lanes = new HashMap<>();
  private long bytes;
  private long epochs;

  /** Starts partitions; what was known of them before is forgotten. */
  void open(Collection<TopicPartition> partitions) {
    lock.lock();
    try {
      partitions.forEach(partition -> lanes.put(partition, new Lane(++epochs)));
    } finally {
      lock.unlock();
    }
  }

  /** Drops partitions and their waiting records, which somebody else will read again. */
  void close(Collection<TopicPartition> partitions) {
    lock.lock();
    try {
      partitions.forEach(lanes::remove);
      waiting.removeIf(
          entry -> {
            boolean gone = !lanes.containsKey(entry.partition);
            if (gone) {
              bytes -= entry.bytes();
            }
            return gone;
          });
    } finally {
      lock.unlock();
    }
  }

  void add(List<Entry> entries) {
    lock.lock();
    try {
      for (Entry entry : entries) {
        Lane lane = lanes.get(entry.partition);
        if (lane != null) {
          entry.epoch = lane.epoch;
          waiting.add(entry);
          bytes += entry.bytes();
        }
      }
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The next batch, waiting at most {@code millis} for its first record; maybe empty. */
  List<Entry> take(int eventsMax, int bytesMax, long millis) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
      while (waiting.isEmpty()) {
        if (nanos <= 0) {
          return List.of();
        }
        nanos = arrived.awaitNanos(nanos);
      }
      List<Entry> batch = new ArrayList<>();
      int size = 0;
      while (!waiting.isEmpty() && batch.size() < eventsMax) {
        Entry next = waiting.peek();
        if (!batch.isEmpty() && size + next.bytes() > bytesMax) {
          break;
        }
        size += next.bytes();
        batch.add(waiting.remove());
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the record's partition has been ours without a break since the record came. */
  boolean holds(Entry entry) {
    lock.lock();
    try {
      Lane lane = lanes.get(entry.partition);
      return lane != null && lane.epoch == entry.epoch;
    } finally {
      lock.unlock();
    }
  }

  /** Takes note that a taken record and all before it in its partition are settled. */
  void settle(Entry entry) {
    lock.lock();
    try {
      bytes -= entry.bytes();
      Lane lane = lanes.get(entry.partition);
      if (lane != null && lane.epoch == entry.epoch) {
        lane.settled = Math.max(lane.settled, entry.offset);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The last settled offset of each partition that has one. */
  Map<TopicPartition, Long> settled() {
    lock.lock();
    try {
      Map<TopicPartition, Long> all = new HashMap<>();
      lanes.forEach(
          (partition, lane) -> {
            if (lane.settled >= 0) {
              all.put(partition, lane.settled);
            }
          });
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of records that are not settled. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }
}
