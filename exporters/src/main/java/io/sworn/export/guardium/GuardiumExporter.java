package io.sworn.export.guardium;

import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.format.GuardiumLine;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events as syslog lines.
 *
 * <p>Delivered means: handed to the network, and the connection was still open a moment later.
 * Nobody can know more over syslog: what the receiver's machine took and then lost in a crash is
 * not noticed. Therefore the newest events are sent again when a connection was lost; they may
 * arrive twice.
 */
final class GuardiumExporter implements Exporter {

  private static final Logger LOG = LoggerFactory.getLogger(GuardiumExporter.class);
  private static final long TELL_EVERY_NANOS = 60_000_000_000L;

  private final GuardiumSettings settings;
  private final GuardiumLine format;
  private final Deque<byte[]> recent = new ArrayDeque<>();
  private @Nullable SyslogConnection connection;
  private long cut;
  private long told;
  private long toldAt;

  GuardiumExporter(GuardiumSettings settings) {
    this.settings = settings;
    this.format =
        new GuardiumLine(
            settings.priority(),
            settings.hostname(),
            settings.zone(),
            settings.showSkipped(),
            settings.messageBytes());
  }

  @Override
  public DeliveryReport deliver(List<RoutedEvent> batch) throws InterruptedException {
    long start = System.nanoTime();
    List<byte[]> lines = new ArrayList<>(batch.size());
    Map<Integer, EventOutcome> rejected = new HashMap<>();
    AtomicInteger tooLong = new AtomicInteger();
    for (RoutedEvent routed : batch) {
      try {
        lines.add(format.write(routed, tooLong::incrementAndGet));
      } catch (GuardiumLine.TooLongException e) {
        int place = lines.size() + rejected.size();
        rejected.put(
            place,
            EventOutcome.rejected(
                e.getMessage() + ": set " + GuardiumSettings.MESSAGE_BYTES + " higher", ""));
      }
    }
    EventOutcome outcome = EventOutcome.DELIVERED;
    if (!lines.isEmpty()) {
      outcome = send(lines);
      if (outcome == EventOutcome.DELIVERED) {
        remember(lines);
        tellOfCuts(tooLong.get());
        pace(start, lines.size());
      }
    }
    List<EventOutcome> outcomes = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      outcomes.add(rejected.getOrDefault(i, outcome));
    }
    return new DeliveryReport(outcomes);
  }

  /** Hands lines to the network, all or none. */
  private EventOutcome send(List<byte[]> lines) throws InterruptedException {
    try {
      SyslogConnection open = connected();
      open.write(lines);
      return open.endsWithin(settings.confirm())
          ? lost("the receiver hung up: " + open.end())
          : EventOutcome.DELIVERED;
    } catch (SSLException e) {
      return lost("TLS with the receiver failed: " + e.getMessage());
    } catch (IOException e) {
      return lost("the receiver cannot be reached: " + LocalFiles.reason(e));
    } catch (SwornException e) {
      // Each connection reads the certificates anew, and they may be in the midst of a renewal.
      return lost(String.valueOf(e.getMessage()));
    }
  }

  /** Every cut event carries its mark; the log has their number, at most once a minute. */
  private void tellOfCuts(int more) {
    cut += more;
    if (more > 0 && (told == 0 || System.nanoTime() - toldAt > TELL_EVERY_NANOS)) {
      toldAt = System.nanoTime();
      LOG.warn(
          "{}:{}: {} events since the last such line, {} since the start, were longer than {}"
              + " bytes; their longest values were cut, each is marked swornCut. If the receiver"
              + " takes longer lines, set {} higher",
          settings.host(),
          settings.port(),
          cut - told,
          cut,
          settings.messageBytes(),
          GuardiumSettings.MESSAGE_BYTES);
      told = cut;
    }
  }

  /** The open connection, or a new one on which the newest events were sent again. */
  private SyslogConnection connected() throws IOException, InterruptedException {
    SyslogConnection open = connection;
    if (open != null && open.end().isEmpty()) {
      return open;
    }
    disconnect();
    SyslogConnection fresh = SyslogConnection.open(settings);
    connection = fresh;
    if (!recent.isEmpty()) {
      fresh.write(List.copyOf(recent));
    }
    return fresh;
  }

  private EventOutcome lost(String reason) {
    disconnect();
    return EventOutcome.deferred(reason);
  }

  /** Never less than the last batch: all of it may still stand in the buffers of the network. */
  private void remember(List<byte[]> lines) {
    if (settings.resendEvents() == 0) {
      return;
    }
    recent.addAll(lines);
    while (recent.size() > Math.max(settings.resendEvents(), lines.size())) {
      recent.remove();
    }
  }

  /** Keeps the rate that the collector is planned for. */
  private void pace(long start, int events) throws InterruptedException {
    long due = 1_000_000_000L * events / settings.eventsPerSecond();
    long left = (due - (System.nanoTime() - start)) / 1_000_000;
    if (left > 0) {
      Thread.sleep(left);
    }
  }

  private void disconnect() {
    SyslogConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    disconnect();
  }
}
