package io.sworn.export.connect;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.ClientHeader;
import io.sworn.event.RouteHeaders;
import io.sworn.event.SwornJson;
import io.sworn.event.UnreadableEventException;
import io.sworn.export.Exporter;
import io.sworn.export.ExporterFactory;
import io.sworn.export.RoutedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.jspecify.annotations.Nullable;

/**
 * Hosts one {@link Exporter}. Connect's thread only hands records over, pauses partitions while too
 * many bytes wait, and commits the settled prefix; a thread of its own delivers, so that a slow or
 * silent destination never costs us our place in the consumer group.
 */
public abstract class ExporterSinkTask extends SinkTask {

  private static final long ASK_AGAIN_MILLIS = 100;
  private static final long COMMIT_EVERY_NANOS = 500_000_000L;
  private static final long STOP_MILLIS_MAX = 10_000;

  /** The tasks that run in this process: Connect creates them and gives no way to them. */
  private static final Set<ExporterSinkTask> RUNNING = ConcurrentHashMap.newKeySet();

  private final ExporterFactory factory;
  private final Backlog backlog = new Backlog();
  private volatile @Nullable HostSettings settings;
  private final List<Exporter> exporters = new ArrayList<>();
  private @Nullable ReceiptBook book;
  private volatile @Nullable DeliveryLoop loop;
  private final List<Thread> threads = new ArrayList<>();
  private boolean paused;
  private boolean reassigned;
  private Map<TopicPartition, Long> committed = Map.of();
  private long committedAt;

  /** A task for the exporters of {@code factory}. */
  protected ExporterSinkTask(ExporterFactory factory) {
    this.factory = factory;
  }

  @Override
  public final void start(Map<String, String> given) {
    String problems = HostSettings.report(factory, given);
    if (!problems.isEmpty()) {
      throw new ConfigException("these settings cannot be used:\n" + problems);
    }
    HostSettings host = HostSettings.from(given);
    settings = host;
    int carriers = factory.batchesInFlight(given);
    for (int i = 0; i < carriers; i++) {
      exporters.add(factory.create(given));
    }
    book = new ReceiptBook(host);
    DeliveryLoop started = new DeliveryLoop(host, book, backlog, carriers);
    loop = started;
    for (Exporter exporter : exporters) {
      Thread thread =
          new Thread(
              started.carrier(exporter), "deliver-" + host.destination() + "-" + threads.size());
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
    RUNNING.add(this);
  }

  /**
   * Lets the tasks of a worker in this process begin no further batch, and waits until what they
   * have in hand is settled. Connect commits before it stops a task: without this, events that a
   * destination has confirmed, but whose receipts were not yet written, would be in flight until
   * the next start and be delivered twice. A worker that is stopped calls this first; on a Connect
   * cluster, where nobody does, a stop is like a crash: nothing is lost, some events come again.
   *
   * @param worker the value of {@link HostSettings#WORKER} of the tasks
   * @param atMost how long to wait for all of them together
   * @return whether all had finished
   * @throws InterruptedException if interrupted while waiting
   */
  public static boolean finish(String worker, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    List<DeliveryLoop> loops = new ArrayList<>();
    for (ExporterSinkTask task : RUNNING) {
      DeliveryLoop loop = task.loop;
      HostSettings host = task.settings;
      if (loop != null && host != null && host.worker().equals(worker)) {
        loop.finish();
        loops.add(loop);
      }
    }
    boolean all = true;
    for (DeliveryLoop loop : loops) {
      all &= loop.awaitFinished(Math.max(0, deadline - System.nanoTime()));
    }
    return all;
  }

  /**
   * Which destinations of a worker in this process have taken nothing for some time although events
   * wait, and why: they are away, or refuse us. Tries go on.
   *
   * @param worker the value of {@link HostSettings#WORKER} of the tasks
   * @param atLeast for how long
   * @return destination to reason
   */
  public static Map<String, String> waiting(String worker, Duration atLeast) {
    Map<String, String> waiting = new HashMap<>();
    for (ExporterSinkTask task : RUNNING) {
      DeliveryLoop loop = task.loop;
      HostSettings host = task.settings;
      if (loop != null && host != null && host.worker().equals(worker)) {
        loop.trouble(atLeast).ifPresent(reason -> waiting.put(host.destination(), reason));
      }
    }
    return waiting;
  }

  @Override
  public final void open(Collection<TopicPartition> partitions) {
    backlog.open(partitions);
    reassigned = true;
  }

  @Override
  public final void close(Collection<TopicPartition> partitions) {
    backlog.close(partitions);
  }

  @Override
  public final void put(Collection<SinkRecord> records) {
    rethrowFailure();
    List<Backlog.Entry> entries = new ArrayList<>(records.size());
    for (SinkRecord record : records) {
      entries.add(entry(record));
    }
    backlog.add(entries);
    pauseOrResume();
    Map<TopicPartition, Long> settled = backlog.settled();
    long now = System.nanoTime();
    if (!settled.equals(committed) && now - committedAt > COMMIT_EVERY_NANOS) {
      committedAt = now;
      context.requestCommit();
    }
    if (backlog.bytes() > 0 || !settled.equals(committed)) {
      context.timeout(ASK_AGAIN_MILLIS);
    }
  }

  @Override
  public final Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> current) {
    rethrowFailure();
    Map<TopicPartition, Long> settled = backlog.settled();
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    settled.forEach(
        (partition, offset) -> {
          if (current.containsKey(partition)) {
            offsets.put(partition, new OffsetAndMetadata(offset + 1));
          }
        });
    committed = settled;
    return offsets;
  }

  @Override
  public final void stop() {
    RUNNING.remove(this);
    DeliveryLoop running = loop;
    if (running != null) {
      running.stop();
      threads.forEach(Thread::interrupt);
      awaitCarriers();
    }
    exporters.forEach(Exporter::close);
    if (book != null) {
      book.close();
    }
  }

  private void awaitCarriers() {
    long deadline = System.nanoTime() + STOP_MILLIS_MAX * 1_000_000;
    try {
      for (Thread thread : threads) {
        thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public final String version() {
    String version = ExporterSinkTask.class.getPackage().getImplementationVersion();
    return version == null ? "unreleased" : version;
  }

  private void rethrowFailure() {
    DeliveryLoop running = loop;
    Throwable failure = running == null ? null : running.failure();
    if (failure != null) {
      throw new ConnectException("delivery stopped; every event is kept in Kafka", failure);
    }
  }

  private void pauseOrResume() {
    HostSettings host = settings;
    long limit = host == null ? 0 : host.bufferBytes();
    boolean full = backlog.bytes() > (paused ? limit / 2 : limit);
    if (full != paused || reassigned) {
      TopicPartition[] all = context.assignment().toArray(TopicPartition[]::new);
      if (full) {
        context.pause(all);
      } else {
        context.resume(all);
      }
      paused = full;
      reassigned = false;
    }
  }

  private static Backlog.Entry entry(SinkRecord record) {
    Object value = record.value();
    if (value != null && !(value instanceof byte[])) {
      throw new ConnectException(
          "record values must be bytes, got "
              + value.getClass().getName()
              + ": set value.converter to ByteArrayConverter");
    }
    TopicPartition partition =
        new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
    byte[] bytes = value == null ? new byte[0] : (byte[]) value;
    byte[] key = record.key() instanceof byte[] given ? given : new byte[0];
    RoutedEvent event = null;
    String unreadable = "";
    try {
      AuditEvent decoded = withClient(AuditEventCodec.decode(bytes), record);
      event =
          new RoutedEvent(
              decoded, list(record, RouteHeaders.FILTERS), list(record, RouteHeaders.REDACTED));
    } catch (UnreadableEventException e) {
      unreadable = "unreadable record: " + e.getMessage();
    }
    return new Backlog.Entry(
        partition, record.originalKafkaOffset(), key, bytes, event, unreadable);
  }

  /** Joins what the filter engine knew of the connection, unless the event says it itself. */
  static AuditEvent withClient(AuditEvent event, SinkRecord record) {
    Header header = record.headers().lastWithName(RouteHeaders.CLIENT);
    Object value = header == null ? null : header.value();
    if (event.client() != null || value == null) {
      return event;
    }
    byte[] json =
        value instanceof byte[] bytes
            ? bytes
            : SwornJson.write(value); // Connect's own converter makes a map of JSON
    return ClientHeader.read(json).map(event::withClient).orElse(event);
  }

  private static List<String> list(SinkRecord record, String name) {
    Header header = record.headers().lastWithName(name);
    Object value = header == null ? null : header.value();
    if (value == null) {
      return List.of();
    }
    String text =
        value instanceof byte[] bytes
            ? new String(bytes, StandardCharsets.UTF_8)
            : value.toString();
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }
}
