package io.sworn.export.splunk;

import io.sworn.event.LocalFiles;
import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.format.HecEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events to the HTTP Event Collector.
 *
 * <p>Delivered means: with acknowledgement, the indexer has said so; without, the collector
 * answered 200. Of a request that is refused for one event, the events before it are indexed
 * already and are not sent again; they count as delivered, although no acknowledgement exists for
 * them.
 */
final class SplunkExporter implements Exporter {

  private static final Logger LOG = LoggerFactory.getLogger(SplunkExporter.class);

  /** Someone must change something first; ask seldom. */
  private static final Duration OPERATOR_NEEDED = Duration.ofSeconds(10);

  private final SplunkSettings settings;
  private final HecEvent format;
  private final HecConnection connection;
  private boolean acknowledgementIsOn;
  private boolean probeFirst;
  private boolean nearlyFull;

  SplunkExporter(SplunkSettings settings) {
    this.settings = settings;
    this.format = new HecEvent(settings.index(), settings.source(), settings.sourcetype());
    this.connection = new HecConnection(settings);
  }

  @Override
  public DeliveryReport deliver(List<RoutedEvent> batch) throws InterruptedException {
    Delivery delivery = new Delivery(batch);
    EventOutcome.Deferred down = probe();
    if (down == null) {
      down = askForAcknowledgement();
    }
    if (down == null) {
      down = delivery.send();
      if (settings.acknowledgement()) {
        delivery.awaitAcknowledgements();
      }
    }
    probeFirst = delivery.finish(down);
    return new DeliveryReport(delivery.outcomes);
  }

  /** After trouble, asks for the collector's health before it sends bodies again. */
  private EventOutcome.@Nullable Deferred probe() throws InterruptedException {
    if (!probeFirst) {
      return null;
    }
    try {
      return connection.unhealthy() ? EventOutcome.deferred("Splunk says it is unhealthy") : null;
    } catch (IOException e) {
      return unreachable(e);
    }
  }

  /**
   * Asks once whether the token acknowledges, before anything is sent: a collector that does not
   * still takes events, and they would arrive again with every try.
   */
  private EventOutcome.@Nullable Deferred askForAcknowledgement() throws InterruptedException {
    if (acknowledgementIsOn || !settings.acknowledgement()) {
      return null;
    }
    try {
      connection.acknowledged(connection.channel(), List.of(0L));
      acknowledgementIsOn = true;
      return null;
    } catch (HecConnection.RefusedException e) {
      if (e.answer().kind() == HecAnswer.Kind.BUSY) {
        return new EventOutcome.Deferred(
            e.answer().retryAfter(), "Splunk is busy: " + e.answer().describe());
      }
      return configuration(e.answer());
    } catch (IOException e) {
      return unreachable(e);
    }
  }

  private static EventOutcome.Deferred configuration(HecAnswer answer) {
    String remedy =
        answer.code() == 14
            ? "enable indexer acknowledgement at the token, or set "
                + SplunkSettings.ACK
                + " to false"
            : "check token, index and address";
    return new EventOutcome.Deferred(
        OPERATOR_NEEDED, "Splunk refuses us, " + remedy + ": " + answer.describe());
  }

  private static EventOutcome.Deferred unreachable(IOException e) {
    return EventOutcome.deferred("Splunk cannot be reached: " + LocalFiles.reason(e));
  }

  private void warnWhenNearlyFull(boolean now, HecAnswer answer) {
    if (now && !nearlyFull) {
      LOG.warn("{} accepts, but is nearly full: {}", settings.url(), answer.describe());
    }
    nearlyFull = now;
  }

  /** One batch on its way. */
  private final class Delivery {
    final List<EventOutcome> outcomes = new ArrayList<>();
    private final List<byte[]> envelopes = new ArrayList<>();
    private final Deque<Span> open = new ArrayDeque<>();
    private final PendingAcks pending = new PendingAcks(settings.acknowledgementTimeout());
    private final boolean[] known;

    Delivery(List<RoutedEvent> batch) {
      known = new boolean[batch.size()];
      for (RoutedEvent routed : batch) {
        envelopes.add(format.write(routed));
        outcomes.add(EventOutcome.DELIVERED);
      }
      int from = 0;
      while (from < batch.size()) {
        int to = from + 1;
        long bytes = envelopes.get(from).length;
        while (to < batch.size() && bytes + envelopes.get(to).length <= settings.requestBytes()) {
          bytes += envelopes.get(to).length;
          to++;
        }
        open.add(new Span(from, to));
        from = to;
      }
    }

    /** Posts what is open; the trouble that stopped it, or null. */
    EventOutcome.@Nullable Deferred send() throws InterruptedException {
      int channels = 0;
      while (!open.isEmpty()) {
        Span span = open.remove();
        String channel = connection.channel();
        HecAnswer answer;
        try {
          answer = connection.post(body(span));
        } catch (IOException e) {
          open.addFirst(span);
          return unreachable(e);
        }
        if (connection.moved()) {
          pending.doubt(); // a node that we cannot ask any more may have taken earlier posts
        }
        HecAnswer.Kind kind = answer.kind();
        if (kind == HecAnswer.Kind.CHANNEL && ++channels <= 3) {
          connection.renewChannel();
          open.addFirst(span);
          continue;
        }
        PendingAcks.Receipt receipt = new PendingAcks.Receipt(channel, answer.ackId());
        EventOutcome.Deferred trouble = take(span, kind, answer, receipt);
        if (trouble != null) {
          return trouble;
        }
      }
      return null;
    }

    private EventOutcome.@Nullable Deferred take(
        Span span, HecAnswer.Kind kind, HecAnswer answer, PendingAcks.Receipt receipt) {
      switch (kind) {
        case OK, OK_NEARLY_FULL -> {
          warnWhenNearlyFull(kind == HecAnswer.Kind.OK_NEARLY_FULL, answer);
          accepted(span, receipt);
          return null;
        }
        case DATA -> {
          refused(span, answer);
          return null;
        }
        case TOO_LARGE -> {
          halve(span, answer);
          return null;
        }
        case NO_COMPRESSION -> {
          open.addFirst(span);
          if (!connection.compressing()) {
            return configuration(answer);
          }
          connection.stopCompressing();
          return null;
        }
        case CHANNEL, CONFIGURATION -> {
          keepUntaken(span, answer);
          return configuration(answer);
        }
        case BUSY -> {
          // A busy collector may name how far it came.
          keepUntaken(span, answer);
          return new EventOutcome.Deferred(
              answer.retryAfter(), "Splunk is busy: " + answer.describe());
        }
      }
      throw new AssertionError(kind);
    }

    private void accepted(Span span, PendingAcks.Receipt receipt) {
      if (!settings.acknowledgement()) {
        settle(span, EventOutcome.DELIVERED);
      } else if (receipt.ackId() >= 0) {
        pending.add(receipt, span);
      } else {
        acknowledgementIsOn = false; // ask before the next try
        settle(
            span,
            new EventOutcome.Deferred(
                OPERATOR_NEEDED,
                "Splunk gave no ackId: enable indexer acknowledgement at the token, or set "
                    + SplunkSettings.ACK
                    + " to false"));
      }
    }

    /** One event is at fault: it goes, what stands before it is in, what follows is sent again. */
    private void refused(Span span, HecAnswer answer) {
      boolean oversized =
          answer.code() == 6 && answer.invalidEvent() == 0 && bytes(span) > 5_242_880;
      if (oversized || answer.invalidEvent() < 0 || answer.invalidEvent() >= span.size()) {
        halve(span, answer);
        return;
      }
      int bad = span.from() + answer.invalidEvent();
      settle(new Span(span.from(), bad), EventOutcome.DELIVERED);
      settle(
          new Span(bad, bad + 1),
          EventOutcome.rejected("Splunk refused the event: " + answer.text(), answer.describe()));
      if (bad + 1 < span.to()) {
        open.addFirst(new Span(bad + 1, span.to()));
      }
    }

    private void halve(Span span, HecAnswer answer) {
      if (span.size() == 1) {
        settle(
            span,
            EventOutcome.rejected("Splunk refused the event: " + answer.text(), answer.describe()));
        return;
      }
      int middle = (span.from() + span.to()) >>> 1;
      open.addFirst(new Span(middle, span.to()));
      open.addFirst(new Span(span.from(), middle));
    }

    private void keepUntaken(Span span, HecAnswer answer) {
      int taken = Math.min(answer.taken(), span.size());
      settle(new Span(span.from(), span.from() + taken), EventOutcome.DELIVERED);
      open.addFirst(new Span(span.from() + taken, span.to()));
    }

    void awaitAcknowledgements() throws InterruptedException {
      String answer = "no answer yet";
      while (!pending.isEmpty()) {
        try {
          pending.ask(connection, span -> settle(span, EventOutcome.DELIVERED));
          if (connection.moved()) {
            pending.doubt();
          }
        } catch (HecConnection.RefusedException e) {
          answer = e.answer().describe();
          HecAnswer.Kind kind = e.answer().kind();
          if (kind == HecAnswer.Kind.CONFIGURATION || kind == HecAnswer.Kind.CHANNEL) {
            EventOutcome.Deferred refused = configuration(e.answer());
            pending.removeAll().forEach(span -> settle(span, refused));
          }
        } catch (IOException e) {
          answer = LocalFiles.reason(e);
        }
        giveUpLate(answer);
        if (!pending.isEmpty()) {
          Thread.sleep(settings.acknowledgementPoll().toMillis());
        }
      }
    }

    private void giveUpLate(String answer) {
      List<Span> late = pending.removeLate();
      if (!late.isEmpty()) {
        EventOutcome.Deferred again =
            EventOutcome.deferred(
                "Splunk did not acknowledge within "
                    + settings.acknowledgementTimeout()
                    + ", or a load balancer moved us: sending again ("
                    + answer
                    + ")");
        late.forEach(span -> settle(span, again));
        connection.renewChannel();
      }
    }

    /** Whether anything was deferred; what was never sent is deferred for {@code trouble}. */
    boolean finish(EventOutcome.@Nullable Deferred trouble) {
      EventOutcome.Deferred reason =
          trouble == null ? EventOutcome.deferred("Splunk was not asked yet") : trouble;
      boolean deferred = false;
      for (int i = 0; i < known.length; i++) {
        if (!known[i]) {
          outcomes.set(i, reason);
        }
        deferred |= outcomes.get(i) instanceof EventOutcome.Deferred;
      }
      return deferred;
    }

    private void settle(Span span, EventOutcome outcome) {
      for (int i = span.from(); i < span.to(); i++) {
        outcomes.set(i, outcome);
        known[i] = true;
      }
    }

    private long bytes(Span span) {
      long bytes = 0;
      for (int i = span.from(); i < span.to(); i++) {
        bytes += envelopes.get(i).length;
      }
      return bytes;
    }

    private byte[] body(Span span) {
      ByteArrayOutputStream body = new ByteArrayOutputStream(Math.toIntExact(bytes(span)));
      for (int i = span.from(); i < span.to(); i++) {
        body.writeBytes(envelopes.get(i));
      }
      return body.toByteArray();
    }
  }

  @Override
  public void close() {
    // The JDK's client holds no resource that outlives its last reference.
  }
}
